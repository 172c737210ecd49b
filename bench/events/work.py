"""What every case works on: the same facts, streams, headers and partitions, so that only the work differs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from chassis.events import shapes
from chassis.events.bus import Message
from chassis.events.envelope import Envelope, as_bytes, header_texts
from chassis.events.partitions import partition_of
from chassis.ids import Ids, RandomIds
from chassis.settings import Settings
from contracts.fact import CATALOGUE, fact

KEYS, PARTITIONS, BODY_BYTES = 500, 4, 300
# How long one poll waits (milliseconds), ours and every peer's that can be told.
POLL_MS = 20
# What ours gives the producer, given to every peer that can be told the same.
LINGER_MS, BATCH_BYTES = 5, 65_536
OWNER, HEARER = "referrals", "matching"
_MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@fact("thing.moved.v1", owner=OWNER)
class ThingMoved:
    """A thing went one step on."""

    thing_id: str
    step: int
    words: str


# The network's own catalogue stays as it is.
CATALOGUE.pop(ThingMoved.FACT.type)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Place:
    """Where one case runs: the broker, a topic prefix, databases with `{service}` in the address, a folder, how many.

    It is handed to the case's own process as JSON.
    """

    kafka: str
    prefix: str
    database: str
    folder: str
    count: int

    @property
    def topic(self) -> str:
        """The owner's topic."""
        return self.prefix + OWNER

    def plain_database(self, service: str = OWNER) -> str:
        """The address of a service's database as the driver takes it."""
        url = make_url(self.settings().database_for(service)).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def settings(self, slot: str = "0") -> Settings:
        """The settings of a service there; embedded where no broker is named."""
        return Settings(
            data=Path(self.folder), kafka=self.kafka, topic_prefix=self.prefix, database_url=self.database, slot=slot,
            demo=True, log_level="error",
        )  # fmt: skip


def case_command(name: str, place: Place, *more: str | int, as_ours: bool = True) -> list[str]:
    """The command that runs one case, `module:function`, in a process of its own; a peer's runs as it is shipped."""
    command = [sys.executable, "-m", "bench.events", name, json.dumps(asdict(place)), json.dumps(more)]
    return [*command, "spared"] if as_ours else command


def thing_of(number: int) -> str:
    """The thing that fact is about."""
    return f"{number % KEYS:012d}"


def stream_of(number: int) -> str:
    """The stream that fact is on."""
    return f"{OWNER}/thing/{thing_of(number)}"


def partition(number: int) -> int:
    """The partition that fact lies in."""
    return partition_of(stream_of(number), PARTITIONS)


def a_fact(number: int) -> ThingMoved:
    """One of the facts, 300 bytes as JSON; the n-th of a stream is its n-th step."""
    step = number // KEYS + 1
    bare = len('{"thing_id":"","step":,"words":""}') + 12 + len(str(step))
    return ThingMoved(thing_id=thing_of(number), step=step, words="x" * (BODY_BYTES - bare))


def message_of(said: ThingMoved, ids: Ids) -> Message:
    """A fact as it travels, with the whole envelope."""
    stream = f"{OWNER}/thing/{said.thing_id}"
    made = ids.new()
    envelope = Envelope(
        id=made, type="thing.moved.v1", stream=stream, number=said.step, stated_at=_MORNING, subject=said.thing_id,
        correlation_id=made, causation_id=None, classification="codes",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )  # fmt: skip
    return Message(stream, as_bytes(header_texts(envelope)), shapes.body_of(said))


def as_json(said: ThingMoved) -> dict[str, Any]:
    """A fact as data, for who writes JSON itself."""
    found: dict[str, Any] = json.loads(shapes.body_of(said))
    return found


def messages(count: int) -> Iterator[Message]:
    """The facts as they travel."""
    ids = RandomIds()
    return (message_of(a_fact(number), ids) for number in range(count))
