"""Topics that others write, on each carrier: every message once and in order, and none stops those behind it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.errors import Retry
from chassis.events.bus import Bus, Message, Record
from chassis.events.bus.embedded import EmbeddedBus
from chassis.events.bus.kafka import KafkaBus
from chassis.events.foreign import TRIES, ForeignListener, _in_turns, claim_place, code_in, topic_of
from chassis.tables import metadata, positions

PATIENCE_SECONDS = 30


class Reader:
    """Reads topics under a prefix and keeps what it took, in a database of its own."""

    def __init__(self, bus: Bus, prefix: str, folder: Path) -> None:
        self.bus, self.prefix, self.names = bus, prefix, set[str]()
        self.database = Database(f"sqlite:///{folder}/reader.sqlite")
        with self.database.writing() as connection:
            metadata.create_all(connection)
        self.taken: list[str] = []
        self.given_up: list[str] = []
        self.tries: list[str] = []
        self.before: Callable[[str], None] = lambda _text: None
        self.listener = self.opened()

    def opened(self) -> ForeignListener:
        """The listener, as a process makes it when it starts."""
        return ForeignListener(
            service="reader", consumer="reader", group=f"{self.prefix}reader", bus=self.bus,
            database=self.database, chosen=self._chosen, take=self._take, give_up=self._give_up,
        )  # fmt: skip

    def _chosen(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name.removeprefix(self.prefix) in self.names]

    def _take(self, record: Record) -> None:
        text = (record.value or b"").decode()
        self.tries.append(text)
        with self.database.writing() as connection:
            if not claim_place(connection, "reader", record):
                return
            self.before(text)
            self.taken.append(text)

    def _give_up(self, record: Record) -> None:
        with self.database.writing() as connection:
            claim_place(connection, "reader", record)
        self.given_up.append((record.value or b"").decode())

    def make(self, *names: str) -> None:
        self.names |= set(names)
        self.bus.make_topics([self.prefix + name for name in names], 1)
        self.listener.look_again()

    def put(self, name: str, *texts: str) -> None:
        publisher = self.bus.publisher("somebody")
        messages = [Message("k", [], text.encode()) for text in texts]
        assert publisher.publish(self.prefix + name, messages) == [True] * len(texts)
        publisher.close()

    def read(self, until: Callable[[], bool]) -> None:
        """Reads until something is so."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not until():
            assert time.monotonic() < ends, (self.taken, self.given_up)
            self.listener.step(0.05)

    def place(self, name: str) -> int:
        """From where a topic is read on."""
        with self.database.reading() as connection:
            query = sa.select(positions.c.next).where(positions.c.topic == self.prefix + name)
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        self.listener.close()
        self.database.close()


