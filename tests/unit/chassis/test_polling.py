"""What the poll thread hands over of a partition that was just assigned: nothing that came before the seek."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

from kafka import TopicPartition

from chassis.events.bus.kafka.polling import PollLoop
from chassis.events.bus.kafka.shelf import Shelf

ONE, TWO = TopicPartition("partners", 0), TopicPartition("partners", 1)
# Where our own database says that reading begins.
PLACE = 7


class Given(NamedTuple):
    """A record as the client gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes = b"partners/partner/p"
    headers: tuple[Any, ...] = ()
    value: bytes = b"{}"


class Client:
    """A consumer that is given what each poll brings: what is assigned by then, and records by partition."""

    def __init__(
        self, shelf: Shelf, polls: Iterable[tuple[set[TopicPartition], dict[TopicPartition, list[int]]]]
    ) -> None:
        self._shelf, self._polls = shelf, list(polls)
        self._coordinator = SimpleNamespace(_join_task=None)
        self._assigned: set[TopicPartition] = set()
        self.sought: list[tuple[TopicPartition, int]] = []

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Given]]:
        if not self._polls:
            self._shelf.closing.set()
            return {}
        self._assigned, found = self._polls.pop(0)
        return {
            part: [Given(part.topic, part.partition, offset) for offset in offsets] for part, offsets in found.items()
        }

    def assignment(self) -> set[TopicPartition]:
        return self._assigned

    def beginning_offsets(self, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(parts, 0)

    def end_offsets(self, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(parts, 20)

    def seek(self, part: TopicPartition, place: int) -> None:
        self.sought.append((part, place))

    def highwater(self, part: TopicPartition) -> int:
        return 20

    def position(self, part: TopicPartition) -> int:
        return 0


def handed_over(
    *polls: tuple[set[TopicPartition], dict[TopicPartition, list[int]]],
) -> tuple[Client, list[tuple[int, int]]]:
    """Polls until there is nothing more; gives the client, and partition and place of each record handed over."""
    shelf = Shelf()
    client = Client(shelf, polls)
    described = [{"name": "partners", "topic_id": "an id"}]
    PollLoop(shelf, client, lambda: described, lambda *_: PLACE).run()
    given = []
    while not shelf.ahead.empty():
        given += [(one.partition, one.place) for one in shelf.ahead.get().records]
    return client, given


def test_what_a_new_partition_gave_before_the_seek_is_thrown_away() -> None:
    client, given = handed_over(({ONE}, {ONE: [0, 1]}), ({ONE}, {ONE: [PLACE, PLACE + 1]}))
    assert client.sought == [(ONE, PLACE)]
    assert given == [(0, PLACE), (0, PLACE + 1)]


def test_a_partition_that_comes_later_throws_nothing_of_the_others_away() -> None:
    client, given = handed_over(
        ({ONE}, {}), ({ONE, TWO}, {ONE: [PLACE], TWO: [0]}), ({ONE, TWO}, {TWO: [PLACE], ONE: [PLACE + 1]})
    )
    assert client.sought == [(ONE, PLACE), (TWO, PLACE)]
    assert sorted(given) == [(0, PLACE), (0, PLACE + 1), (1, PLACE)]
