"""Shapes of what home is asked and of what it shows: whom to be, what a fact is made of, and who is how far behind."""

from __future__ import annotations

from .behind import Behind, rooms_behind
from .facts import FactShown, fact_shown, facts_shown, sample_shown
from .network import asyncapi

__all__ = [
    "Behind",
    "FactShown",
    "asyncapi",
    "fact_shown",
    "facts_shown",
    "rooms_behind",
    "sample_shown",
]
