"""How far a consumer has read: a place per partition with the topic's id, and when it last had read everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from chassis.database import put
from chassis.events.arrival import Arrived, Odd
from chassis.events.bus import Record
from chassis.tables import caught_up, positions

_ALL = sa.select(positions).where(positions.c.consumer == sa.bindparam("of"))
_ONE = _ALL.where(positions.c.topic == sa.bindparam("on"), positions.c.partition == sa.bindparam("part"))


def start_of(
    connection: sa.Connection, consumer: str, topic: str, partition: int, topic_id: str, first: int, end: int
) -> int:
    """The place to read from: where we were, or the first when the topic is another or shorter than that."""
    row = connection.execute(_ONE, {"of": consumer, "on": topic, "part": partition}).one_or_none()
    if row is None or row.topic_id != topic_id or row.next > end or row.next < first:
        return first
    return int(row.next)


def advance(connection: sa.Connection, consumer: str, records: Sequence[Record], read: Sequence[Arrived | Odd]) -> None:
    """Keeps how far each partition was read and the time of its newest fact; never goes back in one topic."""
    newest: dict[tuple[str, int], Record] = {}
    stated: dict[tuple[str, int], datetime] = {}
    for record, one in zip(records, read, strict=False):
        share = (record.topic, record.partition)
        newest[share] = record
        if isinstance(one, Arrived):
            stated[share] = max(stated.get(share, one.envelope.stated_at), one.envelope.stated_at)
    if not newest:
        return
    known = {(row.topic, row.partition): row for row in connection.execute(_ALL, {"of": consumer})}
    rows = []
    for (topic, partition), record in newest.items():
        row = known.get((topic, partition))
        reached, at = record.place + 1, stated.get((topic, partition))
        if row is not None and row.topic_id == record.topic_id:
            reached = max(reached, row.next)
            at = max(at, row.last_stated_at) if at and row.last_stated_at else at or row.last_stated_at
        here = {"consumer": consumer, "topic": topic, "partition": partition, "topic_id": record.topic_id}
        rows.append({**here, "next": reached, "last_stated_at": at})
    put(connection, positions, *rows)


def note_caught_up(connection: sa.Connection, consumer: str, shares: Iterable[tuple[str, int]], now: datetime) -> None:
    """Keeps that these partitions had been read to their end at this moment."""
    rows = [{"consumer": consumer, "topic": topic, "partition": part, "at": now} for topic, part in sorted(shares)]
    put(connection, caught_up, *rows)
