"""Requests that wait for news: few enough to leave threads for others, and gone as soon as the server stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

# Threads that answer requests, in one process.
WEB_THREADS = 8
# The share of them that may be held by requests that wait.
WAITING_SHARE = 0.25
# Seconds between two looks when nobody rings: news may come from another process.
LOOK_SECONDS = 1.0
T = TypeVar("T")


class Waits:
    """The waiting of one process, whichever of its services is asked."""

    def __init__(self, places: int = int(WEB_THREADS * WAITING_SHARE)) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._news = threading.Condition()
        self._rung = 0
        self._is_leaving: Callable[[], bool] = lambda: False

    def ring(self) -> None:
        """Says that there may be news; whoever waits looks at once."""
        with self._news:
            self._rung += 1
            self._news.notify_all()

    def leave(self) -> None:
        """Ends every wait, now and from now on: the server stops."""
        self.leave_when(lambda: True)
        self.ring()

    def leave_when(self, is_leaving: Callable[[], bool]) -> None:
        """Has every wait end once this says so; it is asked at each look."""
        self._is_leaving = is_leaving

    def wait_for(self, look: Callable[[], T], seconds: float) -> tuple[T, bool]:
        """Looks until there is something, for so long at most; gives what there is at the end.

        The second is False for whoever wanted to wait and was not let, because too many do.
        """
        rung = self._rung
        found = look()
        if found or seconds <= 0:
            return found, True
        if not self._places.acquire(blocking=False):
            return found, False
        try:
            ends = time.monotonic() + seconds
            while not found and not self._is_leaving() and (left := ends - time.monotonic()) > 0:
                rung = self._sleep(rung, min(left, LOOK_SECONDS))
                found = look()
            return found, True
        finally:
            self._places.release()

    def _sleep(self, rung: int, seconds: float) -> int:
        with self._news:
            self._news.wait_for(lambda: self._rung != rung, seconds)
            return self._rung
