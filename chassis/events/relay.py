"""The relay: takes references to unsent facts, publishes them in order per stream, deletes what was acknowledged."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.clock import Clock
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.events import places
from chassis.events.backoff import work_until
from chassis.events.bus import Message, Publisher
from chassis.events.envelope import as_bytes
from chassis.events.metrics import EventMetrics
from chassis.events.these import bound, statements
from chassis.events.wake import Waker
from chassis.tables import facts, outbox

# Facts sent in one transaction at most, and of how many buckets: the waits for carrier and disk are shared.
BATCH = 1_000
BUCKETS_AT_ONCE = 16
# The sweep that finds what no ring announced (seconds).
SWEEP_SECONDS = 1.0
_WORK = sa.select(outbox.c.bucket).distinct()
_OLDEST = sa.select(sa.func.min(outbox.c.staged_at))
_TAKE_ALL = (
    sa.select(outbox.c.id, outbox.c.stream, facts.c.headers, facts.c.body)
    .join_from(outbox, facts, sa.and_(outbox.c.stream == facts.c.stream, outbox.c.number == facts.c.number))
    .order_by(outbox.c.id)
    .limit(BATCH)
)
_LOCK = sa.text("SELECT bucket FROM buckets WHERE bucket = ANY(CAST(:these AS integer[])) FOR UPDATE SKIP LOCKED")
# The first of each bucket, however long what waits behind them is.
_TAKE = sa.text("""
    SELECT first.id, first.stream, facts.headers, facts.body
    FROM unnest(CAST(:these AS integer[])) AS these(bucket) CROSS JOIN LATERAL (
        SELECT id, stream, number FROM outbox WHERE outbox.bucket = these.bucket ORDER BY id LIMIT :each
    ) AS first
    JOIN facts ON facts.stream = first.stream AND facts.number = first.number
    ORDER BY first.id
""")
_SENT = statements("DELETE FROM outbox WHERE id {among}", "bigint")


class Relay:
    """Carries one service's facts to its topic."""

    def __init__(
        self,
        *,
        database: Database,
        publisher: Callable[[], Publisher],
        topic: str,
        clock: Clock,
        metrics: EventMetrics,
    ) -> None:
        self._database, self._make_publisher, self._topic = database, publisher, topic
        self._clock, self._metrics = clock, metrics
        self._publisher: Publisher | None = None
        self._waker = Waker(database)
        # In one process a second relay thread must not read what the first is about to delete.
        self._one = threading.Lock()
        # Whether anything was stated since a sweep that found nothing; only a house in one process goes by it.
        self._was_rung = True

    def wake(self) -> None:
        """Says that something was stated."""
        self._was_rung = True
        self._waker.ring()

    def run(self, stopping: threading.Event) -> None:
        """Sends until stopped; with the carrier away it tries again, ever more slowly up to a few seconds."""
        work_until(stopping, self.sweep, lambda: self._waker.wait(SWEEP_SECONDS))

    def sweep(self) -> int:
        """Sends what waits in every bucket once; gives how many facts went out. Raises CarrierAway or DatabaseAway."""
        with self._one:
            self._was_rung = False
            if self._database.is_sqlite:
                return self._send_all()
            found = self._buckets_with_work()
            parts = (found[first : first + BUCKETS_AT_ONCE] for first in range(0, len(found), BUCKETS_AT_ONCE))
            return sum(self._send_of(part) for part in parts)

    def unsent_seconds(self) -> float:
        """The age of the oldest fact not sent yet, whoever should send it; 0 when there is none."""
        with self._database.reading() as connection:
            oldest = connection.execute(_OLDEST).scalar()
        return max(0.0, (self._clock.now() - oldest).total_seconds()) if oldest else 0.0

    def sweep_when_rung(self) -> int:
        """Sweeps if anything was stated here since the last sweep; for a house that carries in its own process."""
        if not self._was_rung:
            return 0
        try:
            return self.sweep()
        except BaseException:
            self._was_rung = True
            raise

    def _send_all(self) -> int:
        """One process holds an SQLite file, so all buckets go at once; no transaction of it waits for the carrier."""
        hit("relay.before_take")
        with self._database.reading() as connection:
            rows = connection.execute(_TAKE_ALL).all()
        acknowledged = self._publish(rows)
        if acknowledged:
            with self._database.writing() as connection:
                self._delete(connection, acknowledged)
            hit("relay.after_commit")
        # What the carrier did not acknowledge, and what was more than one batch, still waits.
        self._was_rung = self._was_rung or len(acknowledged) < len(rows) or len(rows) == BATCH
        return len(acknowledged)

    def _buckets_with_work(self) -> Sequence[int]:
        with self._database.reading() as connection:
            return connection.execute(_WORK).scalars().all()

    def _send_of(self, wanted: Sequence[int]) -> int:
        """Sends what waits in those of the buckets that no other relay holds just now."""
        hit("relay.before_take")
        with self._database.writing() as connection:
            free = connection.execute(_LOCK, {"these": wanted}).scalars().all()
            if not free:
                return 0
            taken = connection.execute(_TAKE, {"these": free, "each": BATCH // len(free)})
            acknowledged = self._publish(taken.all())
            self._delete(connection, acknowledged)
        hit("relay.after_commit")
        return len(acknowledged)

    def _publish(self, rows: Sequence[Any]) -> list[int]:
        """Gives the ids of the rows acknowledged, for each stream only the part before the first that was not."""
        if not rows:
            return []
        hit("relay.after_take")
        if self._publisher is None:
            self._publisher = self._make_publisher()
        messages = [Message(row.stream, as_bytes(json.loads(row.headers)), row.body.encode()) for row in rows]
        hit("relay.before_publish")
        kept = self._publisher.publish(self._topic, messages)
        hit("relay.after_publish")
        broken: set[str] = set()
        acknowledged = []
        for row, is_kept in zip(rows, kept, strict=True):
            if not is_kept:
                broken.add(row.stream)
            elif row.stream not in broken:
                acknowledged.append(row.id)
        self._metrics.sent.inc(len(acknowledged))
        self._metrics.unknown.inc(kept.count(False))
        return acknowledged

    def _delete(self, connection: sa.Connection, acknowledged: list[int]) -> None:
        if acknowledged:
            hit("relay.before_delete")
            connection.execute(_SENT[connection.dialect.name], {"these": bound(connection, acknowledged)})
            if self._publisher:
                places.note_sent(connection, self._publisher.reached())
            hit("relay.after_delete")

    def close(self) -> None:
        """Ends the publisher and the waking."""
        self._waker.close()
        if self._publisher:
            self._publisher.close()
