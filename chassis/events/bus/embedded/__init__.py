"""The embedded carrier: an append-only log in one SQLite file, for a house that runs in one process."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.columns import Serial
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.events.bus import Message, Record, Share, Stand, Where
from chassis.events.bus.embedded.ends import BATCH, EmbeddedEar, EmbeddedPublisher, EmbeddedSubscription
from chassis.events.envelope import Headers
from chassis.events.partitions import partition_of
from chassis.ids import new_token

PARTITIONS = 4
# Records of one partition kept at hand at most.
_NEWEST = 200

metadata = sa.MetaData()
topics = sa.Table(
    "topics",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("topic_id", sa.Text, nullable=False),
    sa.Column("partitions", sa.Integer, nullable=False),
)
records = sa.Table(
    "records",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=True),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=True),
    sa.UniqueConstraint("topic", "partition", "place", name="records_place"),
    sqlite_autoincrement=True,
)

_THIS = (records.c.topic == sa.bindparam("on"), records.c.partition == sa.bindparam("part"))
_APPEND = sa.insert(records)
_FROM = (
    sa.select(records.c.id, records.c.place, records.c.key, records.c.headers, records.c.value)
    .where(*_THIS, records.c.place >= sa.bindparam("at"))
    .order_by(records.c.place)
    .limit(sa.bindparam("most"))
)

# A partition to read: topic, partition, the place to begin at, the topic's id.
Wanted = tuple[str, int, int, str]
# A record behind its turn in the whole log.
Kept = tuple[int, Record]


class EmbeddedBus:
    """The log in the file `path`; `relaxed` leaves out waiting for the disk, for filling a fresh folder only."""

    def __init__(self, path: Path, *, relaxed: bool = False) -> None:
        self._database = Database(f"sqlite:///{path}", relaxed=relaxed)
        self._changed = threading.Condition()
        self._topics: dict[str, tuple[str, int]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        # The newest records of each partition: every listener of the house is about to read them.
        self._newest: dict[tuple[str, int], deque[Kept]] = {}
        self._turns = 0
        # This process alone writes the log, one writer at a time, so it knows where each partition ends.
        self._one_writer = threading.RLock()
        with self._database.writing() as connection:
            metadata.create_all(connection)
        self._read_topics()

    def _read_topics(self) -> None:
        with self._database.reading() as connection:
            found = {row.topic: (row.topic_id, row.partitions) for row in connection.execute(sa.select(topics))}
            ends = sa.select(records.c.topic, records.c.partition, sa.func.max(records.c.place) + 1)
            known = {
                (topic, partition): int(end)
                for topic, partition, end in connection.execute(ends.group_by(records.c.topic, records.c.partition))
            }
        with self._changed:
            self._topics = found
            self._newest = {}
            self._ends = {
                (topic, partition): known.get((topic, partition), 0)
                for topic, (_, partitions) in found.items()
                for partition in range(partitions)
            }

    def make_topics(self, names: Sequence[str], partitions: int = PARTITIONS) -> None:
        """Makes topics that are not there yet."""
        if all(name in self._topics for name in names):
            return
        with self._one_writer:
            with self._database.writing() as connection:
                rows = [{"topic": name, "topic_id": new_token(), "partitions": partitions} for name in names]
                connection.execute(sa.insert(topics).prefix_with("OR IGNORE"), rows)
            self._read_topics()

    def delete_topic(self, name: str) -> None:
        """Deletes a topic with all it kept; made again it has another id."""
        with self._one_writer:
            with self._database.writing() as connection:
                connection.execute(sa.delete(records).where(records.c.topic == name))
                connection.execute(sa.delete(topics).where(topics.c.topic == name))
            self._read_topics()

    def publisher(self, name: str) -> EmbeddedPublisher:
        """A publisher on the log."""
        return EmbeddedPublisher(self)

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> EmbeddedSubscription:
        """Reads every partition of these topics; in one process a group has one member."""
        self.make_topics(topics)
        return EmbeddedSubscription(self, topics, where)

    def append(self, topic: str, messages: Sequence[Message]) -> list[Record]:
        """Keeps messages at the ends of their partitions, all or none; gives them as they are kept."""
        with self._one_writer:
            self.make_topics([topic])
            made = self._placed(topic, messages)
            with self._database.writing() as connection:
                hit("log.before_write")
                connection.execute(_APPEND, [_row(record) for record in made])
                hit("log.before_commit")
            hit("log.after_commit")
            with self._changed:
                for record in made:
                    self._turns += 1
                    share = (topic, record.partition)
                    self._newest.setdefault(share, deque(maxlen=_NEWEST)).append((self._turns, record))
                    self._ends[share] = record.place + 1
                self._changed.notify_all()
        return made

    def _placed(self, topic: str, messages: Sequence[Message]) -> list[Record]:
        topic_id, partitions = self._topics[topic]
        ends = {partition: self._ends[topic, partition] for partition in range(partitions)}
        made = []
        for message in messages:
            partition = partition_of(message.stream, partitions)
            place, ends[partition] = ends[partition], ends[partition] + 1
            key, headers = message.stream.encode(), list(message.headers)
            made.append(Record(topic, partition, place, topic_id, key, headers, message.body))
        return made

    def shares(self, names: Sequence[str]) -> dict[tuple[str, int], tuple[str, int]]:
        """Each partition of some topics with its topic's id and its end."""
        with self._changed:
            return {
                (name, partition): (self._topics[name][0], self._ends[name, partition])
                for name in names
                if name in self._topics
                for partition in range(self._topics[name][1])
            }

    def stands(self, topics: Sequence[str]) -> dict[Share, Stand]:
        """Where each partition of the topics there are ends now."""
        return {share: Stand(*found) for share, found in self.shares(topics).items()}

    def read_through(self, places: Mapping[Share, int], stand: Mapping[Share, Stand]) -> Iterator[list[Record]]:
        """What partitions hold from some places up to where they stand, in the order it was kept."""
        here = dict(places)
        while behind := [share for share, place in here.items() if place < stand[share].end]:
            wanted = [(*share, here[share], stand[share].topic_id) for share in behind]
            found = self.read(wanted, max(1, BATCH // len(behind)))
            if not found:
                return
            here.update({(one.topic, one.partition): one.place + 1 for one in found})
            yield found

    def read(self, wanted: Iterable[Wanted], limit: int) -> list[Record]:
        """What some partitions hold from a place on, at most `limit` of each, in the order it was kept.

        That order spares a reader most of the waiting for what a fact requires. The newest need no look at the disk.
        """
        newest: list[Kept] = []
        older: list[Wanted] = []
        with self._changed:
            for share in wanted:
                found = self._newest_from(*share, limit)
                newest += found
                if not found:
                    older.append(share)
        kept = self._from_disk(older, limit) if older else []
        return [record for batch in (kept, newest) for _, record in sorted(batch, key=_turn)]

    def _newest_from(self, topic: str, partition: int, place: int, topic_id: str, limit: int) -> list[Kept]:
        newest = self._newest.get((topic, partition))
        if not newest:
            return []
        _, first = newest[0]
        if first.topic_id != topic_id or first.place > place:
            return []
        return list(islice(newest, place - first.place, place - first.place + limit))

    def _from_disk(self, wanted: Iterable[Wanted], limit: int) -> list[Kept]:
        found: list[Kept] = []
        with self._database.reading() as connection:
            for topic, partition, place, topic_id in wanted:
                rows = connection.execute(_FROM, {"on": topic, "part": partition, "at": place, "most": limit})
                found += [(row.id, _record(topic, partition, topic_id, row)) for row in rows]
        return found

    def wait(self, timeout_seconds: float, is_there: Mapping[tuple[str, int], int]) -> None:
        """Waits until something lies beyond one of these places, or the time is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: any(self._ends.get(share, 0) > place for share, place in is_there.items()), timeout_seconds
            )

    def make_signals(self, topic: str) -> None:
        """Makes a topic of signals."""
        self.make_topics([topic], partitions=1)

    def hear(self, topic: str, since: datetime) -> EmbeddedEar:
        """Hears the signals of a topic from the first that is kept; there are few."""
        self.make_signals(topic)
        return EmbeddedEar(self, topic)

    def keep_newest(self, topic: str, count: int) -> None:
        """Lets go of all but the newest messages of each partition of a topic; only signals are ever let go of."""
        with self._one_writer, self._database.writing() as connection:
            for (name, partition), (_, end) in self.shares([topic]).items():
                old = (records.c.topic == name, records.c.partition == partition, records.c.place < end - count)
                connection.execute(sa.delete(records).where(*old))

    def topic_names(self) -> list[str]:
        """The topics there are."""
        with self._changed:
            return list(self._topics)

    def answers(self) -> bool:
        """Says whether the log can be read."""
        return self._database.answers()

    def close(self) -> None:
        """Gives connections back."""
        self._database.close()


def _turn(kept: Kept) -> int:
    return kept[0]


def _row(record: Record) -> dict[str, Any]:
    headers = [[name, text.decode("latin-1")] for name, text in record.headers]
    return {
        "topic": record.topic,
        "partition": record.partition,
        "place": record.place,
        "key": record.key,
        "headers": json.dumps(headers),
        "value": record.value,
    }


def _headers(kept: str) -> Headers:
    return [(name, text.encode("latin-1")) for name, text in json.loads(kept)]


def _record(topic: str, partition: int, topic_id: str, row: Any) -> Record:
    return Record(topic, partition, row.place, topic_id, row.key, _headers(row.headers), row.value)
