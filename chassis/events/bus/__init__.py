"""What a carrier is: topics of partitions that keep what was published in order, for each group from any place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.errors import Retry
from chassis.events.envelope import Headers


class CarrierAway(Retry):
    """The carrier does not answer; what was to be sent stays in the outbox."""

    says = "The carrier of facts does not answer. Nothing was lost; it is tried again."


class Message(NamedTuple):
    """One fact on its way out: key = stream."""

    stream: str
    headers: Headers
    body: bytes


class Record(NamedTuple):
    """One thing that arrived, and where it stood."""

    topic: str
    partition: int
    place: int
    topic_id: str
    key: bytes | None
    headers: Headers
    value: bytes | None


# A partition of a topic.
Share = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a partition ends, and which topic it is of."""

    topic_id: str
    end: int


class Publisher(Protocol):
    """Sends messages and waits for each to be acknowledged."""

    def publish(self, topic: str, messages: Sequence[Message]) -> list[bool]:
        """Says of each message whether it is known to be kept; False means unknown, never "failed".

        Raises CarrierAway when nothing could be sent at all.
        """
        ...

    def reached(self) -> Mapping[Share, Stand]:
        """Just after the newest message of each partition that was acknowledged since this was last asked."""
        ...

    def close(self) -> None:
        """Ends; what was acknowledged stays acknowledged."""
        ...


# (topic, partition, topic id, first place, end) -> the place to read from next
Where = Callable[[str, int, str, int, int], int]


class Subscription(Protocol):
    """One member of a group, reading its share of the partitions from where its own database says."""

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives what arrived, in order per partition; empty after the time-out. Raises CarrierAway."""
        ...

    def done(self, places: Mapping[tuple[str, int], int]) -> None:
        """Tells the carrier, as a hint only, up to where the group has come."""
        ...

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        """The partitions of this member beyond whose last record given out nothing lay at the last look."""
        ...

    def ends(self) -> Mapping[tuple[str, int], int]:
        """Where each partition of this member ended at the last look; empty when that is not known."""
        ...

    def again(self) -> None:
        """Forgets what was read ahead and asks `where` anew for every partition; for after a failed transaction."""
        ...

    def close(self) -> None:
        """Leaves the group at once."""
        ...


class Ear(Protocol):
    """Hears every signal of a topic, beside any group: what is signalled is for each process that listens.

    What was signalled before it began may come too, also from long ago.
    """

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives what arrived; empty after the time-out. Raises CarrierAway."""
        ...

    def is_at_end(self) -> bool:
        """Whether nothing lay beyond what was given out at the last look."""
        ...

    def close(self) -> None:
        """Ends."""
        ...


class Bus(Protocol):
    """A carrier of facts, and of signals beside them."""

    def publisher(self, name: str) -> Publisher:
        """A publisher of its own for one service."""
        ...

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> Subscription:
        """Joins a group that reads these topics; `where` says from which place to read.

        `member` is a stable name, by which whoever comes back is known at once, for the same topics; empty for a reader
        whose topics change: it comes anew each time.
        """
        ...

    def make_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Makes topics that are not there yet: kept for good, never compacted."""
        ...

    def stands(self, topics: Sequence[str]) -> Mapping[Share, Stand]:
        """Where each partition of the topics there are ends now. Raises CarrierAway."""
        ...

    def read_through(self, places: Mapping[Share, int], stand: Mapping[Share, Stand]) -> Iterator[list[Record]]:
        """What partitions hold from some places up to where they stand, batch by batch, beside any group.

        Of one partition in order. Raises CarrierAway.
        """
        ...

    def make_signals(self, topic: str) -> None:
        """Makes a topic of signals where there is none: one partition, an hour kept. Raises CarrierAway."""
        ...

    def hear(self, topic: str, since: datetime) -> Ear:
        """Begins to hear the signals of a topic, those of the time since some moment first. Raises CarrierAway."""
        ...

    def topic_names(self) -> list[str]:
        """The topics there are, as far as whoever signs in may see them. Raises CarrierAway."""
        ...

    def answers(self) -> bool:
        """Says whether the carrier answers now."""
        ...

    def close(self) -> None:
        """Gives everything back."""
        ...
