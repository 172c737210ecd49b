"""What is set aside: facts that wait for others, streams parked until a person looks, and things that are no fact."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.events.arrival import Arrived, Odd
from chassis.events.envelope import Envelope, Place
from chassis.events.these import bound, statements
from chassis.rows import insert_or_ignore
from chassis.tables import asked_of, given_up, inbox, parked, unreadable, waiting

# Waiting facts taken up in one transaction at most.
BATCH = 500
# More parked streams than this share of all, and more than this count, stop the consumer (events.md, Parked).
PARKED_SHARE_LIMIT = 0.10
PARKED_COUNT_LIMIT = 20
# Why a stream is parked whose owner gave one number to two facts.
FORKED = "HistoryForked"
# How an asking for another try ended for a stream that was taken out of parking (chassis/events/settling.py).
TRIED_AGAIN = "tried_again"
_OF: sa.BindParameter[str] = sa.bindparam("of")
_STREAMS: sa.BindParameter[list[str]] = sa.bindparam("streams", expanding=True)
_STOP = sa.delete(waiting).where(
    waiting.c.consumer == _OF,
    waiting.c.stream == sa.bindparam("on"),
    waiting.c.number == sa.bindparam("at"),
    waiting.c.fact_id == sa.bindparam("by"),
)
# The streams of which as much is applied as somebody waits for at least: from an index alone, however much is piled up.
_REACHED = sa.text("""
    SELECT least.needs_stream FROM (
        SELECT needs_stream, MIN(needs_number) AS number FROM waiting
        WHERE consumer = :of AND needs_stream IS NOT NULL GROUP BY needs_stream
    ) AS least CROSS JOIN inbox
    WHERE inbox.consumer = :of AND inbox.stream = least.needs_stream AND inbox.number >= least.number
""")
# The streams, none of them parked, whose kept facts need nothing more of these.
_READY = statements("""
    SELECT DISTINCT waiting.stream FROM {rows}
    JOIN waiting ON waiting.consumer = :of AND waiting.needs_stream = these.value
    JOIN inbox ON inbox.consumer = :of AND inbox.stream = these.value AND inbox.number >= waiting.needs_number
    LEFT JOIN parked ON parked.consumer = :of AND parked.stream = waiting.stream
    WHERE parked.stream IS NULL
    LIMIT :most
""")
# First facts that were let go again; they wait for nothing.
_READY_AT_FIRST = sa.text("""
    SELECT waiting.stream FROM waiting
    LEFT JOIN parked ON parked.consumer = waiting.consumer AND parked.stream = waiting.stream
    WHERE waiting.consumer = :of AND waiting.needs_stream IS NULL AND parked.stream IS NULL
    LIMIT :most
""")
_AMONG = statements("""
    SELECT these.value FROM {rows}
    WHERE EXISTS (SELECT 1 FROM waiting WHERE waiting.consumer = :of AND waiting.stream = these.value)
