"""What the poll thread and whoever takes what it read share: batches read ahead, and a few signals."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

from chassis.events.bus import Record

# Metadata is asked anew this often, so that a new leader or topic is seen in time.
METADATA_MS = 10_000
# Batches read ahead of the reactions; when they are full the partitions are paused and polling goes on.
_AHEAD = 2
Share = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll gave; `generation` tells what was read before a look back at the database from what came after."""

    generation: int
    records: list[Record]


@dataclass
class Shelf:
    """Written by the one thread and read by the other; each signal is one assignment."""

    ahead: queue.Queue[Batch] = field(default_factory=lambda: queue.Queue(_AHEAD))
    generation: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None
    hints: dict[Share, int] = field(default_factory=dict)
    at_end: frozenset[Share] = frozenset()
    ends: dict[Share, int] = field(default_factory=dict)
