"""The sending side of signals, for the owner whose word says who may still come in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from chassis.clock import Clock
from chassis.errors import Retry
from chassis.events.backoff import Backoff
from chassis.events.bus import Bus, Publisher
from chassis.events.signals import BEAT, BEAT_SECONDS, ENDED, Signal

# A fact that waits longer to be sent keeps heartbeats back: rooms must not think they know it.
UNSENT_SECONDS = 5.0
# Signals sent at once at most, and kept in the embedded log at least: an hour of heartbeats and more.
_MOST, _KEPT, _PRUNED_EVERY = 500, 5_000, 500


class Signaller:
    """Says every two seconds up to where the owner's topic must have been read, and at once which sessions ended.

    `ends` gives where the topic ends by partition, `unsent_seconds` the age of the oldest fact not sent yet, `due` the
    handles to signal and `done` notes that they were: at least once each, whatever ends this process.
    """

    def __init__(
        self, bus: Bus, name: str, topic: str, clock: Clock, *, ends: Callable[[], dict[int, int]],
        unsent_seconds: Callable[[], float], due: Callable[[int], Sequence[str]], done: Callable[[Sequence[str]], None],
    ) -> None:  # fmt: skip
        self._bus, self._name, self._topic, self._clock = bus, name, topic, clock
        self._ends, self._unsent_seconds, self._due, self._done = ends, unsent_seconds, due, done
        self._publisher: Publisher | None = None
        self._woken = threading.Event()
        self._sent = 0

    def wake(self) -> None:
        """Has what ended be signalled now."""
        self._woken.set()

    def step(self, *, beats: bool = True) -> int:
        """Signals the sessions that ended, then a heartbeat; gives how many signals went. Raises CarrierAway."""
        handles = self._due(_MOST)
        now = self._clock.now()
        signals = [Signal(ENDED, now, name=handle) for handle in handles]
        if beats and self._unsent_seconds() <= UNSENT_SECONDS:
            signals.append(Signal(BEAT, now, ends=self._ends()))
        if not signals:
            return 0
        kept = self._open().publish(self._topic, [signal.message() for signal in signals])
        gone = [handle for handle, is_kept in zip(handles, kept, strict=False) if is_kept]
        if gone:
            self._done(gone)
        self._prune(len(signals))
        return sum(kept)

    def run(self, stopping: threading.Event) -> None:
        """Signals until stopped; with the carrier away it tries again."""
        backoff = Backoff(stopping)
        while not stopping.is_set():
            is_woken = self._woken.wait(BEAT_SECONDS)
            self._woken.clear()
            if stopping.is_set():
                return
            try:
                self.step(beats=not is_woken)
                backoff.went_well()
            except Retry:
                backoff.wait()

    def close(self) -> None:
        """Ends the publisher."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.close()

    def _open(self) -> Publisher:
        if self._publisher is None:
            self._bus.make_signals(self._topic)
            self._publisher = self._bus.publisher(f"{self._name}-signals")
        return self._publisher

    def _prune(self, sent: int) -> None:
        """A broker lets go of old signals by itself; the embedded log is told to."""
        keep_newest: Any = getattr(self._bus, "keep_newest", None)
        self._sent += sent
        if keep_newest is not None and self._sent >= _PRUNED_EVERY:
            self._sent = 0
            keep_newest(self._topic, _KEPT)
