"""Whose turn it is: the last number applied of each stream, moved by compare-and-set in the effect's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from chassis.errors import Retry
from chassis.events.these import bound, statements
from chassis.rows import insert_or_ignore
from chassis.tables import inbox

_LAST = statements("SELECT stream, number, fact_id FROM inbox WHERE consumer = :of AND stream {among}")
_MOVE_ONE = (
    sa.update(inbox)
    .where(
        inbox.c.consumer == sa.bindparam("of"),
        inbox.c.stream == sa.bindparam("on"),
        inbox.c.number == sa.bindparam("from"),
    )
    .values(number=sa.bindparam("to"), fact_id=sa.bindparam("by"))
)
# One statement for a whole batch: the rows that still stand where we found them move, new streams begin.
_MOVE = sa.text(
    """
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:streams AS text[]), CAST(:was AS bigint[]), CAST(:now AS bigint[]), CAST(:facts AS text[])
        ) AS t(stream, was, number, fact_id)
    ), moved AS (
        UPDATE inbox SET number = wanted.number, fact_id = wanted.fact_id FROM wanted
        WHERE inbox.consumer = :consumer AND inbox.stream = wanted.stream AND inbox.number = wanted.was
        RETURNING 1
    ), begun AS (
        INSERT INTO inbox (consumer, stream, number, fact_id)
        SELECT :consumer, stream, number, fact_id FROM wanted WHERE was = 0
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM moved) + (SELECT count(*) FROM begun)
    """
)


class LostRace(Retry):
    """Another member of the group was faster; what it applied is dropped here as a repeat when this is tried again."""

    says = "Another member of the group applied this first."


class Last(NamedTuple):
    """The last number applied of a stream, and that fact's id."""

    number: int
    fact_id: str


NOTHING = Last(0, "")


def last_of(connection: sa.Connection, consumer: str, streams: Iterable[str]) -> dict[str, Last]:
    """What was applied last of each stream, those never applied left out."""
    asked = {"of": consumer, "these": bound(connection, list(set(streams)))}
    found = connection.execute(_LAST[connection.dialect.name], asked)
    return {stream: Last(number, fact_id) for stream, number, fact_id in found}


def move(connection: sa.Connection, consumer: str, was: Mapping[str, Last], now: Mapping[str, Last]) -> None:
    """Moves streams on from where they were found; raises LostRace when any of them no longer stands there."""
    if not now:
        return
    streams = list(now)
    if connection.dialect.name == "sqlite":
        moved = _move_on_sqlite(connection, consumer, was, now)
    else:
        values = {
            "consumer": consumer,
            "streams": streams,
            "was": [was.get(stream, NOTHING).number for stream in streams],
            "now": [now[stream].number for stream in streams],
            "facts": [now[stream].fact_id for stream in streams],
        }
        moved = connection.execute(_MOVE, values).scalar_one()
    if moved != len(streams):
        raise LostRace()


def _move_on_sqlite(connection: sa.Connection, consumer: str, was: Mapping[str, Last], now: Mapping[str, Last]) -> int:
    new = [
        {"consumer": consumer, "stream": stream, "number": last.number, "fact_id": last.fact_id}
        for stream, last in now.items()
        if stream not in was
    ]
    moved = insert_or_ignore(connection, inbox, new)
    old = [
        {"of": consumer, "on": stream, "from": was[stream].number, "to": last.number, "by": last.fact_id}
        for stream, last in now.items()
        if stream in was
    ]
    if old:
        moved += connection.execute(_MOVE_ONE, old).rowcount
    return moved
