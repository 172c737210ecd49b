"""What each role sees of referrals: a partner its own, a coordinator all, a person theirs, others nothing."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import roles
from tests.builders import a_referral, without_ids
from tests.integration.referrals.conftest import AT, FHIR, words_of

# (method, path) of every door on one referral or one person
OF_REFERRAL = (
    ("GET", "{at}"), ("POST", "{at}/acknowledgement"), ("POST", "{at}/acceptance"), ("POST", "{at}/decline"),
    ("PUT", "{at}/birth-date"),
)  # fmt: skip
BODIES = {
    "decline": {"declined_by": "person", "reason": "other_help_found"},
    "birth-date": {"birth_date": "1985-03-27"},
}


def test_a_partner_sees_its_own_referrals_and_a_coordinator_all(room: Any) -> None:
    ours = room.received()
    theirs = room.post(a_referral(), by=room.as_system(room.other_id)).get_json()["referral_id"]
    assert [row["referral_id"] for row in room.system.api("GET", AT).get_json()] == [ours]
    assert [row["referral_id"] for row in room.others.api("GET", AT).get_json()] == [theirs]
    assert {row["referral_id"] for row in room.coordinator.api("GET", AT).get_json()} == {ours, theirs}
    lead = room.as_("partner_lead", partner_id=room.other_id)
    assert [row["referral_id"] for row in lead.api("GET", AT).get_json()] == [theirs]


def test_the_list_is_newest_first_and_by_stage_when_asked(room: Any) -> None:
    first = room.received()
    room.clock.advance(hours=1)
    second = room.acknowledged()
    assert [row["referral_id"] for row in room.system.api("GET", AT).get_json()] == [second, first]
    found = room.system.api("GET", f"{AT}?state=acknowledged").get_json()
    assert [row["referral_id"] for row in found] == [second]


def test_what_is_not_yours_gets_the_same_bytes_as_what_is_not_there(room: Any) -> None:
    referral_id = room.received()
    for path in (f"{AT}/{{}}", "/referrals/{}", "/referrals/{}/sent"):
        not_yours, not_there = (
            room.others.api("GET", path.format(one)) if path.startswith("/api") else room.others.page(path.format(one))
            for one in (referral_id, room.ids.new())
        )
        assert (not_yours.status_code, not_there.status_code) == (404, 404)
        assert without_ids(not_yours.text) == without_ids(not_there.text)
        assert not_yours.headers.get("Content-Length") == not_there.headers.get("Content-Length")
    assert room.referrer.page(f"/referrals/{referral_id}").status_code == 200


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role != roles.SYSTEM])
def test_each_role_enters_where_the_table_says_and_nowhere_else(room: Any, role: str) -> None:
    referral_id = room.received()
    who = room.as_(role, partner_id=room.partner_id)
    may = {action for action, reaches in roles.RULES.items() if role in reaches}
    doors = {
        "referral.read": ("GET", AT, None),
        "referral.send": ("POST", AT, a_referral()),
        "referral.decide": ("POST", f"{AT}/{referral_id}/acknowledgement", None),
        "person.protect": ("POST", f"{AT}/people/{room.person_of(referral_id)}/protection", None),
    }
    for action, (method, path, body) in doors.items():
        answer = who.api(method, path, body, Idempotency_Key="a key of eight")
        assert (answer.status_code != 403) == (action in may), (action, answer.status_code)
    assert (who.page("/my/referral").status_code == 200) == ("my.referral" in may)
    assert (who.api("POST", FHIR, {}).status_code == 403) == ("referral.send" not in may)


@pytest.mark.parametrize(("method", "path"), OF_REFERRAL)
def test_nobody_who_has_not_signed_in_enters_the_api(room: Any, method: str, path: str) -> None:
    at = f"{AT}/{room.received()}"
    body = next((made for end, made in BODIES.items() if path.endswith(end)), None)
    answer = room.as_nobody().api(method, path.format(at=at), body)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(("method", "path"), OF_REFERRAL[1:])
def test_only_coordinators_decide(room: Any, method: str, path: str) -> None:
    at = f"{AT}/{room.received()}"
    body = next((made for end, made in BODIES.items() if path.endswith(end)), None)
    for who in (room.referrer, room.system, room.safeguarding, room.as_("network_lead"), room.as_person("x")):
        assert who.api(method, path.format(at=at), body).status_code == 403


def test_the_partner_sees_where_a_referral_stands_and_no_more(room: Any) -> None:
    referral_id = room.acknowledged()
    page = room.referrer.page(f"/referrals/{referral_id}")
    words = words_of(page)
    assert "Being looked at" in words
    assert "Called Jordan" in words
    for told in ("Okafor", "01632", "ZZ1", "allotment", "Dr Ruth Evans", "Accept this referral", "Protect this person"):
        assert told not in words
    row = room.system.api("GET", f"{AT}/{referral_id}").text
    for told in ("Jordan", "01632", "ZZ1", "allotment"):
        assert told not in row


def test_the_coordinator_sees_all_that_was_said_in_words_and_not_in_codes(room: Any) -> None:
    referral_id = room.received(
        your_reference="NM-77", needs={"interpreter": True, "language": "ur", "peer_gender": "woman"},
        person={"address": "12 Harbour Row", "email": "jordan@example.org"}, contact={"discreet": True},
        safety={"note": "Meet somewhere quiet."},
    )  # fmt: skip
    words = words_of(room.coordinator.page(f"/referrals/{referral_id}"))
    for told in (
        "Called Jordan", "From Northmoor Trust", "Received 10am on 2 March 2026",
        "To be opened by 10am on 4 March 2026", "Their own reference NM-77", "Keeps an allotment.",
        "To go to the shops without planning it for days.",
        "Lives in North", "Speaks Urdu, with an interpreter", "Could meet Weekday mornings, Weekends", "How Any way",
        "Wishes for A woman", "in their order Depression, Being in hospital",
        "There is something to know to keep everyone safe",
        "Name Jordan Okafor", "Born 27 March 1985", "NHS number 999 000 0018", "Best way A phone call",
        "Consent The person themselves, in person, on 1 March 2026", "Phone 01632 960 001", "Email jordan@example.org",
        "Address 12 Harbour Row, ZZ1 1AA", "GP practice Y12345", "It is safe to leave one",
        "Do not show who is calling or writing", "Name Dr Ruth Evans", "Role GP", "Phone 01632 960 555",
    ):  # fmt: skip
        assert told in words, told
    assert "_" not in words
    # What keeps everyone safe is read by whoever works with the person (test_glass.py).
    assert "Meet somewhere quiet." not in words
    room.done(referral_id, "acknowledgement")
    assert "Meet somewhere quiet." in words_of(room.coordinator.page(f"/referrals/{referral_id}"))


def test_each_disclosure_is_one_audit_row(room: Any) -> None:
    first, second = room.received(), room.received()
    room.coordinator.page(f"/referrals/{first}")
    assert [row.record for row in room.audited(action="person.seen", who_id=room.coordinator.who.id)] == [first]
    room.referrer.page("/referrals")
    seen = room.audited(action="person.listed", who_id=room.referrer.who.id)
    assert {row.record for row in seen} == {first, second}
    assert {row.subject for row in seen} == {room.person_of(first), room.person_of(second)}
    assert {row.partner_id for row in seen} == {room.partner_id}


def test_what_the_api_gives_names_nobody_and_is_on_record_all_the_same(room: Any) -> None:
    referral_id = room.received()
    answers = [room.system.api("GET", AT), room.coordinator.api("GET", f"{AT}/{referral_id}")]
    assert not any("Jordan" in answer.text for answer in answers)
    (listed,), (seen,) = room.audited(action="person.listed"), room.audited(action="person.seen")
    assert (listed.who_id, seen.who_id) == (room.system.who.id, room.coordinator.who.id)
    assert listed.record == seen.record == referral_id


def test_a_suspended_partner_may_send_and_see_nothing_until_it_is_resumed(room: Any) -> None:
    referral_id = room.received()
    room.suspend(room.partner_id)
    says = "Your organisation is suspended from the network for now. Ask the network lead."
    for answer in (
        room.post(a_referral()), room.system.api("GET", AT), room.system.api("GET", f"{AT}/{referral_id}"),
    ):  # fmt: skip
        assert (answer.status_code, answer.get_json()["detail"]) == (403, says)
    message = room.process(room.message())
    assert (message.status_code, message.get_json()["issue"][0]["diagnostics"]) == (403, says)
    for path in ("/referrals", f"/referrals/{referral_id}", f"/referrals/{referral_id}/sent", "/referrals/new"):
        page = room.referrer.page(path)
        assert (page.status_code, says in words_of(page)) == (403, True), path
    assert room.submit(a_referral()).status_code == 403
    assert room.count() == 1
    assert room.post(a_referral(), by=room.as_system(room.other_id)).status_code == 201
    assert len(room.coordinator.api("GET", AT).get_json()) == 2
    room.resume(room.partner_id)
    assert room.post(a_referral()).status_code == 201
    assert "Jordan" in room.referrer.page("/referrals").text


def test_a_person_sees_their_own_referral_in_plain_words(room: Any) -> None:
    referral_id = room.received()
    room.received(person={"name": "Somebody Else", "called": "Sam"})
    person = room.as_person(room.person_of(referral_id))
    words = words_of(person.page("/my/referral"))
    assert "Northmoor Trust referred you on 2 March 2026." in words
    assert "A coordinator reads it by 10am on 4 March 2026." in words
    assert words.count("referred you") == 1
    room.done(referral_id, "acknowledgement")
    assert "A coordinator has read it, and says by 10am on 9 March 2026" in words_of(person.page("/my/referral"))
    room.done(referral_id, "acceptance")
    assert "We are looking for someone who has been there." in words_of(person.page("/my/referral"))
    person.form("/my/referral/withdrawal")
    after = words_of(person.page("/my/referral"))
    assert "You took your consent back." in after
    assert "If you change your mind" not in after


def test_a_declined_person_reads_no_cold_word(room: Any) -> None:
    referral_id = room.received()
    room.done(referral_id, "decline", {"declined_by": "service", "reason": "outside_our_area"})
    words = words_of(room.as_person(room.person_of(referral_id)).page("/my/referral"))
    assert "Whoever referred you can tell you why, and what else may help." in words
    assert "outside" not in words


def test_someone_without_a_referral_is_told_so(room: Any) -> None:
    room.received()
    assert "There is no referral under your name here." in words_of(room.as_person(room.ids.new()).page("/my/referral"))


def test_a_coordinator_of_a_suspended_organisation_still_reads_for_the_network(room: Any) -> None:
    referral_id = room.received()
    coordinator = room.as_("coordinator", partner_id=room.partner_id)
    room.suspend(room.partner_id)
    assert [row["referral_id"] for row in coordinator.api("GET", AT).get_json()] == [referral_id]
    for path in ("/referrals", f"/referrals/{referral_id}"):
        assert coordinator.page(path).status_code == 200, path
    assert room.referrer.page("/referrals").status_code == 403
