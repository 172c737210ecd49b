"""One referral goes all the way: in by each of three doors, and out as one number in the commissioner's report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from demo import fhir
from demo.region import PARTNERS
from demo.sending import form_of
from services.reporting.store.tables import events_counted
from tests.builders import MORNING, OUR_SERVICE, a_referral
from tests.end_to_end.conftest import SAMPLES, Network


def by_web(network: Network) -> str:
    sent = network.people["referrer"].form("/referrals/new", {"key": "a key of this form", **form_of(a_referral())})
    assert sent.status_code == 303, sent.get_data(as_text=True)
    assert "BT-" in network.page("referrer", sent.location)
    return str(sent.location).split("/")[2]


def by_api(network: Network) -> str:
    answer = network.post("system", "/api/v1/referrals", a_referral(), Idempotency_Key="once and for all")
    again = network.post("system", "/api/v1/referrals", a_referral(), Idempotency_Key="once and for all")
    assert again == answer
    return str(answer["referral_id"])


def by_fhir(network: Network) -> str:
    message = fhir.a_message(network.ids, PARTNERS[0], OUR_SERVICE, a_referral(), MORNING)
    return _sent_by_fhir(network, message)


def _sent_by_fhir(network: Network, message: Any) -> str:
    at, one, two = "/fhir/$process-message", network.ids.new(), network.ids.new()
    answer = network.post("system", at, message, X_Request_Id=one, X_Correlation_Id=two)
    kept = [entry["resource"] for entry in answer["entry"]]
    return next(str(one["id"]) for one in kept if one["resourceType"] == "ServiceRequest")


def accepted(network: Network, referral_id: str) -> str:
    """A coordinator opens and accepts it; gives the person's id."""
    at = f"/api/v1/referrals/{referral_id}"
    assert network.post("coordinator", f"{at}/acknowledgement")["stage"] == "Being looked at"
    return str(network.post("coordinator", f"{at}/acceptance")["person_id"])


def waits(network: Network, referral_id: str) -> Any:
    rows = network.get("coordinator", "/api/v1/matches/waiting")
    return next((row for row in rows if row["referral_id"] == referral_id), None)


def shortlist_of_two(network: Network, referral_id: str) -> Any:
    found = network.get("coordinator", f"/api/v1/matches/shortlist/{referral_id}")
    return found if len(found["cards"]) + len(found["ask_first"]) == 2 else None


def matched(network: Network, referral_id: str, *, is_whole: bool) -> str:
    """From the shortlist to both yeses, each said by whoever it belongs to on their own page; gives the match's id."""
    network.until(lambda: waits(network, referral_id), "waiting in matching")
    asha, femi = network.people["asha"].who.id, network.people["femi"].who.id
    shortlist = network.until(lambda: shortlist_of_two(network, referral_id), "both peers on the shortlist")
    if is_whole:
        assert [card["peer_id"] for card in shortlist["cards"]] == [asha, femi]
        assert "Has been through this too: Depression." in [one["says"] for one in shortlist["cards"][0]["reasons"]]
    else:
        # A FHIR message says neither area nor times: what is not known is asked first, never guessed.
        assert {card["peer_id"] for card in shortlist["ask_first"]} == {asha, femi}
    assert "hospital" not in json.dumps(shortlist).lower()  # Asha's other entry helps to match and is never shown
    body = {"referral_id": referral_id, "peer_ids": [asha, femi], "has_asked": not is_whole}
    match_id = str(network.post("coordinator", "/api/v1/matches", body)["match_id"])
    person = network.people["person"]
    assert "Jordan" in network.page("asha", "/matching/offers")
    offer = f"/matching/offers/{match_id}"
    assert network.people["asha"].form(f"{offer}/answer", {"answer": "could"}).status_code == 303
    assert "Asha" in network.page("person", "/my/match")
    chosen = person.form(f"/my/match/{match_id}/choice", {"peer_id": asha})
    assert chosen.status_code == 303, chosen.get_data(as_text=True)
    assert network.people["asha"].form(f"{offer}/taster").status_code == 303
    assert network.people["asha"].form(f"{offer}/agreement", {"answer": "yes"}).status_code == 303
    assert person.form(f"/my/match/{match_id}/agreement", {"answer": "yes"}).status_code == 303
    return match_id


def supported(network: Network, referral_id: str) -> str:
    """Support begins, the pair meet, and a connection comes alive; gives where the API keeps the support."""
    support = network.until(
        lambda: [one for one in network.get("asha", "/api/v1/supports") if one["referral_id"] == referral_id], "support"
    )
    at = f"/api/v1/supports/{support[0]['support_id']}"
    ends_on = (network.clock.now() + timedelta(days=120)).date()
    network.post("asha", f"{at}/start", {"agreed_end_on": ends_on.isoformat()})
    starts_at = (network.clock.now() + timedelta(days=2)).isoformat()
    meeting = {"starts_at": starts_at, "mode": "in_person"}
    network.post("asha", f"{at}/meetings", meeting, Idempotency_Key="first meeting")
    network.later(days=3)
    network.post("asha", f"{at}/contacts", {"kind": "made", "mode": "in_person"}, Idempotency_Key="first contact")
    group = {"kind": "group", "what": "The walking group"}
    found = network.post("asha", f"{at}/connections", group, Idempotency_Key="walking group")
    for state in ("tried", "going"):
        network.post("asha", f"{at}/connections/{found['connection_id']}/moves", {"state": state})
    return at


