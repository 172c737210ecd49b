"""Notices other rooms asked for, and how each account is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .of_organisations import within
from .tables import notices, reaches

_NOTHING = {
    "channel": None, "tried": "", "tries": 0, "turn": 1, "code": None, "settled_how": None, "settled_at": None,
    "settled_by": None,
}  # fmt: skip


def add_notice(unit: Unit, **row: Any) -> bool:
    """Adds a notice; false when it was asked for before."""
    return insert_or_ignore(unit.connection, notices, [{**_NOTHING, **row}]) == 1


def notice(scope: Scope, unit: Unit, notice_id: str) -> Any:
    """One notice; NotFound when it is not there or not within reach."""
    query = within(scope, sa.select(notices), notices).where(notices.c.notice_id == notice_id)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def change_notice(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes a notice that still stands where it was read; false when somebody was faster."""
    same = (
        notices.c.notice_id == row.notice_id,
        notices.c.partner_id.is_(None) if row.partner_id is None else notices.c.partner_id == row.partner_id,
        notices.c.state == row.state,
        notices.c.turn == row.turn,
        notices.c.settled_at.is_(None),
    )
    changed = sa.update(notices).where(*same).values(changed_at=unit.now, **columns)
    return unit.connection.execute(changed).rowcount == 1


def notices_for_somebody(scope: Scope, unit: Unit, states: Sequence[str], limit: int = 200) -> Sequence[Any]:
    """What did not arrive, or nobody knows, and nobody has seen to; the longest there first."""
    query = within(scope, sa.select(notices), notices)
    query = query.where(notices.c.state.in_(states), notices.c.settled_at.is_(None))
    return unit.connection.execute(query.order_by(notices.c.changed_at, notices.c.notice_id).limit(limit)).all()


def notices_newest(scope: Scope, unit: Unit, limit: int) -> Sequence[Any]:
    """The notices that moved last."""
    query = within(scope, sa.select(notices), notices).order_by(notices.c.changed_at.desc(), notices.c.notice_id)
    return unit.connection.execute(query.limit(limit)).all()


def count_notices(scope: Scope, unit: Unit) -> Mapping[str, int]:
    """How many notices stand in each state."""
    query = within(scope, sa.select(notices.c.state, sa.func.count()), notices).group_by(notices.c.state)
    return {state: count for state, count in unit.connection.execute(query)}


def reach_of(scope: Scope, unit: Unit, account_id: str) -> Any:
    """How somebody said they are reached, or None; whoever asks for their own sees their own alone."""
    if scope.reach not in {"network", "own"} or (scope.reach == "own" and scope.own_id != account_id):
        return None
    return unit.connection.execute(sa.select(reaches).where(reaches.c.account_id == account_id)).one_or_none()


def put_reach(unit: Unit, **row: Any) -> None:
    """Keeps how somebody is reached, in place of what was there."""
    unit.put(reaches, {**row, "changed_at": unit.now})
