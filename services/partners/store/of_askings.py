"""What one person asked and another settles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .of_organisations import within
from .tables import second_askings


def add_asking(unit: Unit, **row: Any) -> bool:
    """Adds what somebody asks; false when an asking about the same is open."""
    nothing = {"settled_by": None, "settled_at": None}
    return insert_or_ignore(unit.connection, second_askings, [{**nothing, **row}]) == 1


def asking(scope: Scope, unit: Unit, partner_id: str, asking_id: str) -> Any:
    """One asking at a partner; NotFound when it is not there or not within reach."""
    same = (second_askings.c.partner_id == partner_id, second_askings.c.asking_id == asking_id)
    row = unit.connection.execute(within(scope, sa.select(second_askings), second_askings).where(*same)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def askings_open(scope: Scope, unit: Unit, state: str, partner_id: str | None = None) -> Sequence[Any]:
    """What is asked and not settled yet, of one partner or of all within reach, the oldest first."""
    query = within(scope, sa.select(second_askings), second_askings)
    query = query.where(second_askings.c.state == state, second_askings.c.ends_at > unit.now)
    if partner_id is not None:
        query = query.where(second_askings.c.partner_id == partner_id)
    return unit.connection.execute(query.order_by(second_askings.c.asked_at, second_askings.c.asking_id)).all()


def askings_over(scope: Scope, unit: Unit, state: str) -> Sequence[Any]:
    """What nobody settled in time."""
    over = (second_askings.c.state == state, second_askings.c.ends_at <= unit.now)
    return unit.connection.execute(within(scope, sa.select(second_askings), second_askings).where(*over)).all()


def change_asking(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes an asking that still stands where it was read; false when somebody was faster."""
    same = (
        second_askings.c.asking_id == row.asking_id,
        second_askings.c.partner_id == row.partner_id,
        second_askings.c.state == row.state,
    )
    return unit.connection.execute(sa.update(second_askings).where(*same).values(**columns)).rowcount == 1
