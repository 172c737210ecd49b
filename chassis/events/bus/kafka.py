"""The Kafka carrier, by kafka-python; the only place that imports it (docs/decisions/0006)."""

from __future__ import annotations

import logging
import queue
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from chassis.events.bus import CarrierAway, Message, Record, Where
from chassis.events.partitions import partition_of

# Metadata is asked anew this often, so that a new leader or topic is seen in time.
_METADATA_MS = 10_000
# A poll waits no longer: longer ones slept their whole time-out although records were there (measured, 3.0.12).
_POLL_MS = 20
_BATCH = 500
# Batches read ahead of the reactions; when they are full the partitions are paused and polling goes on.
_AHEAD = 2
_HINT_SECONDS = 1.0
_CLOSE_SECONDS = 2.0
# A send whose acknowledgement takes longer is unknown, never failed.
DELIVERY_MS = 15_000
OWNER_TOPIC = {"cleanup.policy": "delete", "retention.ms": "-1"}


class KafkaBus:
    """Kafka at a bootstrap address, `host:port` or several with commas; clients are made when first needed."""

    def __init__(self, bootstrap: str, *, delivery_ms: int = DELIVERY_MS) -> None:
        self._bootstrap = [part.strip() for part in bootstrap.split(",")]
        self._delivery_ms = delivery_ms
        # The client tells of every reconnect; what matters is told by us.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)

    def publisher(self, name: str) -> KafkaPublisher:
        """A producer of its own for one service."""
        return KafkaPublisher(self._bootstrap, name, self._delivery_ms)

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> KafkaSubscription:
        """A consumer of its own in a thread of its own."""
        return KafkaSubscription(self._bootstrap, group, topics, member, where)

    def make_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Makes owner topics that are not there yet: one copy, kept for good; a region's are data in deploy/."""
        try:
            admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        except KafkaError as away:
            raise CarrierAway() from away
        try:
            for topic in topics:
                with suppress(TopicAlreadyExistsError):
                    admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=OWNER_TOPIC)])
            admin.wait_for_topics(list(topics))
        except KafkaError as away:
            raise CarrierAway() from away
        finally:
            admin.close()

    def answers(self) -> bool:
        """Says whether any of the brokers takes a connection."""
        for address in self._bootstrap:
            host, _, port = address.rpartition(":")
            with suppress(OSError, ValueError), socket.create_connection((host or address, int(port)), timeout=1):
                return True
        return False

    def close(self) -> None:
        """Nothing is shared: publishers and subscriptions close themselves."""


class KafkaPublisher:
    """Sends with every in-sync copy's acknowledgement; on a time-out the producer is closed and made anew."""

    def __init__(self, bootstrap: list[str], name: str, delivery_ms: int) -> None:
        self._bootstrap, self._name, self._delivery_ms = bootstrap, name, delivery_ms
        self._producer: Any = None
        self._partitions: dict[str, int] = {}
        self.renewed = 0

    def publish(self, topic: str, messages: Sequence[Message]) -> list[bool]:
        """Says of each message whether it was acknowledged; after the first that was not, none is known."""
        producer = self._open(topic)
        futures = []
        trouble = False
        for message in messages:
            try:
                partition = partition_of(message.stream, self._partitions[topic])
                key = message.stream.encode()
                futures.append(producer.send(topic, message.body, key, message.headers, partition))
            except KafkaError:
                trouble = True
                break
        kept = []
        for future in futures:
            try:
                future.get(timeout=self._delivery_ms / 1000 + 5)
                kept.append(True)
            except KafkaError:
                trouble = True
                kept.append(False)
        if trouble:
            # Unknown, not failed: the old producer would fail for minutes although the log has the record (measured).
            self._drop()
            self.renewed += 1
        return kept + [False] * (len(messages) - len(kept))

    def _open(self, topic: str) -> Any:
        try:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id=f"{self._name}-relay",
                    acks="all",
                    linger_ms=5,
                    batch_size=65_536,
                    max_block_ms=5_000,
                    request_timeout_ms=min(10_000, self._delivery_ms - 1_000),
                    delivery_timeout_ms=self._delivery_ms,
                    metadata_max_age_ms=_METADATA_MS,
                    bootstrap_timeout_ms=3_000,
                    allow_auto_create_topics=False,
                )
            if topic not in self._partitions:
                found = self._producer.partitions_for(topic)
                if not found:
                    raise CarrierAway("The topic is not there yet.")
                self._partitions[topic] = len(found)
        except KafkaError as away:
            self._drop()
            raise CarrierAway() from away
        return self._producer

    def _drop(self) -> None:
        producer, self._producer = self._producer, None
        self._partitions.clear()
        if producer is not None:
            with suppress(Exception):
                producer.close(timeout=0.5)

    def close(self) -> None:
        """Ends the producer."""
        self._drop()


