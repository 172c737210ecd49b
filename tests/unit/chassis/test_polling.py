"""What the poll thread hands over of a partition that was just assigned: nothing that came before the seek."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition

from chassis.events.bus.kafka import polling
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
        self._coordinator = SimpleNamespace(_join_task=None, request_rejoin=lambda: self.done.append("join"))
        self._assigned: set[TopicPartition] = set()
        self.sought: list[tuple[TopicPartition, int]] = []
        self.done: list[str] = []
        # What happens besides in each poll, by its number.
        self.besides: dict[int, Callable[[], Any]] = {}

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Given]]:
        self.done.append("poll")
        self.besides.get(self.done.count("poll"), lambda: None)()
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

    def pause(self, *_parts: TopicPartition) -> None:
        self.done.append("pause")
        assert self.done.count("pause") < 20, "it pauses and no longer polls: the group would count this member out"

    def resume(self, *_parts: TopicPartition) -> None:
        self.done.append("resume")

    def paused(self) -> set[TopicPartition]:
        return self._assigned


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


def test_a_topic_made_anew_is_read_from_where_the_database_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "METADATA_MS", -1)
    shelf = Shelf()
    client = Client(shelf, [({ONE}, {}), ({ONE}, {ONE: [15]}), ({ONE}, {ONE: [PLACE]})])
    ids = ["an id", "another id", "another id", "another id"]
    asked: list[str] = []

    def where(_topic: str, _partition: int, topic_id: str, _first: int, _end: int) -> int:
        asked.append(topic_id)
        return PLACE

    PollLoop(shelf, client, lambda: [{"name": "partners", "topic_id": ids.pop(0)}], where).run()
    assert asked == ["an id", "another id"]
    # What lay at a place of the topic before is not taken for the new one's.
    assert [(one.place, one.topic_id) for one in shelf.ahead.get().records] == [(PLACE, "another id")]


def test_while_all_is_full_it_pauses_and_polls_on_and_what_came_meanwhile_is_read_again() -> None:
    shelf = Shelf()
    client = Client(
        shelf,
        [({ONE}, {}), ({ONE}, {ONE: [7]}), ({ONE}, {ONE: [8]}), ({ONE}, {ONE: [9]}), ({ONE}, {ONE: [10]}), ({ONE}, {})],
    )
    # The fifth poll is made while paused; then somebody takes a batch.
    client.besides[5] = shelf.ahead.get
    PollLoop(shelf, client, lambda: [{"name": "partners", "topic_id": "an id"}], lambda *_: PLACE).run()
    assert client.done[:7] == ["poll", "poll", "poll", "poll", "pause", "poll", "resume"]
    assert client.sought == [(ONE, PLACE), (ONE, PLACE)]
    assert [one.place for one in shelf.ahead.get().records] == [8]
    assert [one.place for one in shelf.ahead.get().records] == [9]


def joins_of(monkeypatch: pytest.MonkeyPatch, assigned: set[TopicPartition], seconds: int, topics: Any) -> list[int]:
    """In which seconds a member joins anew that polls once a second, with the same partitions throughout."""
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    shelf = Shelf()
    client = Client(shelf, [(assigned, {})] * seconds)
    found: list[int] = []
    client._coordinator.request_rejoin = lambda: found.append(int(clock[0]) - 100)
    real = client.poll

    def poll(timeout_ms: int) -> Any:
        clock[0] += 1
        return real(timeout_ms)

    client.poll = poll  # type: ignore[method-assign]
    PollLoop(shelf, client, lambda: topics, lambda *_: PLACE).run()
    return found


def test_a_member_without_partitions_joins_anew_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [{"name": "partners", "topic_id": "a"}]
    # After 5 seconds, 10 more, 20 more, 40 more; each a second late, since it must be longer than that.
    assert joins_of(monkeypatch, set(), 90, there) == [6, 17, 38, 79]


def test_a_member_with_partitions_and_one_whose_topics_are_not_there_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert joins_of(monkeypatch, {ONE}, 90, [{"name": "partners", "topic_id": "a"}]) == []
    assert joins_of(monkeypatch, set(), 90, []) == []
