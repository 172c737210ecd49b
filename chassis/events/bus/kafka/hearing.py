"""Hearing signals on Kafka: every process hears all of them, so no group shares them out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from chassis.events.bus import CarrierAway, Record
from chassis.events.bus.kafka import looking
from chassis.events.bus.kafka.signing_in import SignIn

# A poll waits no longer at once: longer ones slept their whole time-out although records were there (measured, 3.0.12).
_POLL_MS = 20


class KafkaEar:
    """Hears a topic from some moment on."""

    def __init__(self, bootstrap: list[str], sign_in: SignIn, topic: str, since: datetime) -> None:
        self._consumer: Any = None
        try:
            self._consumer = looking.consumer(bootstrap, sign_in)
            parts = [TopicPartition(topic, part) for part in sorted(self._consumer.partitions_for_topic(topic) or ())]
            if not parts:
                raise CarrierAway("The topic of signals is not there yet.")
            self._consumer.assign(parts)
            ends = self._consumer.end_offsets(parts)
            began = self._consumer.offsets_for_times(dict.fromkeys(parts, int(since.timestamp() * 1000)))
            for part in parts:
                found = began.get(part)
                self._consumer.seek(part, found.offset if found else ends[part])
            # What must have been heard before anybody may rely on it.
            self._to_hear = ends
        except KafkaError as away:
            self.close()
            raise CarrierAway() from away
        except CarrierAway:
            self.close()
            raise

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives what arrived; a longer wait is made of short ones."""
        tries = max(1, int(timeout_seconds * 1000 / _POLL_MS))
        try:
            for _ in range(tries):
                got = self._consumer.poll(timeout_ms=_POLL_MS)
                found = [
                    Record(one.topic, one.partition, one.offset, "", one.key, list(one.headers), one.value)
                    for records in got.values()
                    for one in records
                ]
                if found:
                    return found
        except KafkaError as away:
            raise CarrierAway() from away
        return []

    def is_at_end(self) -> bool:
        """Whether all that lay there when this began was given out."""
        try:
            return all(self._consumer.position(part) >= end for part, end in self._to_hear.items())
        except KafkaError as away:
            raise CarrierAway() from away

    def close(self) -> None:
        """Ends the consumer."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()