@dataclass(frozen=True, slots=True)
class _Batch:
    generation: int
    records: list[Record]


class KafkaSubscription:
    """One member: a thread of its own reads ahead, whoever calls `poll` takes what was read and runs the reactions."""

    def __init__(self, bootstrap: list[str], group: str, topics: Sequence[str], member: str, where: Where) -> None:
        self._bootstrap, self._group, self._topics = bootstrap, group, list(topics)
        self._member, self._where = member, where
        self._ahead: queue.Queue[_Batch] = queue.Queue(_AHEAD)
        self._generation = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._hints: dict[tuple[str, int], int] = {}
        self._at_end: frozenset[tuple[str, int]] = frozenset()

    # ---- the caller's side

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives the next batch read ahead; raises CarrierAway when the consumer failed, and then begins anew."""
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        until = time.monotonic() + timeout_seconds
        while True:
            if self._failure is not None:
                self._failure = None
                raise CarrierAway()
            left = until - time.monotonic()
            try:
                batch = self._ahead.get(timeout=min(0.2, left)) if left > 0 else self._ahead.get_nowait()
            except queue.Empty:
                if left <= 0:
                    return []
                continue
            if batch.generation == self._generation:
                return batch.records

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        """The partitions of this member beyond which nothing lay at the last look."""
        return self._at_end if self._ahead.empty() else frozenset()

    def done(self, places: Mapping[tuple[str, int], int]) -> None:
        """Keeps a hint for the broker; the poll thread sends it once a second."""
        self._hints = {**self._hints, **places}

    def again(self) -> None:
        """Reads again from where the database says; what was read ahead is thrown away."""
        self._generation += 1
        self._at_end = frozenset()

    def close(self) -> None:
        """Leaves the group at once: a consumer that is dropped keeps its group for the session time-out (measured)."""
        self._closing.set()
        if self._thread:
            self._thread.join(_CLOSE_SECONDS * 2)

    # ---- the poll thread

    def _begin(self) -> None:
        self._failure = None
        self._generation += 1
        self._thread = threading.Thread(target=self._run, name=f"poll-{self._member}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        consumer: Any = None
        try:
            consumer = self._consumer()
            _PollLoop(self, consumer, self._bootstrap).run()
        except Exception as trouble:  # noqa: BLE001 - whatever ends the thread must reach whoever polls
            self._failure = trouble
        finally:
            self._at_end = frozenset()
            if consumer is not None:
                with suppress(Exception):
                    consumer.close(autocommit=False, timeout_ms=int(_CLOSE_SECONDS * 1000))

    def _consumer(self) -> Any:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._member,
            group_id=self._group,
            group_instance_id=self._member,
            partition_assignment_strategy=[CooperativeStickyAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=_BATCH,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            metadata_max_age_ms=_METADATA_MS,
            bootstrap_timeout_ms=3_000,
            allow_auto_create_topics=False,
        )
        consumer.subscribe(self._topics)
        return consumer


class _PollLoop:
    """What the poll thread does with its consumer, from the first assignment to the close."""

    def __init__(self, owner: KafkaSubscription, consumer: Any, bootstrap: list[str]) -> None:
        self._owner, self._consumer, self._bootstrap = owner, consumer, bootstrap
        self._placed: set[Any] = set()
        self._generation = owner._generation
        self._ids: dict[str, str] = {}
        self._looked_at = 0.0
        self._hinted_at = time.monotonic()

    def run(self) -> None:
        owner = self._owner
        while not owner._closing.is_set():
            self._keep_join_alive()
            got = self._consumer.poll(timeout_ms=_POLL_MS)
            if owner._generation != self._generation:
                self._generation = owner._generation
                self._placed = set()
            fresh = self._place()
            # What a new partition gave before our seek is thrown away; the other partitions' records are not.
            records = [self._record(one) for part, found in got.items() if part not in fresh for one in found]
            if records:
                self._hand_over(_Batch(self._generation, records))
            else:
                self._look_at_ends()
            self._hint()

    def _keep_join_alive(self) -> None:
        """Sees to it that a join which outlasts one short poll is taken up by the next.

        A join begun because topics changed sets no flag of its own in 3.0.12: once the leader has looked at the topics
        again nobody asks for the join's result, and the member stays without partitions for good (seen: 1 start in 20).
        """
        coordinator = self._consumer._coordinator
        if coordinator._join_task is not None:
            coordinator.request_rejoin()

    def _place(self) -> set[Any]:
        """Seeks each newly assigned partition to where our own database says; a topic made anew counts as new."""
        assigned = self._consumer.assignment()
        if time.monotonic() - self._looked_at > _METADATA_MS / 1000 or not assigned <= self._placed:
            self._look_at_topics()
        fresh = set(assigned) - self._placed
        if fresh:
            firsts, ends = self._consumer.beginning_offsets(list(fresh)), self._consumer.end_offsets(list(fresh))
            for part in fresh:
                topic_id = self._ids.get(part.topic, "")
                place = self._owner._where(part.topic, part.partition, topic_id, firsts[part], ends[part])
                self._consumer.seek(part, place)
        self._placed = set(assigned)
        return fresh

    def _look_at_topics(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap, bootstrap_timeout_ms=3_000)
        try:
            described = admin.describe_topics(self._owner._topics)
        finally:
            admin.close()
        found = {one["name"]: str(one["topic_id"]) for one in described if one.get("topic_id")}
        changed = {name for name, topic_id in found.items() if self._ids.get(name) not in {None, topic_id}}
        self._placed = {part for part in self._placed if part.topic not in changed}
        self._ids.update(found)
        self._looked_at = time.monotonic()

    def _record(self, one: Any) -> Record:
        return Record(
            one.topic, one.partition, one.offset, self._ids.get(one.topic, ""), one.key, list(one.headers), one.value
        )

    def _hand_over(self, batch: _Batch) -> None:
        owner = self._owner
        owner._at_end = frozenset()
        is_paused = False
        while not owner._closing.is_set() and batch.generation == owner._generation:
            try:
                owner._ahead.put(batch, timeout=0 if is_paused else 0.05)
                break
            except queue.Full:
                # Full: pause what is assigned and keep polling, so that the group does not count us out.
                is_paused = True
                self._consumer.pause(*self._consumer.assignment())
                self._keep_join_alive()
                given = self._consumer.poll(timeout_ms=_POLL_MS)
                # Whatever came all the same is read again from where the database says.
                self._placed -= set(given)
        if is_paused:
            self._consumer.resume(*self._consumer.paused())

    def _look_at_ends(self) -> None:
        at_end = set()
        for part in self._placed:
            end = self._consumer.highwater(part)
            if end is not None and self._consumer.position(part) >= end:
                at_end.add((part.topic, part.partition))
        self._owner._at_end = frozenset(at_end)

    def _hint(self) -> None:
        owner = self._owner
        if time.monotonic() - self._hinted_at < _HINT_SECONDS or not owner._hints:
            return
        hints, owner._hints = owner._hints, {}
        assigned = self._consumer.assignment()
        offsets = {
            part: OffsetAndMetadata(place, "", -1)
            for (topic, partition), place in hints.items()
            if (part := TopicPartition(topic, partition)) in assigned
        }
        self._hinted_at = time.monotonic()
        if offsets:
            self._consumer.commit_async(offsets)
