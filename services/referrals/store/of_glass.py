"""Openings of what keeps a person safe by somebody who does not work with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.errors import NotFound
from chassis.unit import Unit

from .tables import glasses


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    query = told.heeded(scope, query, glasses.c.person_id, shows_forgotten=True)
    return query if scope.reach == "network" else query.where(glasses.c.account_id == scope.who.id)


def glass_open(scope: Scope, unit: Unit, person_id: str) -> Any | None:
    """The opening of whoever asks that still goes on, or None."""
    mine = (glasses.c.account_id == scope.who.id, glasses.c.person_id == person_id)
    goes_on = (glasses.c.ended_at.is_(None), glasses.c.ends_at > unit.now)
    return unit.connection.execute(_within(scope, sa.select(glasses).where(*mine, *goes_on))).first()


def glasses_unseen(scope: Scope, unit: Unit, limit: int = 200) -> Sequence[Any]:
    """The openings nobody has seen to, the oldest first."""
    query = _within(scope, sa.select(glasses).where(glasses.c.state == "open")).order_by(glasses.c.broken_at)
    return unit.connection.execute(query.limit(limit)).all()


def glass(scope: Scope, unit: Unit, glass_id: str) -> Any:
    """One opening; NotFound when it is not there or not theirs to see."""
    row = unit.connection.execute(_within(scope, sa.select(glasses).where(glasses.c.glass_id == glass_id))).first()
    if row is None:
        raise NotFound()
    return row


def add_glass(unit: Unit, row: Mapping[str, Any]) -> None:
    """Keeps an opening."""
    unit.connection.execute(sa.insert(glasses), dict(row))


def change_glass(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes an opening that still stands where it was read; false when somebody was faster."""
    same = (glasses.c.glass_id == row.glass_id, glasses.c.state == row.state, glasses.c.ended_at.is_not_distinct_from(
        row.ended_at
    ))  # fmt: skip
    return unit.connection.execute(sa.update(glasses).where(*same).values(**columns)).rowcount == 1
