"""What lies on a topic, read by the oracle straight from the carrier."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from chassis.database import Database
from chassis.events.bus.embedded import records
from chassis.events.envelope import Headers
from chassis.settings import Settings

Kept = tuple[bytes, Headers]


def records_of(settings: Settings, topic: str) -> Iterator[Kept]:
    """Key and headers of every record of a topic, repeats and all."""
    return _on_kafka(settings.kafka, topic) if settings.kafka else _in_the_log(settings, topic)


def _in_the_log(settings: Settings, topic: str) -> Iterator[Kept]:
    database = Database(f"sqlite:///{settings.data / 'log.sqlite'}")
    try:
        with database.reading() as connection:
            query = sa.select(records.c.key, records.c.headers).where(records.c.topic == topic).order_by(records.c.id)
            kept = connection.execute(query).all()
    finally:
        database.close()
    for key, text in kept:
        yield key, [(name, value.encode("latin-1")) for name, value in json.loads(text)]


def _on_kafka(bootstrap: str, topic: str) -> Iterator[Kept]:
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, isolation_level="read_committed")
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(one) < ends[one] for one in partitions):
            for batch in consumer.poll(20).values():
                for record in batch:
                    yield record.key, list(record.headers)
    finally:
        consumer.close()
