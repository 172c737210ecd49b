"""What others make of the same facts on the same topic: FastStream on confluent and on aiokafka, and Arroyo.

None of them keeps anything in a database. Each is set up as fast as its own guide allows for what it guarantees.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from bench.events.publishing import landed
from bench.events.work import BATCH_BYTES, LINGER_MS, POLL_MS, Place, a_fact, as_json, messages, partition
from chassis.ids import RandomIds

# FastStream awaited one by one is slow: so many tell its rate.
_SINGLY = 500
_AT_ONCE = 500
_PATIENCE_SECONDS = 180

# What FastStream's publish takes: the body as data, the key, the headers, the partition.
Row = tuple[dict[str, Any], bytes, dict[str, str], int]


# ---- publishing


def awaited_singly(place: Place) -> float:
    """FastStream on confluent as its guide shows it: each publish awaited before the next."""
    rows = list(_rows(_SINGLY))

    async def send(broker: Any) -> None:
        for body, key, headers, part in rows:
            await broker.publish(body, place.topic, key=key, headers=headers, partition=part)

    return _published(place, send, len(rows), linger_ms=0)


def awaited_together(place: Place) -> float:
    """FastStream on confluent, 500 awaited at once."""
    rows = list(_rows(place.count))

    async def send(broker: Any) -> None:
        for first in range(0, len(rows), _AT_ONCE):
            await asyncio.gather(
                *(
                    broker.publish(body, place.topic, key=key, headers=headers, partition=part)
                    for body, key, headers, part in rows[first : first + _AT_ONCE]
                )
            )

    return _published(place, send, len(rows), linger_ms=LINGER_MS)


def unconfirmed(place: Place) -> float:
    """FastStream on confluent at its fastest: nothing confirmed; the flush at its end is timed."""
    rows = list(_rows(place.count))

    async def send(broker: Any) -> None:
        for body, key, headers, part in rows:
            await broker.publish(body, place.topic, key=key, headers=headers, partition=part, no_confirm=True)
        await broker.stop()

    return _published(place, send, len(rows), linger_ms=LINGER_MS)


def _published(place: Place, send: Callable[[Any], Awaitable[None]], count: int, linger_ms: int) -> float:
    from faststream.confluent import KafkaBroker

    async def go() -> float:
        broker = KafkaBroker(place.kafka, acks="all", enable_idempotence=True, linger_ms=linger_ms)
        await broker.start()
        await broker.publish({"n": 0}, place.topic, key=b"warm", partition=0)
        began = time.perf_counter()
        await send(broker)
        rate = count / (time.perf_counter() - began)
        await broker.stop()
        return rate

    rate = asyncio.run(go())
    landed(place, of=count)
    return rate


def futures_awaited(place: Place) -> float:
    """FastStream on aiokafka, sent without waiting and all confirmed at the end, in batches of the producer's own."""
    from faststream.kafka import KafkaBroker

    rows = list(_rows(place.count))

    async def go() -> float:
        broker = KafkaBroker(
            place.kafka, acks="all", enable_idempotence=True, linger_ms=LINGER_MS, max_batch_size=BATCH_BYTES
        )
        await broker.start()
        await broker.publish({"n": 0}, place.topic, key=b"warm", partition=0)
        began = time.perf_counter()
        sent = [
            await broker.publish(body, place.topic, key=key, headers=headers, partition=part, no_confirm=True)
            for body, key, headers, part in rows
        ]
        await asyncio.gather(*sent)
        rate = len(rows) / (time.perf_counter() - began)
        await broker.stop()
        return rate

    rate = asyncio.run(go())
    landed(place)
    return rate


def _rows(count: int) -> Iterator[Row]:
    for number, message in zip(range(count), messages(count), strict=True):
        headers = {name: text.decode() for name, text in message.headers}
        yield as_json(a_fact(number)), message.stream.encode(), headers, partition(number)


# ---- consuming


def faststream_confluent(place: Place) -> float:
    """FastStream on confluent, a handler for each message; places kept by its default, which may lose."""
    from faststream.confluent import KafkaBroker

    return _heard(place, KafkaBroker(place.kafka, logger=None), polling_interval=POLL_MS / 1000)


def faststream_aiokafka(place: Place) -> float:
    """FastStream on aiokafka, a handler for each message; places kept by its default, which may lose."""
    from faststream.kafka import KafkaBroker

    return _heard(place, KafkaBroker(place.kafka, logger=None))


def _heard(place: Place, broker: Any, **more: Any) -> float:
    logging.disable(logging.INFO)
    seen = _Seen(place.count)

    async def go() -> None:
        done = asyncio.Event()

        @broker.subscriber(place.topic, group_id=RandomIds().new(), auto_offset_reset="earliest", **more)  # type: ignore[untyped-decorator]
        async def handle(body: dict[str, Any]) -> None:
            if seen.one_more(body):
                done.set()

        await broker.start()
        await asyncio.wait_for(done.wait(), _PATIENCE_SECONDS)
        await broker.stop()

    asyncio.run(go())
    return seen.rate()


def arroyo_as_shipped(place: Place) -> float:
    """Arroyo RunTask with its own settings: it reads 10,000 ahead and then stands still for whole seconds."""
    return _arroyo(place)


def arroyo_lifted(place: Place) -> float:
    """Arroyo RunTask, reading ahead as far as its client's own default: the harder peer."""
    return _arroyo(place, queued_min_messages=100_000)


def _arroyo(place: Place, **more: Any) -> float:
    from arroyo import Topic
    from arroyo.backends.kafka import KafkaConsumer
    from arroyo.backends.kafka.configuration import build_kafka_consumer_configuration
    from arroyo.commit import ONCE_PER_SECOND
    from arroyo.processing import StreamProcessor
    from arroyo.processing.strategies import CommitOffsets, ProcessingStrategyFactory, RunTask

    seen = _Seen(place.count)

    def work(message: Any) -> Any:
        if seen.one_more(json.loads(message.payload.value)):
            processor.signal_shutdown()
        return message.payload

    class Factory(ProcessingStrategyFactory):  # type: ignore[misc]
        def create_with_partitions(self, commit: Any, partitions: Any) -> Any:
            return RunTask(work, CommitOffsets(commit))

    given = build_kafka_consumer_configuration(
        {}, bootstrap_servers=[place.kafka], auto_offset_reset="earliest", group_id=RandomIds().new(), **more
    )
    processor = StreamProcessor(
        consumer=KafkaConsumer(given), topic=Topic(place.topic), processor_factory=Factory(),
        commit_policy=ONCE_PER_SECOND,
    )  # fmt: skip
    processor.run()
    return seen.rate()


class _Seen:
    """Counts what a peer was given, and the time from the first to the last."""

    def __init__(self, wanted: int) -> None:
        self._wanted, self._count = wanted, 0
        self._began = self._ended = 0.0

    def one_more(self, body: dict[str, Any]) -> bool:
        """Counts one; says whether it was the last."""
        if not self._count:
            self._began = time.perf_counter()
        self._count += "step" in body
        if self._count == self._wanted:
            self._ended = time.perf_counter()
        return self._count >= self._wanted

    def rate(self) -> float:
        """So many a second."""
        return self._count / (self._ended - self._began)