""")
_KEPT = (
    sa.select(waiting)
    .where(waiting.c.consumer == _OF, waiting.c.stream.in_(_STREAMS))
    .order_by(waiting.c.stream, waiting.c.number)
    .limit(BATCH)
)
_ANY = (
    sa.select(waiting.c.stream)
    .where(waiting.c.consumer == _OF)
    .union_all(sa.select(parked.c.stream).where(parked.c.consumer == _OF))
    .limit(1)
)
_TRIES = (
    sa.select(sa.func.count())
    .select_from(asked_of)
    .where(
        asked_of.c.stream == sa.bindparam("on"),
        asked_of.c.number == sa.bindparam("at"),
        asked_of.c.fact_id == sa.bindparam("by"),
        asked_of.c.outcome == TRIED_AGAIN,
    )
)
_GIVEN_UP = sa.select(given_up.c.number).where(
    given_up.c.consumer == _OF,
    given_up.c.stream == sa.bindparam("on"),
    given_up.c.number == sa.bindparam("at"),
    given_up.c.fact_id == sa.bindparam("by"),
)
_PARKED = sa.select(parked.c.stream).where(parked.c.consumer == _OF)
_STUCK = sa.select(sa.func.count()).select_from(parked).where(parked.c.consumer == _OF)
_KNOWN = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.consumer == _OF)
_UNREADABLE = (unreadable.c.consumer == _OF, unreadable.c.asking_id.is_(None))
_NOW_KEPT = sa.select(
    sa.select(sa.func.min(waiting.c.since)).where(waiting.c.consumer == _OF).scalar_subquery(),
    sa.select(sa.func.min(parked.c.since)).where(parked.c.consumer == _OF).scalar_subquery(),
    _STUCK.scalar_subquery(),
    _STUCK.where(parked.c.is_urgent).scalar_subquery(),
    sa.select(sa.func.count()).select_from(unreadable).where(*_UNREADABLE).scalar_subquery(),
)


@dataclass(frozen=True)
class Kept:
    """What a consumer keeps now: ages in seconds (0 when there is nothing), and counts."""

    waiting_seconds: float
    parked_seconds: float
    parked: int
    urgent: int
    unreadable: int


def keep_waiting(
    connection: sa.Connection, consumer: str, arrived: Arrived, needs: Place | None, now: datetime
) -> bool:
    """Keeps a fact that cannot be applied yet; `needs` is the place it waits for from now on.

    False when another fact is kept under the same number: the stream's history forked.
    """
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
        return True
    again = sa.update(waiting).where(
        waiting.c.consumer == consumer, waiting.c.stream == found.stream, waiting.c.number == found.number,
        waiting.c.fact_id == found.id,
    )  # fmt: skip
    needed = {"needs_stream": row["needs_stream"], "needs_number": row["needs_number"]}
    return connection.execute(again.values(needed)).rowcount == 1


def stop_waiting(connection: sa.Connection, consumer: str, settled: Iterable[Envelope]) -> None:
    """Lets go of facts that were kept waiting; nothing happens to those that were not."""
    rows = [{"of": consumer, "on": one.stream, "at": one.number, "by": one.id} for one in settled]
    if rows:
        connection.execute(_STOP, rows)


def ready(connection: sa.Connection, consumer: str, moved: Collection[str] | None = None) -> Sequence[Any]:
    """Kept facts whose needs are met, with those behind them, in order; none of a parked stream.

    With `moved` only what waited for those streams is looked at: a batch need not ask about all that is piled up.
    """
    asked = {"of": consumer, "most": BATCH}
    streams: set[str] = set()
    if moved is None:
        moved = connection.execute(_REACHED, {"of": consumer}).scalars().all()
        streams = set(connection.execute(_READY_AT_FIRST, asked).scalars())
    if moved:
        asked["these"] = bound(connection, list(moved))
        streams |= set(connection.execute(_READY[connection.dialect.name], asked).scalars())
    return connection.execute(_KEPT, {"of": consumer, "streams": list(streams)}).all() if streams else []


def kept_among(connection: sa.Connection, consumer: str, streams: Collection[str]) -> set[str]:
    """Those of the streams of which any fact is kept; a parked one is among them."""
    asked = {"of": consumer, "these": bound(connection, list(streams))}
    return set(connection.execute(_AMONG[connection.dialect.name], asked).scalars())


def any_waits(connection: sa.Connection, consumer: str) -> bool:
    """Whether any fact waits, ready or not, or any stream is parked."""
    return connection.execute(_ANY, {"of": consumer}).first() is not None


def park(connection: sa.Connection, consumer: str, arrived: Arrived, reason: str, detail: str, now: datetime) -> bool:
    """Sets a stream aside at this fact, which is kept; true when it was not parked before.

    What is urgent and restricts nobody stands on a stream of its own and fences nothing (events.md, brakes).
    """
    found = arrived.envelope
    this_one = {"on": found.stream, "at": found.number, "by": found.id}
    keep_waiting(connection, consumer, arrived, found.before, now)
    row = {
        "consumer": consumer,
        "stream": found.stream,
        "number": found.number,
        "fact_id": found.id,
        "type": found.type,
        "subject": found.subject,
        "is_urgent": arrived.is_urgent,
        "fences": found.brake is not None or not arrived.is_urgent,
        "reason": reason,
        "detail": detail,
        "attempts": 1 + int(connection.execute(_TRIES, this_one).scalar_one()),
        "since": now,
    }
    return insert_or_ignore(connection, parked, [row]) == 1


def parked_among(connection: sa.Connection, consumer: str, streams: Iterable[str]) -> set[str]:
    """Those of the streams that are parked."""
    return set(connection.execute(_PARKED, {"of": consumer}).scalars()) & set(streams)


def is_given_up(connection: sa.Connection, consumer: str, found: Envelope) -> bool:
    """Whether two people gave up just this fact; come again it parks nothing."""
    this_one = {"of": consumer, "on": found.stream, "at": found.number, "by": found.id}
    return connection.execute(_GIVEN_UP, this_one).first() is not None


def release(connection: sa.Connection, consumer: str, stream: str) -> bool:
    """Takes a mended stream out of parking: its kept facts are tried again in order. True when it was parked."""
    done = connection.execute(sa.delete(parked).where(parked.c.consumer == consumer, parked.c.stream == stream))
    return done.rowcount == 1


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
        "asking_id": None,
    }
    return insert_or_ignore(connection, unreadable, [row]) == 1


def kept(connection: sa.Connection, consumer: str, now: datetime) -> Kept:
    """What waits, is parked, or could not be read and was not put away."""
    waits, stands, streams, urgent, odd = connection.execute(_NOW_KEPT, {"of": consumer}).one()
    return Kept(_age(waits, now), _age(stands, now), int(streams), int(urgent), int(odd))


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0


def too_much(connection: sa.Connection, consumer: str) -> int:
    """How many streams are parked when that is more than a consumer may go on with, else 0 (events.md, Parked)."""
    stuck = int(connection.execute(_STUCK, {"of": consumer}).scalar_one())
    if stuck <= PARKED_COUNT_LIMIT:
        return 0
    known = int(connection.execute(_KNOWN, {"of": consumer}).scalar_one())
    return stuck if stuck > known * PARKED_SHARE_LIMIT else 0
