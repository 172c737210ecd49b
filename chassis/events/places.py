"""How far a consumer has read: a place per partition with the topic's id, and when it last had read everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from chassis.columns import Moment
from chassis.events.arrival import Arrived, Odd
from chassis.events.bus import Record, Share, Stand
from chassis.rows import put
from chassis.tables import caught_up, positions
from chassis.tables import sent as sent_table

_ONE = sa.select(positions).where(
    positions.c.consumer == sa.bindparam("of"),
    positions.c.topic == sa.bindparam("on"),
    positions.c.partition == sa.bindparam("part"),
)

# Run for every batch there is, so it is one statement as text that both databases read alike.
_ADVANCE = sa.text(
    """
    INSERT INTO positions (consumer, topic, partition, topic_id, next, last_stated_at)
    VALUES (:consumer, :topic, :partition, :topic_id, :next, :last_stated_at)
    ON CONFLICT (consumer, topic, partition) DO UPDATE SET
        topic_id = excluded.topic_id,
        next = CASE
            WHEN positions.topic_id = excluded.topic_id AND positions.next > excluded.next THEN positions.next
            ELSE excluded.next END,
        last_stated_at = CASE
            WHEN positions.topic_id = excluded.topic_id
                AND (excluded.last_stated_at IS NULL OR positions.last_stated_at > excluded.last_stated_at)
            THEN positions.last_stated_at
            ELSE excluded.last_stated_at END
    """
).bindparams(sa.bindparam("last_stated_at", type_=Moment))


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Partitions beyond whose last record nothing lay at a moment."""

    at: datetime
    shares: frozenset[tuple[str, int]]


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
    rows = [
        {
            "consumer": consumer,
            "topic": topic,
            "partition": partition,
            "topic_id": record.topic_id,
            "next": record.place + 1,
            "last_stated_at": stated.get((topic, partition)),
        }
        for (topic, partition), record in newest.items()
    ]
    connection.execute(_ADVANCE, rows)


def come_to(connection: sa.Connection, consumer: str, topic: str) -> dict[int, int]:
    """Up to where a consumer has read each partition of a topic."""
    query = sa.select(positions.c.partition, positions.c.next)
    query = query.where(positions.c.consumer == consumer, positions.c.topic == topic)
    return {part: place for part, place in connection.execute(query)}


# ---- the service's own topic

_SENT = sa.text(
    """
    INSERT INTO sent (topic, partition, topic_id, next) VALUES (:topic, :partition, :topic_id, :next)
    ON CONFLICT (topic, partition) DO UPDATE SET
        topic_id = excluded.topic_id,
        next = CASE WHEN sent.topic_id = excluded.topic_id AND sent.next > excluded.next THEN sent.next
            ELSE excluded.next END
    """
)
_SENT_TO = sa.select(sent_table).where(sent_table.c.topic == sa.bindparam("on"))


def note_sent(connection: sa.Connection, reached: Mapping[Share, Stand]) -> None:
    """Keeps how far the service's own topic is known to hold what stands in its facts; never goes back in one topic."""
    # In one order, so that two relays never wait for each other.
    rows = [
        {"topic": topic, "partition": partition, "topic_id": one.topic_id, "next": one.end}
        for (topic, partition), one in sorted(reached.items(), key=_share)
    ]
    if rows:
        connection.execute(_SENT, rows)


def _share(reached: tuple[Share, Stand]) -> Share:
    return reached[0]


def sent(connection: sa.Connection, topic: str) -> dict[Share, Stand]:
    """How far each partition of the service's own topic is known to hold its facts."""
    rows = connection.execute(_SENT_TO, {"on": topic})
    return {(row.topic, row.partition): Stand(row.topic_id, row.next) for row in rows}


# ---- read to the end


def note_caught_up(connection: sa.Connection, consumer: str, found: CaughtUp) -> None:
    """Keeps that these partitions had been read to their end at that moment."""
    here = {"consumer": consumer, "at": found.at}
    put(connection, caught_up, *({**here, "topic": topic, "partition": part} for topic, part in sorted(found.shares)))
