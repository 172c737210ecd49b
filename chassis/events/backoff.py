"""Waiting longer each time something is away, with jitter so that many do not come back at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chassis.errors import Retry
from chassis.ids import jitter

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 5.0


class Backoff:
    """Counts failures in a row and waits accordingly; a stop ends the wait."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._failures = 0

    def went_well(self) -> None:
        """Starts over."""
        self._failures = 0

    def wait(self) -> None:
        """Waits after one more failure."""
        self._failures += 1
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(self._failures, 10))
        self._stopping.wait(longest * jitter())


def work_until(stopping: threading.Event, work: Callable[[], int], idle: Callable[[], None]) -> None:
    """Works until stopped: idles when there was nothing to do, tries ever more slowly while something is away."""
    backoff = Backoff(stopping)
    while not stopping.is_set():
        try:
            done = work()
            backoff.went_well()
        except Retry:
            backoff.wait()
            continue
        if not done:
            idle()
