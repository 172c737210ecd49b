"""The two ends of the embedded log: who keeps messages in it, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chassis.events.bus import Message, Record, Share, Stand, Where

if TYPE_CHECKING:
    from chassis.events.bus.embedded import EmbeddedBus

# Records one poll gives at most, as many as the Kafka carrier's.
BATCH = 500


class EmbeddedPublisher:
    """Keeps messages in the log; what returns is on disk."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self._bus = bus
        self._reached: dict[Share, Stand] = {}

    def publish(self, topic: str, messages: Sequence[Message]) -> list[bool]:
        """Keeps all of the messages."""
        if messages:
            made = self._bus.append(topic, messages)
            self._reached.update({(topic, one.partition): Stand(one.topic_id, one.place + 1) for one in made})
        return [True] * len(messages)

    def reached(self) -> dict[Share, Stand]:
        """Just after the newest message kept of each partition since this was last asked."""
        reached, self._reached = self._reached, {}
        return reached

    def close(self) -> None:
        """Nothing is held."""


class EmbeddedSubscription:
    """Reads the log from where the reader's own database says."""

    def __init__(self, bus: EmbeddedBus, names: Sequence[str], where: Where) -> None:
        self._bus, self._names, self._where = bus, tuple(names), where
        self._next: dict[tuple[str, int], int] = {}
        self._ids: dict[str, str] = {}

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives what lies beyond the places read so far, fairly over the partitions."""
        found = self._read()
        if not found and timeout_seconds > 0:
            self._bus.wait(timeout_seconds, self._next)
            found = self._read()
        return found

    def _read(self) -> list[Record]:
        shares = self._bus.shares(self._names)
        self._place(shares)
        behind = [share for share, (_, end) in shares.items() if self._next[share] < end]
        if not behind:
            return []
        wanted = [(*share, self._next[share], shares[share][0]) for share in behind]
        found = self._bus.read(wanted, max(1, BATCH // len(behind)))
        self._next.update({(one.topic, one.partition): one.place + 1 for one in found})
        return found

    def _place(self, shares: Mapping[tuple[str, int], tuple[str, int]]) -> None:
        for (topic, partition), (topic_id, end) in shares.items():
            if self._ids.get(topic) != topic_id:
                # A topic deleted and made again starts anew, whatever was read of the old one.
                self._ids[topic] = topic_id
                for share in [share for share in self._next if share[0] == topic]:
                    del self._next[share]
            if (topic, partition) not in self._next:
                self._next[topic, partition] = self._where(topic, partition, topic_id, 0, end)

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        """The partitions beyond whose last record given out nothing lies."""
        shares = self._bus.shares(self._names)
        return frozenset(share for share, (_, end) in shares.items() if self._next.get(share, -1) >= end)

    def ends(self) -> Mapping[tuple[str, int], int]:
        """Where each partition ends now."""
        return {share: end for share, (_, end) in self._bus.shares(self._names).items()}

    def done(self, places: Mapping[tuple[str, int], int]) -> None:
        """The log needs no hint: positions live in the reader's database."""

    def again(self) -> None:
        """Reads again from where the database says."""
        self._next.clear()

    def close(self) -> None:
        """Nothing is held."""


class EmbeddedEar:
    """Hears what is signalled in this process."""

    def __init__(self, bus: EmbeddedBus, topic: str) -> None:
        self._reader = EmbeddedSubscription(bus, [topic], lambda *_: 0)

    def poll(self, timeout_seconds: float) -> list[Record]:
        """Gives what arrived."""
        return self._reader.poll(timeout_seconds)

    def is_at_end(self) -> bool:
        """Whether nothing lies beyond what was given out."""
        return self._reader.read_to_end() == frozenset(self._reader.ends())

    def close(self) -> None:
        """Nothing is held."""
