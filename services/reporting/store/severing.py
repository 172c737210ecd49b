"""How somebody forgotten is severed from what was counted of them: the rows stay, and nothing ties them to anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.reporting.store.tables import events_counted, pairs, severed

_FORGOTTEN = sa.select(pairs).where(pairs.c.referral_id == sa.bindparam("of"), pairs.c.forgotten_at.is_not(None))


def forget_pairs(unit: Unit, person_id: str, at: datetime) -> None:
    """Marks the referrals of somebody forgotten."""
    theirs = sa.update(pairs).where(pairs.c.person_id == person_id, pairs.c.forgotten_at.is_(None))
    unit.connection.execute(theirs.values(forgotten_at=at))


def forgotten_pair(scope: Scope, unit: Unit, referral_id: str) -> Any | None:
    """The pair of a referral whose person is forgotten; None for every other referral. Nobody's own."""
    return unit.connection.execute(_FORGOTTEN, {"of": referral_id}).one_or_none() if scope.reach == "network" else None


def forgotten_pairs(scope: Scope, unit: Unit, *, person_id: str = "", before: datetime | None = None) -> Sequence[Any]:
    """The pairs still there of somebody forgotten, or of everybody forgotten before a moment."""
    query = sa.select(pairs).where(pairs.c.forgotten_at.is_not(None))
    if scope.reach != "network":
        return []
    if person_id:
        query = query.where(pairs.c.person_id == person_id)
    if before:
        query = query.where(pairs.c.forgotten_at <= before)
    return unit.connection.execute(query.order_by(pairs.c.referral_id)).all()


def rows_of(scope: Scope, unit: Unit, referral_id: str) -> Sequence[Any]:
    """What was counted of one referral, and of its matches and supports."""
    if scope.reach != "network":
        return []
    own = unit.connection.execute(sa.select(events_counted).where(events_counted.c.referral_id == referral_id)).all()
    through = [
        (column, sorted({getattr(row, column.name) for row in own} - {None}))
        for column in (events_counted.c.match_id, events_counted.c.support_id)
    ]
    of_those = sa.or_(*(column.in_(ids) for column, ids in through))
    query = sa.select(events_counted).where(events_counted.c.referral_id.is_(None), of_those)
    return [*own, *unit.connection.execute(query).all()]


def replace(unit: Unit, referral_id: str, was: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts severed rows in the place of those counted under the facts `was`, and takes the referral's pair away."""
    fact_ids = list(was)
    unit.connection.execute(sa.delete(pairs).where(pairs.c.referral_id == referral_id))
    if not fact_ids:
        return
    unit.connection.execute(sa.delete(events_counted).where(events_counted.c.fact_id.in_(fact_ids)))
    unit.connection.execute(sa.insert(severed), [{"fact_id": fact_id} for fact_id in fact_ids])
    unit.connection.execute(sa.insert(events_counted), [dict(row) for row in rows])
