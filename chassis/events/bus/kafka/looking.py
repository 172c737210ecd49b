"""Looking at topics beside any group: where their partitions end, and all that lies up to there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from chassis.events.bus import CarrierAway, Record, Share, Stand
from chassis.events.bus.kafka import forgiving
from chassis.events.bus.kafka.signing_in import SignIn

forgiving.put_in_place()
_BATCH = 500
# Longer polls slept their whole time-out although records were there (measured, 3.0.12).
_POLL_MS = 20
# Polls in a row that may give nothing although something lies there.
_EMPTY_POLLS = 500


def stands(admin: KafkaAdminClient, topics: Sequence[str]) -> dict[Share, Stand]:
    """Each partition of the topics there are, with its topic's id and its end. Raises CarrierAway."""
    try:
        described = [one for one in admin.describe_topics(list(topics)) if one.get("topic_id")]
        ids = {one["name"]: str(one["topic_id"]) for one in described}
        parts = [
            TopicPartition(one["name"], part["partition_index"]) for one in described for part in one["partitions"]
        ]
        ends = admin.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.LATEST)) if parts else {}
    except KafkaError as away:
        raise CarrierAway() from away
    return {(part.topic, part.partition): Stand(ids[part.topic], end.offset) for part, end in ends.items()}


def read_through(
    bootstrap: list[str], sign_in: SignIn, places: Mapping[Share, int], stand: Mapping[Share, Stand]
) -> Iterator[list[Record]]:
    """What partitions hold from some places to where they stand, batch by batch. Raises CarrierAway."""
    wanted = {TopicPartition(*share): place for share, place in places.items() if place < stand[share].end}
    if not wanted:
        return
    try:
        with closing(consumer(bootstrap, sign_in)) as reading:
            reading.assign(list(wanted))
            for part, place in wanted.items():
                reading.seek(part, place)
            yield from _batches(reading, {part: stand[part.topic, part.partition] for part in wanted})
    except KafkaError as away:
        raise CarrierAway() from away


def _batches(consumer: Any, stand: Mapping[Any, Stand]) -> Iterator[list[Record]]:
    empty = 0
    while any(consumer.position(part) < one.end for part, one in stand.items()):
        got = consumer.poll(timeout_ms=_POLL_MS)
        empty = 0 if got else empty + 1
        if empty > _EMPTY_POLLS:
            raise CarrierAway()
        records = [_record(one, stand[part]) for part, found in got.items() for one in found]
        if records:
            yield records


def _record(one: Any, stand: Stand) -> Record:
    return Record(one.topic, one.partition, one.offset, stand.topic_id, one.key, list(one.headers), one.value)


def consumer(bootstrap: list[str], sign_in: SignIn) -> KafkaConsumer:
    """A consumer without a group."""
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_poll_records=_BATCH,
        bootstrap_timeout_ms=3_000,
        allow_auto_create_topics=False,
        **sign_in.options(),
    )
