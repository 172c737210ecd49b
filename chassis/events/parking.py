"""What is set aside: facts that wait for others, streams parked until a person looks, and things that are no fact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.database import insert_or_ignore
from chassis.events.arrival import Arrived, Odd
from chassis.events.envelope import Place
from chassis.tables import inbox, parked, unreadable, waiting
from chassis.unit import Unit

# Waiting facts taken up in one transaction at most.
BATCH = 500
_OF: sa.BindParameter[str] = sa.bindparam("of")
_STOP = sa.delete(waiting).where(
    waiting.c.consumer == _OF, waiting.c.stream == sa.bindparam("on"), waiting.c.number == sa.bindparam("at")
)
_READY = (
    sa.select(waiting)
    .outerjoin(
        inbox,
        sa.and_(
            inbox.c.consumer == waiting.c.consumer,
            inbox.c.stream == waiting.c.needs_stream,
            inbox.c.number >= waiting.c.needs_number,
        ),
    )
    .outerjoin(parked, sa.and_(parked.c.consumer == waiting.c.consumer, parked.c.stream == waiting.c.stream))
    .where(
        waiting.c.consumer == _OF,
        parked.c.stream.is_(None),
        sa.or_(waiting.c.needs_stream.is_(None), inbox.c.number.is_not(None)),
    )
    .order_by(waiting.c.stream, waiting.c.number)
    .limit(BATCH)
)
_ANY = sa.select(waiting.c.stream).where(waiting.c.consumer == _OF).limit(1)
_PARKED = sa.select(parked.c.stream).where(parked.c.consumer == _OF)
_OLDEST = sa.select(
    sa.select(sa.func.min(waiting.c.since)).where(waiting.c.consumer == _OF).scalar_subquery(),
    sa.select(sa.func.min(parked.c.since)).where(parked.c.consumer == _OF).scalar_subquery(),
)


def keep_waiting(
    connection: sa.Connection, consumer: str, arrived: Arrived, needs: Place | None, now: datetime
) -> None:
    """Keeps a fact that cannot be applied yet; `needs` is the place it waits for from now on."""
    found = arrived.envelope
    row = {
        "consumer": consumer,
        "stream": found.stream,
        "number": found.number,
        "fact_id": found.id,
        "topic": arrived.topic,
        "headers": json.dumps(dict(arrived.texts)),
        "body": arrived.value,
        "needs_stream": needs.stream if needs else None,
        "needs_number": needs.number if needs else None,
        "since": now,
    }
    if insert_or_ignore(connection, waiting, [row]):
        return
    connection.execute(
        sa.update(waiting)
        .where(*_this(consumer, found.stream, found.number))
        .values(needs_stream=row["needs_stream"], needs_number=row["needs_number"])
    )


def stop_waiting(connection: sa.Connection, consumer: str, settled: Iterable[Place]) -> None:
    """Lets go of facts that were kept waiting; nothing happens to those that were not."""
    rows = [{"of": consumer, "on": place.stream, "at": place.number} for place in settled]
    if rows:
        connection.execute(_STOP, rows)


def _this(consumer: str, stream: str, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return waiting.c.consumer == consumer, waiting.c.stream == stream, waiting.c.number == number


def ready(connection: sa.Connection, consumer: str) -> Sequence[Any]:
    """Kept facts whose needs are met and whose stream is not parked, in order."""
    return connection.execute(_READY, {"of": consumer}).all()


def any_waits(connection: sa.Connection, consumer: str) -> bool:
    """Whether any fact waits, ready or not."""
    return connection.execute(_ANY, {"of": consumer}).first() is not None


def park(connection: sa.Connection, consumer: str, arrived: Arrived, reason: str, detail: str, now: datetime) -> bool:
    """Sets a stream aside at this fact, which is kept; true when it was not parked before."""
    found = arrived.envelope
    keep_waiting(connection, consumer, arrived, found.before, now)
    row = {
        "consumer": consumer,
        "stream": found.stream,
        "number": found.number,
        "fact_id": found.id,
        "subject": found.subject,
        "reason": reason,
        "detail": detail,
        "attempts": 1,
        "since": now,
    }
    return insert_or_ignore(connection, parked, [row]) == 1


def parked_among(connection: sa.Connection, consumer: str, streams: Iterable[str]) -> set[str]:
    """Those of the streams that are parked."""
    return set(connection.execute(_PARKED, {"of": consumer}).scalars()) & set(streams)


def release(connection: sa.Connection, consumer: str, stream: str) -> bool:
    """Takes a mended stream out of parking: its kept facts are tried again in order. True when it was parked."""
    done = connection.execute(sa.delete(parked).where(parked.c.consumer == consumer, parked.c.stream == stream))
    return done.rowcount == 1


def listed(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The parked streams of a service with cause and age, oldest first; for whoever may look at the whole network."""
    if scope.reach != "network":
        return []
    columns = (parked.c.stream, parked.c.number, parked.c.reason, parked.c.detail, parked.c.attempts, parked.c.since)
    return unit.connection.execute(sa.select(*columns).order_by(parked.c.since)).all()


def keep_odd(connection: sa.Connection, consumer: str, odd: Odd, now: datetime) -> bool:
    """Keeps raw what is no fact, by where it stood; true when it was not kept before."""
    record = odd.record
    row = {
        "consumer": consumer,
        "topic": record.topic,
        "partition": record.partition,
        "place": record.place,
        "reason": odd.reason,
        "headers": json.dumps([[name, (value or b"").decode("latin-1")] for name, value in record.headers]),
        "body": record.value,
        "since": now,
    }
    return insert_or_ignore(connection, unreadable, [row]) == 1


def oldest(connection: sa.Connection, consumer: str) -> tuple[datetime | None, datetime | None]:
    """Since when the oldest fact waits and the oldest stream is parked."""
    row = connection.execute(_OLDEST, {"of": consumer}).one()
    return row[0], row[1]


def share(connection: sa.Connection, consumer: str) -> tuple[int, int]:
    """How many streams are parked, and how many there are."""
    stuck = sa.select(sa.func.count()).select_from(parked).where(parked.c.consumer == consumer).scalar_subquery()
    known = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.consumer == consumer).scalar_subquery()
    row = connection.execute(sa.select(stuck, known)).one()
    return int(row[0]), int(row[1])
