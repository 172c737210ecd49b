"""What can be done in supervision: `peers` come and go, `sessions`, `standing` and `concerns` go their way."""
