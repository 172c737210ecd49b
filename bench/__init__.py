"""Figures measured on this machine, each beside its bar or a peer's on the same work."""
