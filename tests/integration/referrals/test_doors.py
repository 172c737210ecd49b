"""Three doors, one referral: the form, the API and the FHIR message come to the same thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import MORNING, a_referral


def by_web(room: Any) -> str:
    sent = room.submit(a_referral())
    assert sent.status_code == 303, sent.get_data(as_text=True)
    return str(sent.location).split("/")[2]


def by_api(room: Any) -> str:
    return str(room.received())


def by_fhir(room: Any) -> str:
    answer = room.process(room.message())
    assert answer.status_code == 200, answer.get_json()
    kept = [entry["resource"] for entry in answer.get_json()["entry"]]
    return next(str(one["id"]) for one in kept if one["resourceType"] == "ServiceRequest")


DOORS = {"web": by_web, "api": by_api, "fhir": by_fhir}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_keeps_who_the_person_is_and_how_they_are_reached(room: Any, door: str) -> None:
    row = room.kept(DOORS[door](room))
    assert (row.door, row.state, row.partner_id, row.consent_state) == (door, "received", room.partner_id, "given")
    contact = room.opened(row.contact)
    assert (contact["name"], contact["birth_date"], contact["nhs_number"], contact["phone"]) == (
        "Jordan Okafor", "1985-03-27", "9990000018", "01632 960 001",
    )  # fmt: skip
    assert room.opened(row.called) == "Jordan"
    needs = room.opened(row.needs)
    assert (needs["age_band"], needs["language"]) == ("35-44", "en")
    assert "someone who has been there" in room.opened(row.notes)["why_peer_support"]
    assert "Jordan" in room.opened(row.raw)


@pytest.mark.parametrize("door", DOORS)
def test_each_door_states_consent_then_the_referral_and_the_group_codes_apart(room: Any, door: str) -> None:
    referral_id = DOORS[door](room)
    (received,) = room.facts("referral.received")
    person_id = received["person_id"]
    assert (received["referral_id"], received["door"], received["partner_id"]) == (referral_id, door, room.partner_id)
    assert [one["person_id"] for one in room.facts("consent.given")] == [person_id]
    (headers,) = room.headers("referral.received")
    assert headers["ce_requires"] == f"referrals/person/{person_id}@1"
    assert room.facts("equity.stated") == []
    room.day_is_over()
    (equity,) = room.facts("equity.stated")
    assert (equity["age_band"], equity["ethnicity"], equity["gender"]) == ("35-44", "black", "woman")


def test_nothing_in_the_group_codes_leads_to_the_person(room: Any) -> None:
    referral_id = room.received()
    row = room.kept(referral_id)
    room.day_is_over()
    (stated,) = room.stated("equity.stated")
    (received,) = room.headers("referral.received")
    for told in (row.person_id, referral_id, row.partner_id, received["ce_correlationid"], received["ce_traceparent"]):
        assert told not in stated.headers + stated.body + stated.stream


def test_the_group_codes_of_a_day_are_stated_together_in_an_order_that_says_nothing(room: Any) -> None:
    for _one in range(8):
        room.received()
        room.clock.advance(minutes=20)
    assert room.facts("equity.stated") == []
    room.day_is_over()
    stated = room.stated("equity.stated")
    assert len(stated) == 8
    assert len({row.stated_at for row in stated}) == 1
    in_order = [row.stream for row in sorted(room.unsent("referrals/equity/"), key=lambda row: row.id)]
    assert in_order == sorted(in_order)
    room.day_is_over()
    assert len(room.stated("equity.stated")) == 8


def test_no_fact_says_anything_of_a_person_in_clear(room: Any) -> None:
    for door in DOORS.values():
        door(room)
    spoken = " ".join(row.headers + row.body for row in room.stated())
    for told in ("Jordan", "Okafor", "9990000018", "01632", "ZZ1", "1985", "allotment", "Evans"):
        assert told not in spoken
    assert "s1.called." in spoken


def test_the_form_and_the_api_keep_the_same_answers(room: Any) -> None:
    web, api = (room.kept(DOORS[door](room)) for door in ("web", "api"))
    for part in ("contact", "needs", "safety"):
        assert room.opened(getattr(web, part)) == room.opened(getattr(api, part))
    notes = [room.opened(row.notes) for row in (web, api)]
    assert notes[0] == notes[1]
    assert web.incomplete == api.incomplete == []


def test_the_api_answers_with_a_receipt_and_where_it_stands(room: Any) -> None:
    answer = room.post(a_referral())
    body = answer.get_json()
    assert answer.location == f"/api/v1/referrals/{body['referral_id']}"
    assert body["reference"].startswith("BT-")
    assert (body["state"], body["stage"], body["incomplete"]) == ("received", "Received", [])
    # Monday 10:00 and two working days: Wednesday 10:00.
    assert (body["received_at"], body["reply_due_at"]) == ("2026-03-02T10:00:00+00:00", "2026-03-04T10:00:00+00:00")
    shown = room.shown(body["referral_id"], room.system)
    assert {name: shown[name] for name in body} == body


def test_the_form_leads_to_a_page_with_the_reference_and_what_happens_next(room: Any) -> None:
    sent = room.submit(a_referral(person={"postcode": ""}))
    page = room.referrer.page(sent.location).get_data(as_text=True)
    row = room.kept(str(sent.location).split("/")[2])
    assert row.reference in page
    assert "by 10am on 4 March 2026" in page
    assert "we will ask: postcode." in page
    assert "call 999" not in page


def test_the_fhir_answer_is_a_message_that_names_our_request_and_a_planned_encounter(room: Any) -> None:
    message = room.message()
    answer = room.process(message)
    assert answer.mimetype == "application/fhir+json"
    body = answer.get_json()
    assert (body["resourceType"], body["type"], body["id"]) == ("Bundle", "message", message["id"])
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in body["entry"]}
    assert set(resources) == {"MessageHeader", "ServiceRequest", "Encounter"}
    assert resources["MessageHeader"]["eventCoding"]["code"] == "servicerequest-response"
    assert resources["MessageHeader"]["response"] == {"identifier": message["id"], "code": "ok"}
    assert resources["Encounter"]["status"] == "planned"
    assert room.shown(resources["ServiceRequest"]["id"])["state"] == "received"


def test_what_a_referral_leaves_out_is_listed_and_lost_nowhere(room: Any) -> None:
    thin = {
        "person": {"name": "Sam", "phone": "01632 960 002"},
        "consent": {"given": True},
    }
    answer = room.post(thin)
    assert answer.status_code == 201, answer.get_json()
    missing = {
        "birth_date", "postcode", "nhs_number", "gp_code", "area", "hopes", "strengths", "consent_details",
    }  # fmt: skip
    assert set(answer.get_json()["incomplete"]) == missing
    (received,) = room.facts("referral.received")
    assert received["is_incomplete"] is True
    assert room.opened(room.kept(received["referral_id"]).called) == "Sam"
    # Without a day of consent it is today's; two years of 30.44 days' months later it is asked again.
    (consent,) = room.facts("consent.given")
    assert (consent["given_on"], consent["expires_on"]) == ("2026-03-02", "2028-03-02")


def test_a_form_left_blank_where_it_may_be_records_nothing_nobody_said(room: Any) -> None:
    sent = room.submit({"person": {"name": "Sam", "phone": "01632 960 002"}, "consent": {"given": True}})
    row = room.kept(str(sent.location).split("/")[2])
    assert (row.consent["given_by"], row.consent["how"]) == ("", "")
    room.day_is_over()
    (equity,) = room.facts("equity.stated")
    assert (equity["area"], equity["age_band"], equity["ethnicity"], equity["gender"]) == ("unknown",) * 4


def test_someone_in_danger_now_is_a_worry_of_level_4_at_once(room: Any) -> None:
    sent = room.submit(a_referral(safety={"present_danger": True, "note": "Said goodbye to the dog."}))
    (worry,) = room.facts("worry.raised")
    row = room.kept(str(sent.location).split("/")[2])
    assert (worry["level"], worry["about"], worry["about_id"]) == (4, "person", row.person_id)
    assert (worry["raised_by"], worry["raised_by_id"]) == ("referrer", room.referrer.who.id)
    assert room.opened(worry["words"]) == "Said goodbye to the dog."
    (headers,) = room.headers("worry.raised")
    assert "ce_requires" not in headers
    assert "call 999" in room.referrer.page(sent.location).get_data(as_text=True)
    at = f"/referrals/{row.referral_id}"
    assert "There is something to know to keep everyone safe" in room.coordinator.page(at).text
    assert "They may be in danger now" not in room.coordinator.page(at).text
    room.done(row.referral_id, "acknowledgement")
    assert "They may be in danger now" in room.coordinator.page(at).text


def test_a_referral_of_one_hour_before_midnight_in_summer_belongs_to_the_day_in_london(room: Any) -> None:
    room.clock.move_to(MORNING.replace(month=6, day=30, hour=23, minute=30))
    room.received(person={"birth_date": "1991-07-01"}, consent={"given_on": None})
    # In London it is half past midnight of 1 July: the 35th birthday.
    room.day_is_over()
    (equity,) = room.facts("equity.stated")
    assert (equity["stated_on"], equity["age_band"]) == ("2026-07-02", "35-44")
    (consent,) = room.facts("consent.given")
    assert consent["given_on"] == "2026-07-01"
