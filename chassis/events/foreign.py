"""What others send, who number nothing: their topics are read one message at a time, and no place is passed twice.

Each partner that asks for it has a topic it writes and one it reads (docs/events.md, Partner topics).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from chassis import logs
from chassis.database import Database
from chassis.errors import Retry
from chassis.events import places
from chassis.events.backoff import Backoff
from chassis.events.bus import Bus, Record, Subscription
from chassis.tables import positions

INBOUND, OUTBOUND = "inbound", "outbound"
_MARK = "partner"
# Seconds between two looks for topics that came or went, and the longest wait for a message.
LOOK_SECONDS = 10.0
POLL_SECONDS = 1.0
# How often a message is tried that fails in a way nobody expected.
TRIES = 3

_CLAIM = sa.text(
    """
    INSERT INTO positions (consumer, topic, partition, topic_id, next)
    VALUES (:consumer, :topic, :partition, :topic_id, :next)
    ON CONFLICT (consumer, topic, partition) DO UPDATE SET topic_id = excluded.topic_id, next = excluded.next
    WHERE positions.topic_id <> excluded.topic_id OR positions.next < excluded.next
    RETURNING next
    """
)


_NEXT = sa.select(positions.c.topic_id, positions.c.next).where(
    positions.c.consumer == sa.bindparam("of"),
    positions.c.topic == sa.bindparam("on"),
    positions.c.partition == sa.bindparam("part"),
)


def topic_of(prefix: str, code: str, way: str) -> str:
    """The name of a partner's topic, one way or the other."""
    return f"{prefix}{_MARK}.{code}.{way}"


def code_in(prefix: str, topic: str, way: str) -> str | None:
    """Whose topic it is; None for any other topic. Who a message is from is this, and never what it says."""
    begin, end = f"{prefix}{_MARK}.", f".{way}"
    if not topic.startswith(begin) or not topic.endswith(end):
        return None
    code = topic[len(begin) : -len(end)]
    return code if code and "." not in code else None


def claim_place(connection: sa.Connection, consumer: str, record: Record) -> bool:
    """Passes the place of a record, in the transaction of its effect; False when it was passed before.

    Whoever claims at the same moment waits for that transaction, and then finds it passed.
    """
    claim = {
        "consumer": consumer, "topic": record.topic, "partition": record.partition, "topic_id": record.topic_id,
        "next": record.place + 1,
    }  # fmt: skip
    return connection.execute(_CLAIM, claim).first() is not None


class ForeignListener:
    """Reads the topics of others, each message in a transaction of its own that the reader opens.

    `chosen` says which of the topics there are to read; `take` does what a message asks for and claims its place;
    `give_up` answers a message that failed unexpectedly, and claims its place too.
    """

    def __init__(
        self, *, service: str, consumer: str, group: str, bus: Bus, database: Database,
        chosen: Callable[[Sequence[str]], Iterable[str]], take: Callable[[Record], None],
        give_up: Callable[[Record], None],
    ) -> None:  # fmt: skip
        self._consumer, self._group = consumer, group
        self._bus, self._database = bus, database
        self._chosen, self._take, self._give_up = chosen, take, give_up
        self._topics: tuple[str, ...] = ()
        self._subscription: Subscription | None = None
        self._looked_at: float | None = None
        self._log = logs.logger(service)

    def run(self, stopping: threading.Event) -> None:
        """Reads until stopped; with a part away it tries again, ever more slowly up to a few seconds."""
        backoff = Backoff(stopping)
        while not stopping.is_set():
            try:
                self.step(POLL_SECONDS)
                backoff.went_well()
            except Retry as away:
                self._log.warning("reading_again", reason=away.rule)
                self.look_again()
                backoff.wait()
            if self._subscription is None:
                stopping.wait(POLL_SECONDS)

    def step(self, timeout_seconds: float) -> int:
        """Takes what came, and gives how many messages that were. Raises CarrierAway or DatabaseAway."""
        self._look_for_topics()
        if self._subscription is None:
            return 0
        records = self._subscription.poll(timeout_seconds)
        try:
            for record in _in_turns(records):
                self._take_one(record)
        except BaseException:
            self._subscription.again()
            raise
        if records:
            self._subscription.done({(record.topic, record.partition): record.place + 1 for record in records})
        return len(records)

    def look_again(self) -> None:
        """Looks for topics at the next step."""
        self._looked_at = None

    def close(self) -> None:
        """Leaves the group."""
        if self._subscription:
            self._subscription.close()
            self._subscription = None

    def _look_for_topics(self) -> None:
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return
        found = tuple(sorted(self._chosen(self._bus.topic_names())))
        self._looked_at = now
        if found == self._topics and self._subscription:
            return
        self.close()
        self._topics = found
        if found:
            # Without a name that stays: a broker gives whoever comes back under one what it had, not what it asks for.
            self._subscription = self._bus.subscribe(self._group, found, "", self._start_of)

    def _start_of(self, topic: str, partition: int, topic_id: str, first: int, end: int) -> int:
        with self._database.reading() as connection:
            start = places.start_of(connection, self._consumer, topic, partition, topic_id, first, end)
            known = connection.execute(_NEXT, {"of": self._consumer, "on": topic, "part": partition}).one_or_none()
        if known and known.topic_id == topic_id and known.next < first:
            # They were there for as long as the topic keeps anything, and nobody read them.
            self._log.error("messages_missed", topic=topic, count=first - known.next)
        return start

    def _take_one(self, record: Record) -> None:
        for _ in range(TRIES):
            try:
                self._take(record)
                return
            except Retry:
                raise
            except Exception as trouble:  # noqa: BLE001 - nothing in one message may stop those behind it
                self._tell("message_failed", record, trouble)
        try:
            self._give_up(record)
        except Retry:
            raise
        except Exception as trouble:  # noqa: BLE001 - nor may its answer
            self._tell("message_passed_over", record, trouble)
            with self._database.writing() as connection:
                claim_place(connection, self._consumer, record)

    def _tell(self, what: str, record: Record, trouble: Exception) -> None:
        self._log.error(
            what, topic=record.topic, number=record.place, error=type(trouble).__name__, place=logs.crash_place(trouble)
        )


def _in_turns(records: Sequence[Record]) -> Iterator[Record]:
    """One of each topic after the other, so that nobody waits for all of somebody else's."""
    by_topic: dict[str, list[Any]] = {}
    for record in records:
        by_topic.setdefault(record.topic, []).append(record)
    for row in zip_longest(*by_topic.values()):
        yield from (record for record in row if record is not None)
