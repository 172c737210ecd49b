"""Clocks are rows: whoever claims one acts, and a clock that fires twice acts once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.database import insert_or_ignore
from chassis.tables import clocks
from chassis.unit import Unit


def claim(unit: Unit, kind: str, subject: str, number: int = 1) -> bool:
    """Claims a clock that was never set beforehand; true for the one who may act, false ever after."""
    row = {"kind": kind, "subject": subject, "number": number, "due_at": unit.now, "state": "done"}
    return insert_or_ignore(unit.connection, clocks, [row]) == 1


def start(unit: Unit, kind: str, subject: str, due_at: datetime, number: int = 1) -> None:
    """Sets a clock; setting the same one again moves it while it has not fired."""
    row = {"kind": kind, "subject": subject, "number": number, "due_at": due_at, "state": "set"}
    if not insert_or_ignore(unit.connection, clocks, [row]):
        same = (clocks.c.kind == kind, clocks.c.subject == subject, clocks.c.number == number)
        unit.connection.execute(sa.update(clocks).where(*same, clocks.c.state == "set").values(due_at=due_at))


def stop(unit: Unit, kind: str, subject: str) -> None:
    """Stops every clock of this kind for a subject."""
    same = (clocks.c.kind == kind, clocks.c.subject == subject, clocks.c.state == "set")
    unit.connection.execute(sa.update(clocks).where(*same).values(state="stopped"))


def due(scope: Scope, unit: Unit, kind: str) -> Sequence[Any]:
    """The clocks of a kind that ran out and nobody has acted on."""
    query = sa.select(clocks).where(clocks.c.kind == kind, clocks.c.state == "set", clocks.c.due_at <= unit.now)
    return unit.connection.execute(query.order_by(clocks.c.due_at)).all()


def fire(unit: Unit, clock: Any) -> bool:
    """Claims a clock that ran out, by compare-and-set; true for the one who acts."""
    same = (clocks.c.kind == clock.kind, clocks.c.subject == clock.subject, clocks.c.number == clock.number)
    done = unit.connection.execute(sa.update(clocks).where(*same, clocks.c.state == "set").values(state="done"))
    return done.rowcount == 1
