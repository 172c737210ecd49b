"""Sending to Kafka: every message acknowledged or unknown, never failed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from chassis.crashpoints import hit
from chassis.events.bus import CarrierAway, Message, Share, Stand
from chassis.events.bus.kafka.shelf import METADATA_MS
from chassis.events.bus.kafka.signing_in import SignIn
from chassis.events.partitions import partition_of

# A send whose acknowledgement takes longer is unknown, never failed.
DELIVERY_MS = 15_000


class KafkaPublisher:
    """Sends with every in-sync copy's acknowledgement; on a time-out the producer is closed and made anew."""

    def __init__(self, bootstrap: list[str], name: str, delivery_ms: int, sign_in: SignIn) -> None:
        self._bootstrap, self._name, self._delivery_ms = bootstrap, name, delivery_ms
        self._sign_in = sign_in
        self._producer: Any = None
        self._partitions: dict[str, int] = {}
        self._reached: dict[Share, Stand] = {}
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
                hit("kafka.before_send")
                futures.append(producer.send(topic, message.body, key, message.headers, partition))
            except KafkaError:
                trouble = True
                break
        hit("kafka.after_send")
        # All of them are here now, so nothing is gained by waiting for more.
        with suppress(KafkaError):
            producer.flush(timeout=self._delivery_ms / 1000 + 5)
        kept = []
        ends: dict[int, int] = {}
        for future in futures:
            try:
                found = future.get(timeout=0)
                ends[found.partition] = max(ends.get(found.partition, 0), found.offset + 1)
                kept.append(True)
            except KafkaError:
                trouble = True
                kept.append(False)
        hit("kafka.after_acknowledgement")
        self._reached.update({(topic, part): Stand(self._topic_id(topic), end) for part, end in ends.items()})
        if trouble:
            # Unknown, not failed: the old producer would fail for minutes although the log has the record (measured).
            self._drop()
            self.renewed += 1
        return kept + [False] * (len(messages) - len(kept))

    def reached(self) -> dict[Share, Stand]:
        """Just after the newest message of each partition acknowledged since this was last asked."""
        reached, self._reached = self._reached, {}
        return reached

    def _topic_id(self, topic: str) -> str:
        # The producer knows it from the broker's metadata and has no call for it.
        return str(self._producer._metadata.topic_id(topic) or "")

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
                    metadata_max_age_ms=METADATA_MS,
                    bootstrap_timeout_ms=3_000,
                    allow_auto_create_topics=False,
                    **self._sign_in.options(),
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
            try:
                producer.close(timeout=0.5)
            except Exception:  # noqa: BLE001 - whatever it was, the producer must end
                # One whose sends timed out raises before it ends its thread, which would go on trying (3.0.12).
                producer._sender.force_close()
                producer._closed = True

    def close(self) -> None:
        """Ends the producer."""
        self._drop()
