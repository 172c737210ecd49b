"""How screens open a sealed name, and read which page of a list is asked for."""

from __future__ import annotations

from flask import request

from chassis.errors import Park
from chassis.sealing import Ring


def called(ring: Ring, token: str | None) -> str:
    """What somebody wants to be called; nothing when they are forgotten or their name does not open."""
    if not token:
        return ""
    try:
        found = ring.open(token)
    except Park:
        return ""
    return str(found) if found else ""


def asked_page() -> int:
    """The page of a list that was asked for; the first for anything that is no number."""
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
