"""Reading what others wrote to Kafka: whatever a record is, those behind it are read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaProducer

from chassis.events.bus import Record
from chassis.events.bus.kafka import KafkaBus
from tests.parts.kafka import Topics

PATIENCE_SECONDS = 30


class NotText(str):
    """A header's name that leaves as bytes which are no UTF-8, as another client may send it."""

    def encode(self, *_how: str) -> bytes:
        return b"\xff\xfe"


@pytest.fixture
def producer(kafka: Topics) -> Iterator[Any]:
    # One batch for all: what is odd stands in the middle of what is not.
    made = KafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=200)
    yield made
    made.close()


def read(kafka: Topics, topic: str, count: int) -> list[Record]:
    bus = KafkaBus(kafka.bootstrap)
    reader = bus.subscribe(f"{kafka.prefix}reader", [topic], "reader-0", lambda *_: 0)
    found: list[Record] = []
    ends = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < ends:
        found += reader.poll(0.2)
    reader.close()
    return found


def test_a_record_with_a_header_that_is_no_text_is_given_empty_and_those_behind_it_are_read(
    kafka: Topics, producer: Any
) -> None:
    kafka.make("letters", partitions=1)
    topic = f"{kafka.prefix}letters"
    names = ["first", NotText("odd"), "third", NotText("odd"), "last"]
    for name in names:
        producer.send(topic, b"a letter", key=b"k", headers=[(name, b"1")])
    producer.flush()
    found = read(kafka, topic, len(names))
    assert [one.place for one in found] == [0, 1, 2, 3, 4]
    assert [one.value for one in found] == [b"a letter", None, b"a letter", None, b"a letter"]
    assert [one.headers for one in found] == [[("first", b"1")], [], [("third", b"1")], [], [("last", b"1")]]


def test_a_bus_names_the_topics_there_are(kafka: Topics) -> None:
    kafka.make("letters", "replies", partitions=1)
    names = KafkaBus(kafka.bootstrap).topic_names()
    assert sorted(name for name in names if name.startswith(kafka.prefix)) == [
        f"{kafka.prefix}letters", f"{kafka.prefix}replies",
    ]  # fmt: skip
