"""What a relay lets go and what it keeps, by what its publisher says was acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events.bus import Message
from chassis.ids import RandomIds
from chassis.serve import share
from chassis.service import Service
from chassis.tables import outbox
from contracts.partners import PartnerJoined
from tests.builders import MORNING, a_settings
from tests.integration.chassis.conftest import a_service
from tests.parts.postgres import Databases

# So long is waited for what must not come (seconds).
GRACE_SECONDS = 0.3


class Carrier:
    """A publisher and the bus at once; `refused` names places it does not acknowledge."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.tried: list[str] = []
        self.at_each_try = lambda: None

    def publish(self, _topic: str, messages: Sequence[Message]) -> list[bool]:
        places = [f"{one.stream.rpartition('/')[2]}@{dict(one.headers)['ce_streamseq'].decode()}" for one in messages]
        self.tried += places
        self.at_each_try()
        return [place not in self.refused for place in places]

    def reached(self) -> dict[Any, Any]:
        return {}

    def publisher(self, _name: str) -> Carrier:
        return self

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Carrier]]:
    addresses: dict[str, str] = {}
    if request.param == "postgres":
        databases: Databases = request.getfixturevalue("postgres")
        addresses = {"database_url": databases.of("partners"), "keys_url": databases.empty()}
    settings = a_settings(tmp_path, **addresses)
    carrier: Any = Carrier()
    service = a_service("partners", settings, share(settings, bus=carrier, ids=RandomIds()), {})
    yield service, carrier
    service.close()


def states(service: Service, *partner_ids: str) -> None:
    with service.writing() as unit:
        for partner_id in partner_ids:
            said = PartnerJoined(
                partner_id=partner_id, code="code", name="A partner", kind="voluntary", area="north",
                joined_on=MORNING.date(),
            )  # fmt: skip
            unit.state(f"partners/partner/{partner_id}", said)


def left(service: Service) -> list[str]:
    with service.database.reading() as connection:
        rows = connection.execute(sa.select(outbox.c.stream, outbox.c.number).order_by(outbox.c.id))
        return [f"{stream.rpartition('/')[2]}@{number}" for stream, number in rows]


def test_what_was_not_acknowledged_stays_with_all_behind_it_on_its_stream(room: tuple[Service, Carrier]) -> None:
    service, carrier = room
    states(service, "a", "a", "a", "b")
    # The carrier took the third, which must all the same not be let go before the second.
    carrier.refused = {"a@2"}
    service.relay.sweep()
    assert left(service) == ["a@2", "a@3"]
    carrier.refused, carrier.tried = set(), []
    assert service.relay.sweep() == 2
    assert (carrier.tried, left(service)) == (["a@2", "a@3"], [])


def test_a_house_in_one_process_tries_again_without_being_rung_what_was_not_acknowledged(tmp_path: Path) -> None:
    settings, carrier = a_settings(tmp_path), Carrier()
    bus: Any = carrier
    service = a_service("partners", settings, share(settings, bus=bus, ids=RandomIds()), {})
    states(service, "a")
    carrier.refused = {"a@1"}
    assert (service.relay.sweep_when_rung(), left(service)) == (0, ["a@1"])
    carrier.refused = set()
    assert (service.relay.sweep_when_rung(), left(service)) == (1, [])
    # With nothing left over and nothing rung it does not even look.
    carrier.tried = []
    assert (service.relay.sweep_when_rung(), carrier.tried) == (0, [])
    service.close()


def test_while_one_thread_sends_no_other_sends_the_same(tmp_path: Path) -> None:
    settings, carrier = a_settings(tmp_path), Carrier()
    bus: Any = carrier
    service = a_service("partners", settings, share(settings, bus=bus, ids=RandomIds()), {})
    states(service, "a")
    begun, again, let_on = threading.Event(), threading.Event(), threading.Event()

    def hold_the_first() -> None:
        if begun.is_set():
            again.set()
        else:
            begun.set()
            let_on.wait(10)

    carrier.at_each_try = hold_the_first
    first, second = (threading.Thread(target=service.relay.sweep) for _ in range(2))
    first.start()
    assert begun.wait(10)
    second.start()
    assert not again.wait(GRACE_SECONDS)
    let_on.set()
    first.join()
    second.join()
    assert (carrier.tried, left(service)) == (["a@1"], [])
    service.close()


@pytest.mark.parametrize("room", ["postgres"], indirect=True)
def test_of_more_than_one_batch_the_first_of_each_stream_go_first(
    room: tuple[Service, Carrier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.events.relay.BATCH", 2)
    service, carrier = room
    states(service, "a", "a", "a")
    assert service.relay.sweep() == 2
    assert service.relay.sweep() == 1
    assert (carrier.tried, left(service)) == (["a@1", "a@2", "a@3"], [])
