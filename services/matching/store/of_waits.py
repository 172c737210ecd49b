"""The questions asked of people who wait."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.matching.store.one_row import one
from services.matching.store.tables import waits


def _waiting_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    return query if scope.reach == "network" else query.where(waits.c.person_id == (scope.own_id or ""))


def people_waiting(scope: Scope, unit: Unit, states: Iterable[str]) -> Sequence[Any]:
    """People at one of these states, longest wait first."""
    query = _waiting_within(scope, sa.select(waits)).where(waits.c.state.in_(list(states)))
    return unit.connection.execute(query.order_by(waits.c.received_at, waits.c.referral_id)).all()


@functools.cache
def _one_wait(reach: str, to_change: bool) -> sa.Select[Any]:
    query = sa.select(waits).where(waits.c.referral_id == sa.bindparam("of"))
    if reach != "network":
        query = query.where(waits.c.person_id == sa.bindparam("own"))
    return query.with_for_update() if to_change else query


def one_waiting(scope: Scope, unit: Unit, referral_id: str, *, to_change: bool = False) -> Any:
    """One person's wait by their referral; NotFound when not there or not within reach."""
    return one(unit, _one_wait(scope.reach, to_change), of=referral_id, own=scope.own_id or "")


def referrals_of(scope: Scope, unit: Unit, person_id: str) -> list[str]:
    """The ids of a person's referrals known here."""
    query = _waiting_within(scope, sa.select(waits.c.referral_id)).where(waits.c.person_id == person_id)
    return list(unit.connection.execute(query.order_by(waits.c.received_at)).scalars())


def count_waiting(scope: Scope, unit: Unit) -> dict[str, int]:
    """How many people stand at each state."""
    query = _waiting_within(scope, sa.select(waits.c.state, sa.func.count())).group_by(waits.c.state)
    return {state: count for state, count in unit.connection.execute(query)}
