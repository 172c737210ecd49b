"""What a service is put together from: what its room hands in, and what services of one process share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint
from joserfc.jwk import OKPKey

from chassis.access import Rules
from chassis.audit.telling import AuditFacts
from chassis.clock import Clock, SystemClock
from chassis.events.bus import Bus
from chassis.events.lag import Lag
from chassis.events.projections import Projection
from chassis.held import HeldOn
from chassis.ids import NamedIds, RandomIds
from chassis.keys import Keys
from chassis.unit import Unit
from chassis.watch import Watch
from chassis.web.waiting import Waits

# A room's reactions take their own fact's class; Any stands for it here.
Reaction = Callable[..., None]
Routine = Callable[[Unit], int]
# What is done because time passed and no one transaction holds, such as work on the key store; it takes the service.
Chore = Callable[[Any], int]
PARTITIONS = 4


class Beside(Protocol):
    """Work of a room's own that runs beside a role, in a thread of its own."""

    def run(self, stopping: threading.Event) -> None:
        """Works until stopped."""
        ...

    def close(self) -> None:
        """Gives back what it held."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a room hands to the chassis; everything of the network's own words comes in here."""

    name: str
    purpose: str
    folder: Path
    says: tuple[type, ...]
    reactions: Mapping[type, Reaction]
    routines: Mapping[str, Routine]
    api: tuple[Any, ...]
    pages: tuple[Blueprint, ...]
    policy: type
    rules: Rules
    opens: Mapping[str, frozenset[str]]
    seals: Mapping[str, frozenset[str]]
    rooms: tuple[str, ...]
    navigation: tuple[tuple[str, str, str], ...] = ()
    chores: Mapping[str, Chore] = field(default_factory=dict)
    # The tables made of what was heard and of nothing else.
    projections: tuple[Projection, ...] = ()
    # What a brake of a kind does to whoever knocks (chassis/entry.py); or how this room knows it by itself.
    holds: Mapping[str, str] = field(default_factory=dict)
    held_on: HeldOn | None = None
    # Actions that are taken also while this room does not know the newest about people's rights.
    must_not_wait: frozenset[str] = frozenset()
    # The owner whose signals say who may still come in; empty for that owner itself.
    lets_in: str = ""
    # Unique keys of guarded tables that hold over all partners on purpose, by table and columns, and why.
    over_all: Mapping[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    # Whether this room may destroy the keys of whoever is forgotten.
    forgets: bool = False
    # What lets go again of people who are known to be forgotten and of whom this room, an older copy, keeps something.
    forgets_again: Routine | None = None
    # What the audit trail tells on: whose record was seen, and the head of the chain.
    audit_facts: AuditFacts | None = None
    shape_problem: Callable[[int, str, str, list[dict[str, str]]], Any] | None = None

    def topics(self) -> tuple[str, ...]:
        """The owners whose facts this room hears; a fact any room may state is heard from all but itself."""
        owners: set[str] = set()
        for heard in self.reactions:
            owner = heard.FACT.owner  # type: ignore[attr-defined]
            owners |= set(self.rooms) if owner == "any" else {owner}
        return tuple(sorted(owners - {self.name}))


@dataclass(frozen=True)
class Shared:
    """What services of one process share: the carrier, the key store, the clock and the source of ids."""

    bus: Bus
    keys: Keys
    clock: Clock = field(default_factory=SystemClock)
    ids: NamedIds = field(default_factory=RandomIds)
    waits: Waits = field(default_factory=Waits)
    # Public keys of passes that every room of this process believes without being told.
    pass_keys: dict[str, OKPKey] = field(default_factory=dict)
    # What stands for hearing the room that lets people in; a house played through under a hand clock needs no hearing.
    watch: Watch | None = None
    # How far each service of this process is behind what it hears, as it says itself.
    lags: dict[str, Callable[[], list[Lag]]] = field(default_factory=dict)
