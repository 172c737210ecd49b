"""Rooms that only state facts, in their owner's name: sealed and carried as usual, for a room that is tested alone."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from chassis.parts import Parts, Shared
from chassis.service import Service
from chassis.settings import Settings
from contracts.network import network

# What a referral says of safety when it names nobody and warns of nothing.
SAFE = {"conflicts": [], "note_code": "none"}


@dataclass(frozen=True)
class NoNumbers:
    """A teller runs on no numbers."""


def a_teller(name: str, settings: Settings, shared: Shared) -> Service:
    """A service of that name with nothing of its own: no table, no door, no reaction."""
    parts = Parts(
        name=name, purpose="States facts for a test.", folder=Path(__file__).parent / "none", says=(), reactions={},
        routines={}, api=(), pages=(), policy=NoNumbers, over_all=over_all_of(name),
        **network(name),
    )  # fmt: skip
    return Service(parts, settings, shared)


def over_all_of(name: str) -> dict[tuple[str, tuple[str, ...]], str]:
    """The unique keys of a room that hold over all partners on purpose; its database may be there without it."""
    return dict(getattr(importlib.import_module(f"services.{name}.store"), "OVER_ALL", {}))


def tellers(*names: str) -> dict[str, Any]:
    """What opens each of these rooms as a teller, as `open_house` takes it."""
    return {name: partial(a_teller, name) for name in names}
