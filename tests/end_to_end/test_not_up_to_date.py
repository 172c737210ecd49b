"""Five minutes without word from the room that lets people in: nothing is shown or decided, nothing urgent is lost."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import HandClock
from chassis.events.bus import CarrierAway
from chassis.house import open_house
from chassis.ids import SeededIds
from contracts.addresses import SERVICES, owner_of
from demo.sending import form_of
from tests.builders import MORNING, a_referral, a_settings, believing
from tests.end_to_end.conftest import Network
from tests.end_to_end.one_person import by_api, by_events, by_fhir


class Listened(Network):
    """The whole network, in which every room really listens for heartbeats."""

    def beat(self) -> None:
        """The partners room says how far its facts go, and every room hears it."""
        self["partners"].app.extensions["signaller"].step()
        for room in SERVICES:
            if room != "partners":
                self[room].watch.step(0)

    def quiet(self) -> int:
        moved = super().quiet()
        self.beat()
        return moved


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Listened]:
    clock, ids = HandClock(MORNING), SeededIds(7)
    rooms = {room: importlib.import_module(f"services.{room}.app").create for room in SERVICES}
    house = open_house(a_settings(tmp_path), rooms, owner_of, **believing(clock=clock, ids=ids, watch=None))
    made = Listened(house, clock, ids, [])
    made.beat()
    made.begin()
    made.quiet()
    yield made
    made.close()


@pytest.fixture
def cut(network: Listened) -> Listened:
    """Five minutes after the last heartbeat; a referral was accepted and a worry raised before."""
    sent = network.post("system", "/api/v1/referrals", a_referral(), Idempotency_Key="before the cut")
    network.quiet()
    row = network.post("coordinator", f"/api/v1/referrals/{sent['referral_id']}/acknowledgement")
    network.referral_id, network.person_id = sent["referral_id"], row["person_id"]  # type: ignore[attr-defined]
    network.post("asha", "/api/v1/concerns", {"level": 3, "words": "Not safe at home.", "about": "other"})
    network.quiet()
    network.clock.advance(minutes=5)
    return network


def asked(network: Any, who: str, method: str, path: str, body: Any = None) -> int:
    return int(network.people[who].api(method, path, body).status_code)


SHOWN = [
    ("coordinator", "GET", "/api/v1/referrals"), ("referrer", "GET", "/api/v1/referrals"),
    ("coordinator", "GET", "/api/v1/peers"), ("asha", "GET", "/api/v1/peers/me"),
    ("asha", "GET", "/api/v1/supports"), ("supervisor", "GET", "/api/v1/supervision/team"),
    ("commissioner", "GET", "/api/v1/reports"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "method", "path"), SHOWN)
def test_nothing_is_shown_while_a_room_does_not_know_who_may_still_come_in(
    cut: Listened, who: str, method: str, path: str
) -> None:
    answer = cut.people[who].api(method, path)
    assert (answer.status_code, answer.get_json()["rule"]) == (503, "NotUpToDate")
    assert answer.headers["Retry-After"] == "5"
    cut.beat()
    assert cut.people[who].api(method, path).status_code != 503


def test_nothing_is_decided_meanwhile_and_all_goes_on_with_the_next_heartbeat(cut: Any) -> None:
    at = f"/api/v1/referrals/{cut.referral_id}/acceptance"
    assert asked(cut, "coordinator", "POST", at) == 503
    assert cut.people["coordinator"].form(f"/referrals/{cut.referral_id}/acceptance").status_code == 503
    cut.beat()
    assert asked(cut, "coordinator", "POST", at) == 200


@pytest.mark.parametrize("door", [by_api, by_fhir, by_events])
def test_a_referral_is_taken_by_every_machines_door(cut: Listened, door: Any) -> None:
    referral_id = door(cut, a_referral(person={"nhs_number": "", "name": "Robin Example"}))
    cut.quiet()
    assert cut.get("coordinator", f"/api/v1/referrals/{referral_id}")["stage"]


def test_a_referral_is_taken_by_the_web_form_and_its_receipt_is_shown(cut: Listened) -> None:
    referrer = cut.people["referrer"]
    assert referrer.page("/referrals/new").status_code == 200
    sent = referrer.form("/referrals/new", {"key": "a key of this form", **form_of(a_referral())})
    assert sent.status_code == 303
    assert referrer.page(str(sent.location)).status_code == 200


def test_a_worry_is_taken_and_whoever_has_to_answer_it_can(cut: Listened) -> None:
    assert cut.people["femi"].page("/worries/new").status_code == 200
    worry = {"level": 3, "words": "Not at all well.", "about": "other"}
    assert asked(cut, "femi", "POST", "/api/v1/concerns", worry) == 201
    safeguarding = cut.people["safeguarding"]
    listed = safeguarding.api("GET", "/api/v1/concerns")
    assert listed.status_code == 200
    (first, *_) = listed.get_json()
    assert safeguarding.page(f"/worries/{first['concern_id']}").status_code == 200
    assert asked(cut, "safeguarding", "POST", f"/api/v1/concerns/{first['concern_id']}/acknowledgement") == 200


def test_a_person_can_take_their_consent_back(cut: Any) -> None:
    person = cut.as_person(cut.person_id)
    assert person.page("/my/referral/withdrawal").status_code == 200
    heard = person.form("/my/referral/withdrawal")
    assert person.page("/my/referral").status_code == 503
    assert "We have heard you" in person.page(str(heard.location)).text
    cut.quiet()
    with cut["matching"].reading() as unit:
        assert unit.braked(cut.person_id) == {"consent_withdrawn"}


def test_a_pass_still_has_to_live(cut: Listened) -> None:
    referrer = cut.people["referrer"]
    token = referrer.token
    cut.clock.advance(minutes=11)
    answer = cut.as_nobody()._client.post(
        "/api/v1/referrals", json=a_referral(), headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "x" * 9}
    )
    assert answer.status_code == 401


def test_the_partners_room_itself_goes_on_and_its_facts_wait(cut: Listened, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(cut, "lead", "GET", "/api/v1/partners") == 200
    signaller = cut["partners"].app.extensions["signaller"]

    def away(*_: Any) -> Any:
        raise CarrierAway()

    monkeypatch.setattr(signaller, "_open", away)
    with pytest.raises(CarrierAway):
        signaller.step()
    monkeypatch.undo()
    cut.beat()
    assert asked(cut, "coordinator", "GET", "/api/v1/referrals") == 200
