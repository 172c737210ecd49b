"""The rules of matching: `pair` who may be offered to whom, `points` and `shortlist` in which order and why, `moves` a match's life."""
