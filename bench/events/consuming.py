"""Consuming the facts from Kafka: ours with inbox, projection and commit, and a bare loop that only reads JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from bench.events.rooms import hearer, listener_of, must_stand, share_at
from bench.events.work import PARTITIONS, POLL_MS, Place
from chassis.events.bus import Bus, Record, Subscription, Where

# A longer wait than anything here should need (seconds).
PATIENCE_SECONDS = 120


class Watching:
    """A carrier that notes when the first records of a subscription are in hand, and hands everything through."""

    def __init__(self, bus: Any) -> None:
        self._bus, self.began = bus, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> Subscription:
        """Subscribes, and looks on."""
        made: Any = self._bus.subscribe(group, topics, member, where)
        poll = made.poll

        def watched(timeout_seconds: float) -> list[Record]:
            found: list[Record] = poll(timeout_seconds)
            if found and not self.began:
                self.began = time.perf_counter()
            return found

        made.poll = watched
        subscription: Subscription = made
        return subscription


def ours(place: Place) -> float:
    """A room's listener: decode, inbox, a row kept by the reaction, places and commit, from a real group."""
    watching: list[Watching] = []

    def look_on(bus: Bus) -> Bus:
        watching.append(Watching(bus))
        seen: Any = watching[0]
        made: Bus = seen
        return made

    room = hearer(place, share_at(place, look_on))
    listener = listener_of(room)
    done, ends = 0, time.monotonic() + PATIENCE_SECONDS
    while done < place.count and time.monotonic() < ends:
        done += listener.step(0.2)
    rate = place.count / (time.perf_counter() - watching[0].began)
    must_stand(room, place.count)
    room.close()
    return rate


def bare(place: Place) -> float:
    """kafka-python alone and `json.loads`; no group, no place kept, no database."""
    reader: Any = KafkaConsumer(
        bootstrap_servers=place.kafka, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed", max_poll_records=1000,
    )  # fmt: skip
    parts = [TopicPartition(place.topic, number) for number in range(PARTITIONS)]
    reader.assign(parts)
    reader.seek_to_beginning(*parts)
    done, began = 0, 0.0
    while done < place.count:
        got = reader.poll(timeout_ms=POLL_MS)
        if got and not began:
            began = time.perf_counter()
        for records in got.values():
            for record in records:
                json.loads(record.value)
                done += 1
    rate = place.count / (time.perf_counter() - began)
    reader.close()
    return rate
