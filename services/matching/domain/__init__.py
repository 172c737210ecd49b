"""The rules of matching: `pair` who may be offered, `points` and `shortlist` in which order and why, `moves` what then."""
