"""What home does: `hearing` keeps what was said, `listing` and `recounting` show it, `greeting` is the demo."""
