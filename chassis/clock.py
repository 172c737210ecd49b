"""The only place that asks for the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC moment."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """A clock moved by hand, for tests and the made-up region; it never goes back."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a moment without a zone; hand in an aware UTC moment")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        """Sets the time to `at`; an earlier moment is ignored."""
        self._at = max(self._at, at.astimezone(UTC))

    def advance(self, **parts: float) -> datetime:
        """Moves on by a timedelta's parts (`days=1`) and gives the new time."""
        self._at += timedelta(**parts)
        return self._at
