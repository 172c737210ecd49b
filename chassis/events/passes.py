"""What is applied together, and one try at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from chassis.events import places
from chassis.events.arrival import Arrived, Odd
from chassis.events.bus import Record
from chassis.events.envelope import Envelope
from chassis.events.turn import NOTHING, Last
from chassis.rows import Gathering
from chassis.sealing import Ring


@dataclass(frozen=True)
class Batch:
    """What is applied together: what was read, where it lay, and the partitions it is the last of."""

    read: Sequence[Arrived | Odd]
    records: Sequence[Record] = ()
    caught_up: places.CaughtUp | None = None

    def arrived(self) -> list[Arrived]:
        """What has the shape of a fact."""
        return [one for one in self.read if isinstance(one, Arrived)]


@dataclass
class Pass:
    """One try at a batch: where each stream stood, where it stands now, and what must be known after the commit."""

    gathering: Gathering
    ring: Ring
    careful: bool
    was: Mapping[str, Last]
    kept: set[str]
    parked: set[str]
    now: dict[str, Last] = field(default_factory=dict)
    stated: int = 0
    applied: int = 0
    newest: datetime | None = None
    repeats: int = 0
    settled: list[Envelope] = field(default_factory=list)
    newly_parked: list[tuple[Arrived, str, str]] = field(default_factory=list)
    forks: int = 0
    odd: int = 0
    forgotten: list[str] = field(default_factory=list)

    @property
    def connection(self) -> sa.Connection:
        """For the chassis's own tables, which are never gathered."""
        return self.gathering.bare

    def last(self, stream: str) -> Last:
        """The last number applied of a stream, this pass included."""
        return self.now.get(stream) or self.was.get(stream, NOTHING)

    def settle(self, found: Envelope) -> None:
        """Notes that a fact need not be kept any more, where any of its stream is."""
        if found.stream in self.kept:
            self.settled.append(found)
