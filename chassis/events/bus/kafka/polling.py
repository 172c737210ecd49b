"""What the poll thread does with its consumer, from the first assignment to the close; no reaction runs in it."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import IllegalStateError
from kafka.structs import OffsetAndMetadata

from chassis.events.bus import Record, Where
from chassis.events.bus.kafka.shelf import METADATA_MS, Batch, Share, Shelf

# A poll waits no longer: longer ones slept their whole time-out although records were there (measured, 3.0.12).
_POLL_MS = 20
_HINT_SECONDS = 1.0
# How long a member without partitions waits until it joins anew: the first time, and at most.
SHARE_SECONDS, MOST_SHARE_SECONDS = 5.0, 300.0


class PollLoop:
    """What the poll thread does with its consumer, from the first assignment to the close."""

    def __init__(self, shelf: Shelf, consumer: Any, look: Callable[[], Any], where: Where) -> None:
        """`look` describes the topics, with their ids."""
        self._shelf, self._consumer, self._look = shelf, consumer, look
        self._where = where
        self._placed: set[Any] = set()
        self._generation = shelf.generation
        self._ids: dict[str, str] = {}
        self._ends: dict[Share, int] = {}
        self._looked_at = 0.0
        self._share_since, self._share_patience = time.monotonic(), SHARE_SECONDS
        self._hinted_at = time.monotonic()

    def run(self) -> None:
        """Polls and reads ahead until closing; whatever the client raises ends it."""
        shelf = self._shelf
        while not shelf.closing.is_set():
            self._keep_join_alive()
            self._ask_for_a_share()
            got = self._consumer.poll(timeout_ms=_POLL_MS)
            if shelf.generation != self._generation:
                self._generation = shelf.generation
                self._placed = set()
            fresh = self._place()
            self._note_ends()
            # What a new partition gave before our seek is thrown away; the other partitions' records are not.
            records = [self._record(one) for part, found in got.items() if part not in fresh for one in found]
            if records:
                self._hand_over(Batch(self._generation, records))
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

    def _ask_for_a_share(self) -> None:
        """Joins anew when this member has stood without partitions for a while though its topics are there.

        A group that is quick to join does so before this client has seen a topic it may read; then it gets nothing,
        and 3.0.12 does not always notice that there is something now (seen: 3 starts of 4 on a busy broker, where
        others of the topics are not there). A member too many joins ever more seldom.
        """
        now = time.monotonic()
        if self._consumer.assignment() or not self._ids:
            self._share_since, self._share_patience = now, SHARE_SECONDS
        elif now - self._share_since > self._share_patience:
            self._share_since, self._share_patience = now, min(2 * self._share_patience, MOST_SHARE_SECONDS)
            self._consumer._coordinator.request_rejoin()

    def _place(self) -> set[Any]:
        """Seeks each newly assigned partition to where our own database says; a topic made anew counts as new."""
        assigned = self._consumer.assignment()
        if time.monotonic() - self._looked_at > METADATA_MS / 1000 or not assigned <= self._placed:
            self._look_at_topics()
        fresh = set(assigned) - self._placed
        if fresh:
            firsts, ends = self._consumer.beginning_offsets(list(fresh)), self._consumer.end_offsets(list(fresh))
            for part in fresh:
                topic_id = self._ids.get(part.topic, "")
                place = self._where(part.topic, part.partition, topic_id, firsts[part], ends[part])
                self._consumer.seek(part, place)
                self._ends[part.topic, part.partition] = ends[part]
        self._placed = set(assigned)
        return fresh

    def _look_at_topics(self) -> None:
        found = {one["name"]: str(one["topic_id"]) for one in self._look() if one.get("topic_id")}
        changed = {name for name, topic_id in found.items() if self._ids.get(name) not in {None, topic_id}}
        self._placed = {part for part in self._placed if part.topic not in changed}
        self._ids.update(found)
        self._looked_at = time.monotonic()

    def _record(self, one: Any) -> Record:
        return Record(
            one.topic, one.partition, one.offset, self._ids.get(one.topic, ""), one.key, one.headers, one.value
        )

    def _hand_over(self, batch: Batch) -> None:
        shelf = self._shelf
        shelf.at_end = frozenset()
        is_paused = False
        while not shelf.closing.is_set() and batch.generation == shelf.generation:
            try:
                shelf.ahead.put(batch, timeout=0 if is_paused else 0.25)
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

    def _note_ends(self) -> None:
        """Keeps where each partition ended; the broker says so with every answer, so nothing more is asked of it."""
        with suppress(IllegalStateError):  # taken from us a moment ago
            self._ends = {
                (part.topic, part.partition): self._consumer.highwater(part) or self._ends[part.topic, part.partition]
                for part in self._placed
            }
        self._shelf.ends = self._ends

    def _look_at_ends(self) -> None:
        at_end = set()
        for part in self._placed:
            end = self._consumer.highwater(part)
            if end is not None and self._consumer.position(part) >= end:
                at_end.add((part.topic, part.partition))
        self._shelf.at_end = frozenset(at_end)

    def _hint(self) -> None:
        shelf = self._shelf
        if time.monotonic() - self._hinted_at < _HINT_SECONDS or not shelf.hints:
            return
        hints, shelf.hints = shelf.hints, {}
        assigned = self._consumer.assignment()
        offsets = {
            part: OffsetAndMetadata(place, "", -1)
            for (topic, partition), place in hints.items()
            if (part := TopicPartition(topic, partition)) in assigned
        }
        self._hinted_at = time.monotonic()
        if offsets:
            self._consumer.commit_async(offsets)
