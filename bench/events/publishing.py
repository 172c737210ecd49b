"""Publishing the facts to Kafka, and relaying them from PostgreSQL; every case is held against the log afterwards."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.events.rooms import share_at, speaker, state_some
from bench.events.work import BATCH_BYTES, KEYS, LINGER_MS, PARTITIONS, Place, a_fact, message_of, messages, partition
from chassis.events import relay
from chassis.events.bus.kafka import KafkaBus
from chassis.ids import RandomIds
from chassis.tables import outbox


def ours(place: Place) -> float:
    """Envelope, headers and body made of each fact; every send acknowledged before the next batch goes."""
    facts, ids = [a_fact(number) for number in range(place.count)], RandomIds()
    publisher = KafkaBus(place.kafka).publisher("bench")
    # One beforehand, for all alike: connections and metadata are there when the clock starts.
    publisher.publish(place.topic, [message_of(a_fact(0), ids)])
    began = time.perf_counter()
    for first in range(0, place.count, relay.BATCH):
        kept = publisher.publish(place.topic, [message_of(one, ids) for one in facts[first : first + relay.BATCH]])
        if not all(kept):
            raise SystemExit("a send was not acknowledged")
    rate = place.count / (time.perf_counter() - began)
    publisher.close()
    landed(place)
    return rate


def bare(place: Place) -> float:
    """kafka-python alone, which works out the partition itself; bytes and headers were made beforehand."""
    return _bare(place, [None] * place.count)


def bare_partition_given(place: Place) -> float:
    """The same, told the partition: the harder peer."""
    return _bare(place, [partition(number) for number in range(place.count)])


def _bare(place: Place, partitions: list[int | None]) -> float:
    rows = [
        (one.stream.encode(), one.body, one.headers, part)
        for one, part in zip(messages(place.count), partitions, strict=True)
    ]
    producer: Any = KafkaProducer(
        bootstrap_servers=place.kafka, acks="all", linger_ms=LINGER_MS, batch_size=BATCH_BYTES, max_block_ms=5_000
    )
    producer.send(place.topic, rows[0][1], rows[0][0], rows[0][2]).get(timeout=30)
    began = time.perf_counter()
    sent = [producer.send(place.topic, value, key, headers, part) for key, value, headers, part in rows]
    producer.flush()
    rate = place.count / (time.perf_counter() - began)
    if not all(one.succeeded() for one in sent):
        raise SystemExit("a send was not acknowledged")
    producer.close()
    landed(place)
    return rate


def relayed(place: Place) -> float:
    """Facts that were stated go out in order, and their references are deleted, until none is left."""
    room = speaker(place, share_at(place))
    began, sent = time.perf_counter(), 0
    while sent < place.count:
        sent += room.relay.sweep()
    rate = place.count / (time.perf_counter() - began)
    with room.reading() as unit:
        left = unit.connection.execute(sa.select(sa.func.count()).select_from(outbox)).scalar_one()
    if left:
        raise SystemExit(f"{left} references are left")
    room.close()
    landed(place, more=0)
    return rate


def landed(place: Place, more: int = 1, of: int = 0) -> None:
    """Fails unless the log holds the facts, or `of` them, and `more` that were sent beforehand."""
    reader: Any = KafkaConsumer(bootstrap_servers=place.kafka)
    ends = reader.end_offsets([TopicPartition(place.topic, number) for number in range(PARTITIONS)])
    reader.close()
    wanted = (of or place.count) + more
    if sum(ends.values()) != wanted:
        raise SystemExit(f"the log holds {sum(ends.values())}, not {wanted}")


def fill(place: Place) -> float:
    """Fills a topic with the facts, for whoever consumes them; not measured."""
    publisher = KafkaBus(place.kafka).publisher("bench")
    publisher.publish(place.topic, list(messages(place.count)))
    publisher.close()
    landed(place, more=0)
    return 0.0


def state_all(place: Place) -> float:
    """States the facts, for whoever relays them; not measured."""
    room = speaker(place, share_at(place))
    for first in range(0, place.count, KEYS):
        state_some(room, first, min(KEYS, place.count - first))
    room.close()
    return 0.0
