"""Reading from Kafka as one member of a group, from where the reader's own database says."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from chassis.events.bus import CarrierAway, Record, Where
from chassis.events.bus.kafka import forgiving
from chassis.events.bus.kafka.polling import PollLoop
from chassis.events.bus.kafka.shelf import METADATA_MS, Shelf
from chassis.events.bus.kafka.signing_in import SignIn

forgiving.put_in_place()
_BATCH = 2_000
_CLOSE_SECONDS = 2.0


class KafkaSubscription:
    """One member: a thread of its own reads ahead, whoever calls `poll` takes what was read and runs the reactions."""

    def __init__(
        self, bootstrap: list[str], group: str, topics: Sequence[str], member: str, where: Where, sign_in: SignIn
    ) -> None:
        self._bootstrap, self._group, self._topics = bootstrap, group, list(topics)
        self._member, self._where, self._sign_in = member, where, sign_in
        self._shelf = Shelf()
        self._thread: threading.Thread | None = None

    # ---- the caller's side

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives the next batch read ahead; raises CarrierAway when the consumer failed, and then begins anew."""
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        until = time.monotonic() + timeout_seconds
        while True:
            if self._shelf.failure is not None:
                self._shelf.failure = None
                raise CarrierAway()
            left = until - time.monotonic()
            try:
                batch = self._shelf.ahead.get(timeout=min(0.2, left)) if left > 0 else self._shelf.ahead.get_nowait()
            except queue.Empty:
                if left <= 0:
                    return []
                continue
            if batch.generation == self._shelf.generation:
                return batch.records

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        """The partitions of this member beyond which nothing lay at the last look."""
        return self._shelf.at_end if self._shelf.ahead.empty() else frozenset()

    def ends(self) -> Mapping[tuple[str, int], int]:
        """Where each partition of this member ended when the broker last gave of it."""
        return self._shelf.ends

    def done(self, places: Mapping[tuple[str, int], int]) -> None:
        """Keeps a hint for the broker; the poll thread sends it once a second."""
        self._shelf.hints = {**self._shelf.hints, **places}

    def again(self) -> None:
        """Reads again from where the database says; what was read ahead is thrown away."""
        self._shelf.generation += 1
        self._shelf.at_end = frozenset()

    def close(self) -> None:
        """Leaves the group at once: a consumer that is dropped keeps its group for the session time-out (measured)."""
        self._shelf.closing.set()
        if self._thread:
            self._thread.join(_CLOSE_SECONDS * 2)

    # ---- the poll thread

    def _begin(self) -> None:
        self._shelf.failure = None
        self._shelf.generation += 1
        self._thread = threading.Thread(target=self._run, name=f"poll-{self._member}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        consumer: Any = None
        try:
            consumer = self._consumer()
            PollLoop(self._shelf, consumer, self._look, self._where).run()
        except Exception as trouble:  # noqa: BLE001 - whatever ends the thread must reach whoever polls
            self._shelf.failure = trouble
        finally:
            self._shelf.at_end, self._shelf.ends = frozenset(), {}
            if consumer is not None:
                with suppress(Exception):
                    consumer.close(autocommit=False, timeout_ms=int(_CLOSE_SECONDS * 1000))

    def _look(self) -> Any:
        admin = KafkaAdminClient(
            bootstrap_servers=self._bootstrap, bootstrap_timeout_ms=3_000, **self._sign_in.options()
        )
        try:
            return admin.describe_topics(self._topics)
        finally:
            admin.close()

    def _consumer(self) -> Any:
        consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=self._member or self._group,
            group_id=self._group,
            group_instance_id=self._member or None,
            partition_assignment_strategy=[CooperativeStickyAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=_BATCH,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            metadata_max_age_ms=METADATA_MS,
            bootstrap_timeout_ms=3_000,
            allow_auto_create_topics=False,
            **self._sign_in.options(),
        )
        consumer.subscribe(self._topics)
        return consumer
