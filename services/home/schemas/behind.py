"""How far behind each room is, in words that say no more than is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chassis.events.lag import Lag

# Whoever listens notes about once a second that all was read; so much is no lag.
_HABIT_SECONDS = 3
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Behind:
    """One room's line: facts not read yet, facts kept until their turn, and for how long it has been behind.

    `is_here` is false for a room that runs in a process of its own; then only its metrics tell.
    """

    room: str
    is_here: bool
    unread: str
    kept: str
    since: str


def rooms_behind(lags: Mapping[str, Sequence[Lag]], rooms: Iterable[str], topics: Iterable[str] = ()) -> list[Behind]:
    """A line for each of these rooms, over all it hears or over some topics alone."""
    wanted = set(topics)
    found = []
    for room in rooms:
        heard = [lag for lag in lags.get(room, ()) if not wanted or lag.topic in wanted]
        found.append(_line(room, heard) if heard else Behind(room, False, "", "", ""))
    return found


def _line(room: str, heard: Sequence[Lag]) -> Behind:
    unread = [lag.unread for lag in heard if lag.unread is not None]
    is_counted = len(unread) == len(heard)
    seconds = [lag.seconds for lag in heard if lag.seconds is not None]
    is_known = len(seconds) == len(heard)
    return Behind(
        room=room,
        is_here=True,
        unread=str(sum(unread)) if is_counted else "not counted here",
        kept=str(sum(lag.kept for lag in heard)),
        since=_since(max(seconds, default=0)) if is_known else "not known yet",
    )


def _since(seconds: float) -> str:
    """A span in its largest unit, such as "about 3 minutes"; the habit of whoever listens is no lag."""
    if seconds <= _HABIT_SECONDS:
        return "not behind"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    count = int(seconds // size)
    return f"about {count} {unit}{'' if count == 1 else 's'}"
