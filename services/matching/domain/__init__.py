"""The rules of matching: `pair` who may be offered, `points` and `shortlist` in which order, `moves` what follows."""
