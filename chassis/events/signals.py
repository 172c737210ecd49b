"""Signals: what must be known at once and need not be known for ever. They have no number and stand in no records.

Two kinds: a *heartbeat* of the room that lets people in, by which every room knows how new its own knowledge is, and
the *end of a session*. The topic keeps an hour of them (docs/events.md, Signals).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.events.bus import Message, Record

SUFFIX = ".signals"
BEAT, ENDED = "heartbeat", "session.ended"
# Seconds between two heartbeats, and how old the last may be before its hearer counts as not up to date.
BEAT_SECONDS = 2.0
FRESH_SECONDS = 30
# How much a process hears of what was signalled before it opens: no pass lives longer (chassis/passes.py).
READ_BACK = timedelta(minutes=11)


def topic_of(owner_topic: str) -> str:
    """The topic of an owner's signals."""
    return owner_topic + SUFFIX


@dataclass(frozen=True)
class Signal:
    """One signal: `name` is the handle of a session that ended; `ends` where the owner's topic ended, by partition."""

    kind: str
    sent_at: datetime
    name: str = ""
    ends: Mapping[int, int] = field(default_factory=dict)

    def message(self) -> Message:
        """The signal on its way out."""
        said = {"kind": self.kind, "sent_at": self.sent_at.isoformat(), "name": self.name}
        body = json.dumps({**said, "ends": {str(part): end for part, end in self.ends.items()}})
        return Message(self.kind, [], body.encode())


def read(record: Record) -> Signal | None:
    """What was signalled, or None for what nobody here understands: a newer version may signal more."""
    try:
        found = json.loads(record.value or b"")
        sent_at = datetime.fromisoformat(found["sent_at"])
        if found["kind"] not in {BEAT, ENDED} or sent_at.tzinfo is None:
            return None
        ends = {int(part): int(end) for part, end in found["ends"].items()}
        return Signal(found["kind"], sent_at, str(found["name"]), ends)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
