"""A person may go at any time, and one who must not be found is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.matching import MatchProposed
from services.referrals import store
from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, words_of

TOLD = ("Jordan", "Okafor", "01632 960 001", "ZZ1 1AA", "allotment", "999\u00a0000\u00a00018")


def withdraw(room: Any, person_id: str, who: str) -> None:
    if who == "person on their page":
        person = room.as_person(person_id)
        assert "Do you want to stop?" in words_of(person.page("/my/referral/withdrawal"))
        assert person.form("/my/referral/withdrawal").location == "/my/referral"
    elif who == "person by the API":
        answer = room.as_person(person_id).api("POST", f"{AT}/people/{person_id}/consent-withdrawal")
        assert answer.status_code == 204
    elif who == "coordinator by the API":
        answer = room.coordinator.api("POST", f"{AT}/people/{person_id}/consent-withdrawal")
        assert answer.status_code == 204
    else:
        answer = room.coordinator.form(f"/referrals/people/{person_id}/consent-withdrawal", {})
        assert answer.location == "/work"


WHO = ("person on their page", "person by the API", "coordinator by the API", "coordinator on the screen")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("at", ["received", "accepted"])
def test_taking_consent_back_ends_the_referral_and_is_stated_first(room: Any, who: str, at: str) -> None:
    referral_id = getattr(room, at)()
    person_id = room.person_of(referral_id)
    withdraw(room, person_id, who)
    row = room.kept(referral_id)
    assert (row.state, row.outcome, row.consent_state) == ("closed", "withdrawn", "withdrawn")
    assert (row.reply_due_at, row.decision_due_at) == (None, None)
    (taken,) = room.facts("consent.withdrawn")
    assert taken["person_id"] == person_id
    (headers,) = room.headers("consent.withdrawn")
    assert (headers["ce_brake"], headers["ce_brakesubject"]) == ("consent_withdrawn", person_id)
    (closed,) = room.facts("referral.closed")
    assert (closed["referral_id"], closed["outcome"]) == (referral_id, "withdrawn")
    assert room.headers("referral.closed")[0]["ce_requires"] == f"referrals/person/{person_id}@2"
    assert [one.who_kind for one in room.audited(action="consent.withdraw")] == [
        "person" if who.startswith("person") else "account"
    ]


def test_taking_it_back_twice_is_the_same_as_once(room: Any) -> None:
    person_id = room.person_of(room.received())
    for who in WHO[:2]:
        withdraw(room, person_id, who)
    assert len(room.facts("consent.withdrawn")) == len(room.facts("referral.closed")) == 1


def test_nobody_takes_back_the_consent_of_somebody_else(room: Any) -> None:
    one, other = (room.person_of(room.received()) for _ in range(2))
    assert room.as_person(one).api("POST", f"{AT}/people/{other}/consent-withdrawal").status_code == 404
    for who in (room.referrer, room.system, room.safeguarding, room.as_("peer")):
        assert who.api("POST", f"{AT}/people/{other}/consent-withdrawal").status_code == 403
    assert room.facts("consent.withdrawn") == []


def test_without_consent_nothing_is_accepted(room: Any) -> None:
    referral_id = room.acknowledged()
    # As it stands for the moment between a withdrawal and the end of the referral on another member.
    with room["referrals"].writing() as unit:
        store.change_person(unit, room.kept(referral_id).person_id, consent_state="withdrawn")
    refused = room.decide(referral_id, "acceptance")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "ConsentMissing")


def test_after_consent_is_taken_back_nothing_of_the_person_is_on_any_screen(room: Any) -> None:
    referral_id = room.received()
    before = room.coordinator.page(f"/referrals/{referral_id}").text
    assert all(told in before for told in TOLD)
    assert "Jordan" in room.coordinator.page("/referrals").text
    withdraw(room, room.person_of(referral_id), WHO[0])
    seen = len(room.audited(action="person.seen"))
    for who in (room.coordinator, room.referrer):
        for path in (f"/referrals/{referral_id}", "/referrals"):
            page = who.page(path)
            assert page.status_code == 200
            assert not any(told in page.text for told in TOLD)
    assert "took their consent back" in words_of(room.coordinator.page(f"/referrals/{referral_id}"))
    # That the referral was there, though nothing of the person is on it, is on record all the same.
    assert len(room.audited(action="person.seen")) == seen + 3


def test_a_withdrawal_that_crosses_a_match_stays_the_end(room: Any) -> None:
    referral_id = room.accepted()
    person_id = room.person_of(referral_id)
    withdraw(room, person_id, WHO[0])
    proposed = MatchProposed(
        match_id=room.ids.new(), referral_id=referral_id, person_id=person_id, peer_ids=(room.ids.new(),),
        proposed_at=room.clock.now(), answer_by=room.clock.now(),
    )  # fmt: skip
    room.tell(f"matching/match/{proposed.match_id}", proposed)
    assert room.shown(referral_id)["state"] == "closed"


def test_a_person_may_be_referred_again_afterwards(room: Any) -> None:
    withdraw(room, room.person_of(room.received()), WHO[0])
    assert room.post(a_referral()).status_code == 201


# ---- protection


def test_protection_is_stated_once_and_lifted_once(room: Any) -> None:
    person_id = room.person_of(room.received())
    at = f"{AT}/people/{person_id}/protection"
    for _ in range(2):
        assert room.safeguarding.api("POST", at).status_code == 204
    assert [fact["person_id"] for fact in room.facts("person.protected")] == [person_id]
    assert room.headers("person.protected")[0]["ce_brake"] == "protected"
    for _ in range(2):
        assert room.coordinator.api("DELETE", at).status_code == 204
    assert len(room.facts("person.unprotected")) == 1
    assert room.headers("person.unprotected")[0]["ce_brakelifts"] == "true"
    assert [row.action for row in room.audited(subject=person_id) if "protect" in row.action] == [
        "person.protect", "person.unprotect",
    ]  # fmt: skip


def test_later_facts_of_a_referral_wait_for_the_protection(room: Any) -> None:
    referral_id = room.acknowledged()
    person_id = room.person_of(referral_id)
    room.coordinator.api("POST", f"{AT}/people/{person_id}/protection")
    room.done(referral_id, "acceptance")
    assert room.headers("referral.accepted")[0]["ce_requires"] == f"referrals/person/{person_id}@2"


def test_a_protected_persons_place_and_contact_are_on_no_screen(room: Any) -> None:
    referral_id = room.received(person={"address": "12 Harbour Row", "email": "jordan@example.org"})
    at = f"/referrals/{referral_id}"
    for told in ("12 Harbour Row", "ZZ1 1AA", "01632 960 001", "jordan@example.org", "North "):
        assert told in words_of(room.coordinator.page(at))
    protect = {"protect": "yes", "back": referral_id}
    assert room.coordinator.form(f"/referrals/people/{room.person_of(referral_id)}/protection", protect).location == at
    page = words_of(room.coordinator.page(at))
    assert "This person is protected" in page
    for told in ("12 Harbour Row", "ZZ1 1AA", "01632 960 001", "jordan@example.org", "Lives in"):
        assert told not in page
    lift = {"protect": "no", "back": referral_id}
    room.coordinator.form(f"/referrals/people/{room.person_of(referral_id)}/protection", lift)
    assert "12 Harbour Row" in words_of(room.coordinator.page(at))


def test_to_the_partner_that_sent_them_protected_and_not_look_the_same(room: Any) -> None:
    referral_id = room.received()
    before = [room.referrer.page(path).text for path in (f"/referrals/{referral_id}", "/referrals")]
    room.coordinator.api("POST", f"{AT}/people/{room.person_of(referral_id)}/protection")
    after = [room.referrer.page(path).text for path in (f"/referrals/{referral_id}", "/referrals")]
    nonce = r'nonce="[^"]+"|name="form_token" value="[^"]+"'
    assert [re.sub(nonce, "", text) for text in after] == [re.sub(nonce, "", text) for text in before]


@pytest.mark.parametrize("fields", [{}, {"protect": ""}, {"protect": "perhaps"}, {"protect": ["yes", "no"]}])
def test_protection_is_never_lifted_by_a_form_that_does_not_say_so(room: Any, fields: Any) -> None:
    person_id = room.person_of(room.received())
    room.coordinator.api("POST", f"{AT}/people/{person_id}/protection")
    refused = room.coordinator.form(f"/referrals/people/{person_id}/protection", fields)
    assert refused.status_code == 422
    assert room.facts("person.unprotected") == []


def test_a_button_leads_back_only_to_a_referral(room: Any) -> None:
    person_id = room.person_of(room.received())
    at = f"/referrals/people/{person_id}/protection"
    for odd in ("https://elsewhere.example", "//elsewhere.example", "../../sign-out", "x\r\nSet-Cookie: a=b"):
        answer = room.coordinator.form(at, {"protect": "yes", "back": odd})
        assert (answer.status_code, answer.location) == (422, None)
    assert room.facts("person.protected") == []


def test_a_safeguarding_lead_who_may_not_read_referrals_is_led_to_their_work(room: Any) -> None:
    referral_id = room.received()
    fields = {"protect": "yes", "back": referral_id}
    answer = room.safeguarding.form(f"/referrals/people/{room.person_of(referral_id)}/protection", fields)
    assert (answer.status_code, answer.location) == (303, "/work")
    assert len(room.facts("person.protected")) == 1


def test_a_person_who_is_not_there_cannot_be_protected(room: Any) -> None:
    at = f"{AT}/people/{room.ids.new()}/protection"
    assert room.coordinator.api("POST", at).status_code == 404
    assert room.coordinator.api("DELETE", at).status_code == 404
    assert room.referrer.api("POST", at).status_code == 403
