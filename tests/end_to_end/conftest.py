"""The whole network for one journey, on either carrier: embedded in one process, or PostgreSQL with a real Kafka."""

from __future__ import annotations

import importlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import HandClock
from chassis.events.bus.kafka import KafkaBus
from chassis.house import House
from chassis.ids import SeededIds
from chassis.serve import Runner, share
from contracts.addresses import SERVICES, owner_of
from tests.builders import MORNING, SETUP, Caller, TestHouse, a_house, a_settings, believing
from tests.end_to_end.shape import Shape

PATIENCE_SECONDS = 60
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "fhir"


class Network(TestHouse):
    """All rooms, and who works in the network: a partner of each kind with its people, staff, two peers."""

    def __init__(self, house: House, clock: HandClock, ids: SeededIds, carriers: list[Runner]) -> None:
        super().__init__(house, clock, ids)
        self._carriers = carriers
        self.people: dict[str, Caller] = {}

    # ---- waiting for facts

    def until(self, is_so: Callable[[], Any], words: str = "") -> Any:
        """Lets facts travel until something is so, and gives it; embedded they are carried here, else by threads."""
        ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
        while True:
            if not self._carriers:
                self.quiet()
            if found := is_so():
                return found
            assert time.monotonic() < ends, f"not in time: {words}"
            pause.wait(0.05)

    def later(self, **parts: float) -> None:
        """Lets time pass and clocks be looked at."""
        self.clock.advance(**parts)
        self.house.tick()

    # ---- asking

    def get(self, who: str, path: str) -> Any:
        answer = self.people[who].api("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.get_json())
        return answer.get_json()

    def post(self, who: str, path: str, body: Any = None, *, put: bool = False, **headers: str) -> Any:
        answer = self.people[who].api("PUT" if put else "POST", path, body, **headers)
        assert answer.status_code in {200, 201, 202, 204}, (path, answer.status_code, answer.get_json())
        return answer.get_json() if answer.data else None

    def page(self, who: str, path: str) -> str:
        answer = self.people[who].page(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.location)
        return answer.get_data(as_text=True)

    # ---- who works here

    def begin(self) -> None:
        """Partners join, accounts are opened, two peers say what they take and are cleared."""
        self.people["lead"] = self.as_("network_lead")
        # What one asks another confirms.
        self.people["second"] = self.as_("administrator")
        nhs = self._partner("north-trust", "Northmoor Trust", "nhs_body", "RZ901")
        kindred = self._partner("kindred", "Kindred Voices", "voluntary", None)
        for name, partner, role in (
            ("referrer", nhs, "referrer"), ("coordinator", nhs, "coordinator"), ("commissioner", nhs, "commissioner"),
            ("safeguarding", nhs, "safeguarding_lead"), ("supervisor", kindred, "supervisor"),
            ("kindred_lead", kindred, "partner_lead"), ("asha", kindred, "peer"), ("femi", kindred, "peer"),
        ):  # fmt: skip
            self._account(name, partner, role)
        self.people["system"] = self.as_system(nhs)
        self._peer("asha", {"depression": "shown_at_match", "hospital": "match_only"})
        self._peer("femi", {"anxiety": "open"})

    def _partner(self, code: str, name: str, kind: str, ods_code: str | None) -> str:
        ends_on = MORNING.date().replace(year=MORNING.year + 2).isoformat()
        body = {
            "code": code, "name": name, "kind": kind, "area": "north", "ods_code": ods_code,
            "agreement": {"starts_on": MORNING.date().isoformat(), "ends_on": ends_on},
        }  # fmt: skip
        joined = str(self.post("lead", "/api/v1/partners", body, Idempotency_Key=f"partner-{code}")["partner_id"])
        self.post("lead", f"/api/v1/partners/{joined}/answers", SETUP, Idempotency_Key=f"answers-{code}")
        return joined

    def _account(self, name: str, partner_id: str, role: str) -> None:
        at = f"/api/v1/partners/{partner_id}"
        body = {"called": name.title(), "roles": [role]}
        asked = self.post("lead", f"{at}/accounts", body, Idempotency_Key=f"account-{name}")
        made = self.post("second", f"{at}/askings/{asked['asking_id']}/confirmation")
        self.people[name] = self.as_(role, partner_id=partner_id, id=made["account_id"])

    def _peer(self, name: str, entries: dict[str, str]) -> None:
        peer_id = self.people[name].who.id
        lead = self.people["kindred_lead"]
        self.until(lambda: lead.api("POST", "/api/v1/peers", {"account_id": peer_id}).status_code == 201, "joining")
        limits = {
            "places": 2, "areas": ["north", "city"], "modes": ["in_person", "phone"], "languages": ["en"],
            "times": ["weekday_morning", "weekend"],
        }  # fmt: skip
        self.post(name, "/api/v1/peers/me/limits", limits, put=True)
        said = [{"theme": theme, "level": level} for theme, level in entries.items()]
        self.post(name, "/api/v1/peers/me/experience", {"entries": said}, put=True)
        team = "/api/v1/supervision/team"
        self.until(lambda: peer_id in json.dumps(self.get("supervisor", team)), "the supervisor's team")
        standing = {
            "conduct_accepted_on": MORNING.date().isoformat(), "check_valid_until": "2028-01-01",
            "training_valid_until": "2028-01-01",
        }  # fmt: skip
        self.post("supervisor", f"/api/v1/supervision/peers/{peer_id}/standing", standing, put=True)


def on_kafka(request: pytest.FixtureRequest, data: Path) -> Network:
    """Every room with its own database and topic on real parts, its relay and listener in threads of their own."""
    databases, topics = request.getfixturevalue("postgres"), request.getfixturevalue("kafka")
    topics.make(*SERVICES)
    settings = a_settings(
        data, database_url=databases.of(*SERVICES), keys_url=databases.empty(), kafka=topics.bootstrap,
        topic_prefix=topics.prefix,
    )  # fmt: skip
    clock, ids = HandClock(MORNING), SeededIds(7)
    shared = share(settings, bus=KafkaBus(topics.bootstrap), **believing(clock=clock, ids=ids))
    rooms = {room: importlib.import_module(f"services.{room}.app").create(settings, shared) for room in SERVICES}
    stopping = threading.Event()
    carriers = [Runner(service, ("relay", "listen"), stopping) for service in rooms.values()]
    for carrier in carriers:
        carrier.start()
    network = Network(House(rooms, shared, owner_of), clock, ids, carriers)
    network.stopping = stopping  # type: ignore[attr-defined]
    return network


@pytest.fixture(params=["embedded", "kafka"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Network]:
    """The network, open for its first referral."""
    if request.param == "kafka":
        made = on_kafka(request, tmp_path)
    else:
        plain = a_house(tmp_path)
        made = Network(plain.house, plain.clock, plain.ids, [])
    made.begin()
    yield made
    if made._carriers:
        made.stopping.set()  # type: ignore[attr-defined]
        for carrier in made._carriers:
            carrier.join()
    made.close()


@pytest.fixture
def shape(postgres: Any, kafka: Any) -> Iterator[Shape]:
    """The partners, referrals and matching rooms' databases and topics; partners runs, the others not yet."""
    kafka.make(*SERVICES)
    made = Shape(postgres, kafka)
    yield made
    made.close()