@pytest.fixture(params=["embedded", "kafka"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    if request.param == "kafka":
        topics = request.getfixturevalue("kafka")
        made = Reader(KafkaBus(topics.bootstrap), topics.prefix, tmp_path)
    else:
        made = Reader(EmbeddedBus(tmp_path / "log.sqlite", relaxed=True), "t.", tmp_path)
    yield made
    made.close()


@pytest.fixture
def said(told: io.StringIO) -> Callable[[str], list[dict[str, Any]]]:
    """The log lines of an event."""
    return lambda event: [one for line in told.getvalue().splitlines() if (one := json.loads(line))["event"] == event]


def test_each_message_is_taken_once_and_in_order_also_by_whoever_comes_after(reader: Reader) -> None:
    reader.make("a")
    reader.put("a", "1", "2", "3")
    reader.read(lambda: len(reader.taken) == 3)
    reader.listener.close()
    reader.listener = reader.opened()
    reader.put("a", "4")
    reader.read(lambda: len(reader.taken) == 4)
    assert reader.taken == ["1", "2", "3", "4"]
    assert reader.place("a") == 4


def test_a_message_that_always_fails_is_given_up_and_those_behind_it_are_taken(
    said: Callable[[str], list[dict[str, Any]]], reader: Reader
) -> None:
    def failing(text: str) -> None:
        if text == "bad":
            raise ValueError("words of somebody")

    reader.before = failing
    reader.make("a")
    reader.put("a", "1", "bad", "2")
    reader.read(lambda: len(reader.taken) == 2)
    assert reader.taken == ["1", "2"]
    assert reader.given_up == ["bad"]
    assert reader.tries.count("bad") == TRIES
    lines = said("message_failed")
    assert [(one["number"], one["error"]) for one in lines] == [(1, "ValueError")] * TRIES
    assert "somebody" not in json.dumps(lines)


def test_where_not_even_the_answer_can_be_given_the_message_is_passed_over_and_told(
    said: Callable[[str], list[dict[str, Any]]], reader: Reader
) -> None:
    def failing(text: str) -> None:
        if text == "bad":
            raise ValueError

    def cannot(_record: Record) -> None:
        raise ValueError

    reader.before = failing
    reader.listener._give_up = cannot
    reader.make("a")
    reader.put("a", "bad", "1")
    reader.read(lambda: reader.taken == ["1"])
    assert [one["number"] for one in said("message_passed_over")] == [0]


def test_while_a_part_is_away_a_message_waits_and_is_then_taken_once(reader: Reader) -> None:
    away = [True, True]

    def missing(text: str) -> None:
        if text == "2" and away:
            away.pop()
            raise Retry

    reader.before = missing
    reader.make("a")
    reader.put("a", "1", "2", "3")
    for _ in range(2):
        with pytest.raises(Retry):
            reader.read(lambda: False)
    reader.read(lambda: len(reader.taken) == 3)
    assert reader.taken == ["1", "2", "3"]
    assert reader.given_up == []


def test_a_topic_that_comes_later_is_read_from_its_first_message_and_one_not_chosen_is_not(reader: Reader) -> None:
    reader.make("a", "c")
    reader.names.discard("c")
    reader.put("a", "1")
    reader.put("c", "not ours")
    reader.read(lambda: reader.taken == ["1"])
    reader.make("b")
    reader.put("b", "2", "3")
    reader.put("a", "4")
    reader.read(lambda: len(reader.taken) == 4)
    assert sorted(reader.taken) == ["1", "2", "3", "4"]
    assert "not ours" not in reader.tries


def test_a_topic_that_goes_stops_nobody(reader: Reader) -> None:
    reader.make("a", "b")
    reader.put("a", "1")
    reader.read(lambda: reader.taken == ["1"])
    reader.names.discard("b")
    reader.listener.look_again()
    reader.put("a", "2")
    reader.read(lambda: len(reader.taken) == 2)
    assert reader.taken == ["1", "2"]


def test_messages_that_were_thrown_away_unread_are_told(
    said: Callable[[str], list[dict[str, Any]]], reader: Reader
) -> None:
    if isinstance(reader.bus, EmbeddedBus):
        return  # it throws nothing away
    from kafka import KafkaAdminClient, TopicPartition

    reader.make("a")
    reader.put("a", "1", "2", "3", "4")
    reader.read(lambda: len(reader.taken) == 4)
    reader.listener.close()
    reader.put("a", "5", "6", "7")
    admin = KafkaAdminClient(bootstrap_servers=reader.bus._bootstrap)  # type: ignore[attr-defined]
    admin.delete_records({TopicPartition(f"{reader.prefix}a", 0): 6})
    admin.close()
    reader.listener = reader.opened()
    reader.read(lambda: len(reader.taken) == 5)
    assert reader.taken[-1] == "7"
    assert [one["count"] for one in said("messages_missed")] == [2]


def a_record(topic: str, place: int, topic_id: str = "one") -> Record:
    return Record(topic, 0, place, topic_id, None, [], b"")


def test_nobody_waits_for_all_of_somebody_elses_messages() -> None:
    records = [a_record("a", place) for place in range(4)] + [a_record("b", 0), a_record("c", 0), a_record("c", 1)]
    assert [(one.topic, one.place) for one in _in_turns(records)] == [
        ("a", 0), ("b", 0), ("c", 0), ("a", 1), ("c", 1), ("a", 2), ("a", 3),
    ]  # fmt: skip


def test_a_place_is_passed_once_until_the_topic_is_another(tmp_path: Path) -> None:
    reader = Reader(EmbeddedBus(tmp_path / "log.sqlite", relaxed=True), "t.", tmp_path)

    def claim(place: int, topic_id: str = "one") -> bool:
        with reader.database.writing() as connection:
            return claim_place(connection, "reader", a_record("a", place, topic_id))

    assert [claim(0), claim(0), claim(2), claim(1), claim(2)] == [True, False, True, False, False]
    assert [claim(0, "two"), claim(0, "two"), claim(1, "two")] == [True, False, True]
    reader.close()


@pytest.mark.parametrize("code", ["north", "north-trust", "n1"])
def test_whose_topic_it_is_stands_in_its_name(code: str) -> None:
    assert code_in("t.", topic_of("t.", code, "inbound"), "inbound") == code
    assert code_in("t.", topic_of("t.", code, "inbound"), "outbound") is None


@pytest.mark.parametrize(
    "name", ["t.partner..inbound", "t.partner.a.b.inbound", "partner.a.inbound", "t.partners", "t.partner.a.inbounds"]
)
def test_a_name_that_is_like_one_is_none(name: str) -> None:
    assert code_in("t.", name, "inbound") is None
