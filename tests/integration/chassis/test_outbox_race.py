"""The race that breaks most outboxes: eight writers and two relays on PostgreSQL, and a "last id" reader beside them.

Ids are given before transactions commit, so whoever reads "everything after the last id I saw" passes over what commits
late (docs/events.md); this suite keeps that reader beside ours, in the same run, so that its zeros say something.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from chassis.clock import HandClock
from chassis.database import Database
from chassis.events.bus import Message
from chassis.events.metrics import EventMetrics
from chassis.events.relay import Relay
from chassis.ids import RandomIds
from chassis.serve import share
from chassis.service import Service
from chassis.tables import facts, outbox
from contracts.partners import PartnerJoined
from tests.builders import MORNING, a_settings
from tests.integration.chassis.conftest import a_service
from tests.parts.postgres import Databases, as_owner

WRITERS, CHANGES, STREAMS = 8, 60, 12


class Carrier:
    """Keeps what is published, in order; a publisher and the bus at once."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, int]] = []
        self._lock = threading.Lock()

    def publish(self, _topic: str, messages: Sequence[Message]) -> list[bool]:
        with self._lock:
            for message in messages:
                number = next(int(value) for name, value in message.headers if name == "ce_streamseq")
                self.kept.append((message.stream, number))
        return [True] * len(messages)

    def reached(self) -> dict[Any, Any]:
        return {}

    def publisher(self, _name: str) -> Carrier:
        return self

    def close(self) -> None:
        """Nothing is held."""


class LastIdReader:
    """What not to do: everything after the last id it saw."""

    def __init__(self, database: Database) -> None:
        self._database, self._last, self.seen = database, 0, set[int]()

    def look(self) -> None:
        query = sa.text("SELECT id FROM beside WHERE id > :last ORDER BY id")
        with self._database.reading() as connection:
            for id_ in connection.execute(query, {"last": self._last}).scalars():
                self.seen.add(id_)
                self._last = id_


def _write(service: Service, number: int, trouble: list[BaseException]) -> None:
    draw = random.Random(number)
    try:
        for _ in range(CHANGES):
            with service.writing() as unit:
                # The id is taken here, and the commit comes when the facts are kept: others commit in between.
                unit.connection.execute(sa.text("INSERT INTO beside DEFAULT VALUES"))
                for partner_id in sorted(draw.sample(range(STREAMS), draw.randint(1, 3))):
                    said = PartnerJoined(
                        partner_id=f"p{partner_id}", code="code", name="A partner", kind="voluntary", area="north",
                        joined_on=unit.now.date(),
                    )  # fmt: skip
                    unit.state(f"partners/partner/p{partner_id}", said)
    except BaseException as fault:  # noqa: BLE001 - told to the test
        trouble.append(fault)


def _relay(service: Service, carrier: Carrier) -> Relay:
    database = Database(str(service.database.url.render_as_string(hide_password=False)))
    return Relay(
        database=database, publisher=lambda: carrier, topic="partners", clock=HandClock(MORNING),
    metrics=EventMetrics("partners", CollectorRegistry()),
    )  # fmt: skip


@pytest.fixture
def speaker(postgres: Databases, tmp_path: Path) -> Any:
    settings = a_settings(tmp_path, database_url=postgres.of("partners"), keys_url=postgres.empty())
    carrier: Any = Carrier()
    service = a_service("partners", settings, share(settings, bus=carrier, ids=RandomIds()), {})
    owner = Database(as_owner(service.database.url.render_as_string(hide_password=False)))
    with owner.writing() as connection:
        connection.execute(sa.text("CREATE TABLE beside (id bigserial PRIMARY KEY)"))
    owner.close()
    yield service, carrier
    service.close()


def test_eight_writers_and_two_relays_lose_nothing_and_keep_each_stream_in_order(speaker: Any) -> None:
    service, carrier = speaker
    trouble: list[BaseException] = []
    writers = [threading.Thread(target=_write, args=(service, one, trouble)) for one in range(WRITERS)]
    relays, stopping = [_relay(service, carrier) for _ in range(2)], threading.Event()
    reader = LastIdReader(service.database)

    def read_on() -> None:
        while not stopping.is_set():
            reader.look()

    beside = [threading.Thread(target=relay.run, args=(stopping,)) for relay in relays]
    beside.append(threading.Thread(target=read_on))
    for thread in [*beside, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stopping.set()
    for thread in beside:
        thread.join()
    for relay in relays:
        while relay.sweep():
            pass
    reader.look()
    assert trouble == []
    with service.database.reading() as connection:
        stated = {(row.stream, row.number) for row in connection.execute(sa.select(facts))}
        left = connection.execute(sa.select(sa.func.count()).select_from(outbox)).scalar_one()
        written = connection.execute(sa.text("SELECT count(*) FROM beside")).scalar_one()
    for relay in relays:
        relay.close()
    assert written == WRITERS * CHANGES
    assert len(stated) > WRITERS * CHANGES
    # The control: the reader that remembers an id passed over some of the very same writes.
    assert written - len(reader.seen) > 0
    assert left == 0
    assert len(carrier.kept) == len(stated)
    assert set(carrier.kept) == stated
    of_stream: dict[str, list[int]] = defaultdict(list)
    for stream, number in carrier.kept:
        of_stream[stream].append(number)
    for numbers in of_stream.values():
        assert numbers == list(range(1, len(numbers) + 1))
