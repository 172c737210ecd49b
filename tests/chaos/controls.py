"""The positive controls: broken on purpose, each kind of wrong must be found, else the zeros of a run say nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.events.inbox import Inbox
from chassis.events.relay import Relay
from chassis.unit import Unit
from tests.chaos.board import Board
from tests.chaos.life import Life

_RUNS, _MOST_RUNS = 6, 40
# Acknowledged moves without which nothing could be missing of them.
_MOVES = 8
# The parts that are broken, as a child is told to break them.
Breaks = Callable[[Any], None]


def a_relay_that_forgets(services: Any) -> None:
    """Lets go of its references before the carrier has the facts, and loses some of those it had in hand."""
    real = Relay._publish

    def publish(self: Any, rows: Any) -> list[int]:
        if len(rows) > 1:
            real(self, rows[1:])
        return [row.id for row in rows]

    Relay._publish = publish  # type: ignore[method-assign]


def an_inbox_that_takes_all(services: Any) -> None:
    """Acts on whatever comes, as often and in whatever order it comes."""

    def take(self: Any, going: Any, arrived: Any) -> None:
        self._act(going, arrived)

    Inbox._take = take  # type: ignore[method-assign]


def an_audit_that_sleeps(services: Any) -> None:
    """Writes no audit row for what moves a thing."""
    real = Unit.note

    def note(self: Any, action: str, **rest: Any) -> None:
        if action != "thing.move":
            real(self, action, **rest)

    Unit.note = note  # type: ignore[method-assign]


def a_relay_that_rests(services: Any) -> None:
    """Sends nothing at all."""
    Relay.sweep = lambda self: 0  # type: ignore[method-assign]


# What is broken, what must be found then, and the longest to wait for things to come to rest (seconds).
CONTROLS: tuple[tuple[str, Breaks, tuple[str, ...], float], ...] = (
    ("a relay that forgets loses facts", a_relay_that_forgets, ("lost", "stuck"), 4.0),
    ("an inbox that takes all acts twice", an_inbox_that_takes_all, ("twice",), 4.0),
    ("an inbox that takes all acts out of order", an_inbox_that_takes_all, ("out of order",), 4.0),
    ("an audit that sleeps leaves changes unaudited", an_audit_that_sleeps, ("unaudited",), 4.0),
    ("a relay that rests leaves facts stuck", a_relay_that_rests, ("stuck",), 2.0),
)


def embedded(seed: int) -> dict[str, bool]:
    """Breaks the embedded house in each way; says of each whether the oracle found it."""
    from tests.chaos.embedded import POINTS, a_life, a_small_disk

    found = {}
    for name, breaks, expected, patience in CONTROLS:
        with a_small_disk() as (folder, _):
            life = a_life(folder, Board(POINTS), f"control/{seed}", patience)
            found[name] = is_found(life, breaks, expected)
    return found


def is_found(life: Life, breaks: Breaks, expected: tuple[str, ...]) -> bool:
    """Has a broken house live a little, and says whether what must be found is."""
    life.crew.broken = breaks
    doors = [kind.name for kind in life.crew.kinds()]
    try:
        for number in range(_MOST_RUNS):
            life.work(0.4)
            if number >= _RUNS and life.outside.moves_acknowledged() >= _MOVES:
                break
            life.crew.kill(doors[number % len(doors)])
        told = life.judge()
    finally:
        life.close()
    return any(told["counts"][wrong] for wrong in expected)
