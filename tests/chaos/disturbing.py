"""A carrier that repeats, delays and reorders what passes through it, as real ones do when a send times out."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.events.bus import Message, Record, Where

# Of a hundred sends: kept but said to be unknown; kept twice; one left out while a later one of its stream is kept;
# something old sent again, as a frozen relay does when it goes on.
_UNKNOWN, _TWICE, _OVERTAKEN, _LATE = 6, 6, 6, 6
_DELAYED_SHARE = 0.1


class DisturbingBus:
    """Passes everything on to a real carrier, disturbed by a seeded draw; `noted` hears of each disturbance."""

    def __init__(self, bus: Any, draw: random.Random, noted: Callable[[], None]) -> None:
        self._bus, self._draw, self._noted = bus, draw, noted

    def publisher(self, name: str) -> DisturbingPublisher:
        return DisturbingPublisher(self._bus.publisher(name), self._draw, self._noted)

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> DelayingSubscription:
        return DelayingSubscription(self._bus.subscribe(group, topics, member, where), self._draw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class DisturbingPublisher:
    """A publisher whose acknowledgements get lost and whose messages come twice, late, or one before the other."""

    def __init__(self, publisher: Any, draw: random.Random, noted: Callable[[], None]) -> None:
        self._publisher, self._draw, self._noted = publisher, draw, noted
        self._sent: deque[Message] = deque(maxlen=50)

    @property
    def renewed(self) -> int:
        return int(getattr(self._publisher, "renewed", 0))

    def publish(self, topic: str, messages: Sequence[Message]) -> list[bool]:
        drawn = self._draw.randrange(100)
        if drawn >= _UNKNOWN + _TWICE + _OVERTAKEN + _LATE:
            return self._pass_on(topic, messages)
        self._noted()
        if drawn < _UNKNOWN:
            self._pass_on(topic, messages)
            return [False] * len(messages)
        if drawn < _UNKNOWN + _TWICE:
            self._pass_on(topic, messages)
            return self._pass_on(topic, messages)
        if drawn < _UNKNOWN + _TWICE + _OVERTAKEN:
            # The first of the batch was not kept, what came after it was: of its stream the later is there first.
            kept = self._pass_on(topic, messages[1:]) if len(messages) > 1 else []
            return [False, *kept]
        late = list(self._sent)[: self._draw.randrange(1, 6)]
        kept = self._pass_on(topic, messages)
        self._pass_on(topic, late)
        return kept

    def _pass_on(self, topic: str, messages: Sequence[Message]) -> list[bool]:
        kept: list[bool] = self._publisher.publish(topic, messages) if messages else []
        self._sent.extend(messages)
        return kept

    def reached(self) -> Mapping[tuple[str, int], Any]:
        found: Mapping[tuple[str, int], Any] = self._publisher.reached()
        return found

    def close(self) -> None:
        self._publisher.close()


class DelayingSubscription:
    """A subscription that now and then gives nothing although something is there."""

    def __init__(self, subscription: Any, draw: random.Random) -> None:
        self._subscription, self._draw = subscription, draw

    def poll(self, timeout_seconds: float) -> list[Record]:
        if self._draw.random() < _DELAYED_SHARE:
            return []
        found: list[Record] = self._subscription.poll(timeout_seconds)
        return found

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        found: frozenset[tuple[str, int]] = self._subscription.read_to_end()
        return found

    def ends(self) -> Mapping[tuple[str, int], int]:
        found: Mapping[tuple[str, int], int] = self._subscription.ends()
        return found

    def done(self, places: Mapping[tuple[str, int], int]) -> None:
        self._subscription.done(places)

    def again(self) -> None:
        self._subscription.again()

    def close(self) -> None:
        self._subscription.close()
