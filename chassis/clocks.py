"""Clocks are rows: whoever claims one acts, and a clock that fires twice acts once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.crashpoints import hit
from chassis.rows import insert_or_ignore
from chassis.tables import clocks
from chassis.unit import Unit

_OF_A_KIND = (clocks.c.kind == sa.bindparam("of"), clocks.c.state == "set")
_WHOSE = clocks.c.subject == sa.bindparam("whose")
_SET_ONE = sa.update(clocks).where(*_OF_A_KIND, _WHOSE, clocks.c.number == sa.bindparam("which"))
_MOVE = _SET_ONE.values(due_at=sa.bindparam("to"))
_FIRE = _SET_ONE.values(state="done")
_STOP = sa.update(clocks).where(*_OF_A_KIND, _WHOSE).values(state="stopped")
_DUE = sa.select(clocks).where(*_OF_A_KIND, clocks.c.due_at <= sa.bindparam("now")).order_by(clocks.c.due_at)


def claim(unit: Unit, kind: str, subject: str, number: int = 1) -> bool:
    """Claims a clock that was never set beforehand; true for the one who may act, false ever after."""
    row = {"kind": kind, "subject": subject, "number": number, "due_at": unit.now, "state": "done"}
    return insert_or_ignore(unit.connection, clocks, [row]) == 1


def start(unit: Unit, kind: str, subject: str, due_at: datetime, number: int = 1) -> None:
    """Sets a clock; setting the same one again moves it while it has not fired."""
    row = {"kind": kind, "subject": subject, "number": number, "due_at": due_at, "state": "set"}
    if not insert_or_ignore(unit.connection, clocks, [row]):
        unit.connection.execute(_MOVE, {"of": kind, "whose": subject, "which": number, "to": due_at})


def stop(unit: Unit, kind: str, subject: str) -> None:
    """Stops every clock of this kind for a subject."""
    unit.connection.execute(_STOP, {"of": kind, "whose": subject})


def due(scope: Scope, unit: Unit, kind: str) -> Sequence[Any]:
    """The clocks of a kind that ran out and nobody has acted on."""
    return unit.connection.execute(_DUE, {"of": kind, "now": unit.now}).all()


def fire(unit: Unit, clock: Any) -> bool:
    """Claims a clock that ran out, by compare-and-set; true for the one who acts."""
    same = {"of": clock.kind, "whose": clock.subject, "which": clock.number}
    hit("clock.before_claim")
    is_ours = unit.connection.execute(_FIRE, same).rowcount == 1
    hit("clock.after_claim")
    return is_ours
