"""What was heard: the facts of one referral in order, how many of each kind, and how far each room was heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import tables
from chassis.access import Scope
from chassis.columns import Moment
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .of_people import journey
from .tables import counts, timeline

# Run for every fact there is, so it is one statement as text that both databases read alike.
_COUNT = sa.text(
    """
    INSERT INTO counts (type, count, last_at) VALUES (:type, 1, :at)
    ON CONFLICT (type) DO UPDATE SET
        count = counts.count + 1,
        last_at = CASE WHEN counts.last_at < excluded.last_at THEN excluded.last_at ELSE counts.last_at END
    """
).bindparams(sa.bindparam("at", type_=Moment))


def timeline_of(scope: Scope, unit: Unit, referral_id: str) -> Sequence[Any]:
    """The facts of one referral, and of its person's consent, in the order they were stated; NotFound out of reach."""
    row = journey(scope, unit, referral_id)
    of_consent = sa.and_(timeline.c.person_id == row.person_id, timeline.c.referral_id.is_(None))
    query = sa.select(timeline).where(sa.or_(timeline.c.referral_id == referral_id, of_consent))
    return unit.connection.execute(query.order_by(timeline.c.happened_at, timeline.c.heard)).all()


def counts_heard(scope: Scope, unit: Unit, private_types: Iterable[str]) -> Mapping[str, Any]:
    """How many of each kind of fact were heard and when the newest was stated.

    A scope narrower than the network leaves out `private_types`, which tell of one human being.
    """
    query = sa.select(counts)
    if scope.reach != "network":
        query = query.where(counts.c.type.not_in(list(private_types)))
    return {row.type: row for row in unit.connection.execute(query)}


def count_of(scope: Scope, unit: Unit, type_: str) -> int:
    """How many facts of one kind were heard; only across the whole network."""
    if scope.reach != "network":
        raise NotFound()
    return unit.connection.execute(sa.select(counts.c.count).where(counts.c.type == type_)).scalar() or 0


def heard_until(scope: Scope, unit: Unit) -> Mapping[str, datetime]:
    """When the newest fact heard from each topic was stated; only across the whole network."""
    if scope.reach != "network":
        raise NotFound()
    positions = tables.positions
    query = sa.select(positions.c.topic, sa.func.max(positions.c.last_stated_at, type_=positions.c.last_stated_at.type))
    query = query.where(positions.c.consumer == unit.service).group_by(positions.c.topic)
    return {topic: at for topic, at in unit.connection.execute(query) if at}


def keep_in_timeline(unit: Unit, **row: Any) -> None:
    """Keeps one fact of a timeline; the same fact again adds nothing."""
    insert_or_ignore(unit.connection, timeline, [row])


def count_one(unit: Unit, type_: str, stated_at: datetime) -> None:
    """Counts one fact of a kind."""
    unit.connection.execute(_COUNT, {"type": type_, "at": stated_at})
