"""What a room knows of who is let in: how new its knowledge is, and which sessions ended a moment ago.

A heartbeat counts by when it was sent, not by when it was read: a backlog read late must not look fresh. It counts only
once this room has applied the facts that stood before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from chassis.clock import Clock
from chassis.errors import Retry
from chassis.events.backoff import Backoff
from chassis.events.bus import Bus, Ear
from chassis.events.signals import BEAT, ENDED, FRESH_SECONDS, READ_BACK, Signal, read

POLL_SECONDS = 1.0


class Watch(Protocol):
    """How a room knows whether it may rely on what it knows of people's rights."""

    def is_up_to_date(self) -> bool:
        """Whether this room knew, at most 30 seconds ago, all that was stated about who may come in."""
        ...

    def has_ended(self, handle: str | None) -> bool:
        """Whether the session of this handle has ended."""
        ...

    def look_back(self) -> None:
        """Hears what was signalled in the last minutes, before a door opens. Raises CarrierAway."""
        ...


class Itself:
    """The watch of the room that lets people in, and of a house played through under a hand clock: it is the truth."""

    def is_up_to_date(self) -> bool:
        """Nobody knows it sooner."""
        return True

    def has_ended(self, handle: str | None) -> bool:
        """It asks its own records instead."""
        return False

    def look_back(self) -> None:
        """There is nothing to hear."""


class Listening:
    """Hears heartbeats and ended sessions in a thread of its own.

    `come_to` gives up to where this room has applied each partition of the owner's topic.
    """

    def __init__(self, bus: Bus, topic: str, clock: Clock, come_to: Callable[[], Mapping[int, int]]) -> None:
        self._bus, self._topic, self._clock, self._come_to = bus, topic, clock, come_to
        self._ear: Ear | None = None
        self._lock = threading.Lock()
        self._fresh_as_of: datetime | None = None
        # Heartbeats whose facts this room has not all applied yet, oldest first.
        self._ahead: list[Signal] = []
        self._ended: dict[str, datetime] = {}

    def is_up_to_date(self) -> bool:
        """Whether the newest heartbeat that counts was sent at most 30 seconds ago."""
        as_of = self._fresh_as_of
        return as_of is not None and self._clock.now() - as_of <= timedelta(seconds=FRESH_SECONDS)

    def has_ended(self, handle: str | None) -> bool:
        """Whether this session was signalled as ended within the life of a pass."""
        return handle is not None and handle in self._ended

    def look_back(self) -> None:
        """Hears what was signalled in the last minutes, before a door opens. Raises CarrierAway."""
        ear = self._listen()
        while not ear.is_at_end():
            self._take(ear)
        self._count()

    def step(self, timeout_seconds: float) -> None:
        """Hears what is there. Raises CarrierAway."""
        self._take(self._listen(), timeout_seconds)
        self._count()

    def run(self, stopping: threading.Event) -> None:
        """Hears until stopped; with the carrier away it tries again, and meanwhile grows stale."""
        backoff = Backoff(stopping)
        while not stopping.is_set():
            try:
                self.step(POLL_SECONDS)
                backoff.went_well()
            except Retry:
                self.close()
                backoff.wait()
        self.close()

    def close(self) -> None:
        """Stops hearing; what is known stays known."""
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.close()

    def _listen(self) -> Ear:
        if self._ear is None:
            self._ear = self._bus.hear(self._topic, self._clock.now() - READ_BACK)
        return self._ear

    def _take(self, ear: Ear, timeout_seconds: float = 0.0) -> None:
        now = self._clock.now()
        for record in ear.poll(timeout_seconds):
            signal = read(record)
            if signal is None or now - signal.sent_at > READ_BACK:
                continue
            if signal.kind == ENDED:
                self._note_end(signal, now)
            elif signal.kind == BEAT:
                self._ahead.append(signal)

    def _note_end(self, signal: Signal, now: datetime) -> None:
        with self._lock:
            kept = {handle: at for handle, at in self._ended.items() if now - at <= READ_BACK}
            # Kept from when it was heard: a sender whose clock is behind must not have it forgotten early.
            self._ended = {**kept, signal.name: max(now, signal.sent_at)}

    def _count(self) -> None:
        """Takes the newest heartbeat whose facts are all applied here; later ones wait for theirs."""
        if not self._ahead:
            return
        come_to = self._come_to()
        reached = [beat for beat in self._ahead if all(come_to.get(part, 0) >= end for part, end in beat.ends.items())]
        if not reached:
            # A room far behind keeps few of them: one is as good as the next.
            self._ahead = self._ahead[-20:]
            return
        newest = max(reached, key=lambda beat: beat.sent_at)
        self._ahead = [beat for beat in self._ahead if beat.sent_at > newest.sent_at]
        # A clock ahead of ours must not make us fresh for longer.
        as_of = min(newest.sent_at, self._clock.now())
        if self._fresh_as_of is None or as_of > self._fresh_as_of:
            self._fresh_as_of = as_of