def supervision_is_planned_and_held(network: Network) -> None:
    """The peer's supervision became due when they joined and is planned by their supervisor, then held by both."""
    peer_id = network.people["asha"].who.id
    mine = next(one for one in network.get("supervisor", "/api/v1/supervision/team") if one["peer_id"] == peer_id)
    assert mine["next_due_at"] is not None
    starts_at = (network.clock.now() + timedelta(days=1)).isoformat()
    session = network.post("supervisor", f"/api/v1/supervision/peers/{peer_id}/sessions", {"starts_at": starts_at})
    network.later(days=2)
    at = f"/api/v1/supervision/sessions/{session['session_id']}/confirmation"
    network.post("supervisor", at)
    network.post("asha", at)


def a_worry_has_an_owner(network: Network, support_at: str) -> None:
    """A worry of level 3 lands on the safeguarding lead's list within the hour's clock, and only there."""
    body = {"level": 3, "words": "Jordan sounded very low today.", "about": "person"}
    network.post("asha", f"{support_at}/worries", body)
    rows = network.until(lambda: network.get("safeguarding", "/api/v1/concerns"), "the worry")
    assert [row["level"] for row in rows] == [3]
    assert rows[0]["owner_id"] == network.people["safeguarding"].who.id
    page = network.page("safeguarding", f"/worries/{rows[0]['concern_id']}")
    assert "Jordan sounded very low today." in page
    assert network.people["coordinator"].api("GET", f"/api/v1/concerns/{rows[0]['concern_id']}").status_code == 404
    concern = f"/api/v1/concerns/{rows[0]['concern_id']}"
    network.post("safeguarding", f"{concern}/acknowledgement")
    network.post("safeguarding", f"{concern}/closing", {"code": "plan_in_place"})


def counted(network: Network, referral_id: str, kind: str) -> int:
    """How many rows reporting's own store holds of one kind about this referral."""
    with network["reporting"].reading() as unit:
        query = sa.select(sa.func.count()).select_from(events_counted)
        query = query.where(events_counted.c.referral_id == referral_id, events_counted.c.kind.like(f"%{kind}%"))
        return int(unit.connection.execute(query).scalar_one())


def is_covered(network: Network) -> bool:
    """Whether the page says that the report covers everything up to now."""
    network.house.services["reporting"].tick()
    page = network.page("commissioner", "/reports")
    now = network.clock.now()
    says = re.search(r"everything the network stated until ([^<]*?)\.", page)
    return says is not None and f"{now.day} {now:%B %Y}" in says[1] and f"{now:%M}" in says[1]


@pytest.mark.parametrize("door", [by_web, by_api, by_fhir])
def test_a_referral_becomes_one_number(network: Network, door: Callable[[Network], str]) -> None:
    referral_id = door(network)
    person_id = accepted(network, referral_id)
    network.people["person"] = network.as_person(person_id)
    matched(network, referral_id, is_whole=door is not by_fhir)
    at = supported(network, referral_id)
    supervision_is_planned_and_held(network)
    a_worry_has_an_owner(network, at)
    ended = network.post("asha", f"{at}/ending", {"ending": "planned", "agreed_by": "both", "wants_return": False})
    assert ended["stage"]
    where = f"/api/v1/referrals/{referral_id}"
    network.until(lambda: network.get("coordinator", where)["state"] == "closed", "the referral closed")
    network.until(lambda: counted(network, referral_id, "closed"), "counted in reporting")
    for kind in ("received", "accepted", "closed"):
        assert counted(network, referral_id, kind) == 1, kind
    network.later(minutes=7)
    network.until(lambda: is_covered(network), "coverage on the page")
    figures = network.get("commissioner", f"/api/v1/reports/{MORNING:%Y-%m}")["figures"]
    received = next(one for one in figures if one["area"] == "region" and "received" in one["code"])
    assert received["value"] == "[c]"  # one referral is fewer than five: hidden, not shown


@pytest.mark.parametrize("number", [1, 2])
def test_the_official_messages_come_out_as_people_waiting(network: Network, number: int) -> None:
    path = SAMPLES / f"referral-request-{number}.json"
    if not path.exists():
        message = fhir.a_message(network.ids, PARTNERS[number], OUR_SERVICE, a_referral(), MORNING)
    else:
        message = json.loads(path.read_text())
    network["referrals"].settings = _addressed_to(network["referrals"].settings, message)
    referral_id = _sent_by_fhir(network, message)
    accepted(network, referral_id)
    row = network.until(lambda: waits(network, referral_id), "waiting in matching")
    assert row["referral_id"] == referral_id


def _addressed_to(settings: Any, message: Any) -> Any:
    """The same settings with the message's destination as one of ours."""
    import dataclasses

    header = next(one["resource"] for one in message["entry"] if one["resource"]["resourceType"] == "MessageHeader")
    receivers = json.dumps(header["destination"])
    return dataclasses.replace(settings, fhir_service_ids=(OUR_SERVICE, *re.findall(r"\b\d{6,12}\b", receivers)))
