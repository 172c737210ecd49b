"""What a coordinator does with a referral: open it, add what is missing, accept it or decline it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.referrals import domain
from services.referrals.actions import changing
from tests.integration.referrals.conftest import AT, words_of

YOUNG = {"person": {"birth_date": "2008-03-03"}}  # 18 tomorrow
UNBORN = {"person": {"birth_date": None}}


def test_opening_a_referral_starts_the_clock_of_the_decision(room: Any) -> None:
    referral_id = room.received()
    shown = room.done(referral_id, "acknowledgement")
    assert (shown["state"], shown["stage"], shown["reply_due_at"]) == ("acknowledged", "Being looked at", None)
    (fact,) = room.facts("referral.acknowledged")
    assert fact["by_account_id"] == room.coordinator.who.id
    # Monday 2 March and five working days: Monday 9 March.
    assert fact["decision_due_at"] == "2026-03-09T10:00:00Z"
    assert [row.record for row in room.audited(action="referral.acknowledge")] == [referral_id]


def test_an_accepted_referral_takes_its_sealed_needs_and_its_first_day_to_matching(room: Any) -> None:
    referral_id = room.acknowledged()
    room.clock.advance(days=3)
    assert room.done(referral_id, "acceptance")["state"] == "waiting"
    (fact,) = room.facts("referral.accepted")
    row = room.kept(referral_id)
    assert (fact["received_at"], fact["accepted_at"]) == ("2026-03-02T10:00:00Z", "2026-03-05T10:00:00Z")
    assert (fact["called"], fact["needs"], fact["safety"]) == (row.called, row.needs, row.safety)
    assert room.opened(fact["needs"])["themes"] == ["depression", "hospital"]
    (headers,) = room.headers("referral.accepted")
    assert headers["ce_requires"] == f"referrals/person/{row.person_id}@1"
    assert row.decision_due_at is None


def test_a_note_of_safety_goes_on_as_a_code_alone(room: Any) -> None:
    told = room.ids.new()
    room.accepted(safety={"note": "Meet somewhere quiet.", "must_not_be_told": [told]})
    (fact,) = room.facts("referral.accepted")
    assert room.opened(fact["safety"]) == {"conflicts": [told], "note_code": "check"}


def test_nothing_is_accepted_before_somebody_opened_it(room: Any) -> None:
    referral_id = room.received()
    refused = room.decide(referral_id, "acceptance")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "MoveNotAllowed")
    assert "'Received'" in refused.get_json()["detail"]
    assert room.facts("referral.accepted") == []


def test_a_move_made_twice_is_refused_and_stated_once(room: Any) -> None:
    referral_id = room.received()
    room.done(referral_id, "acknowledgement")
    assert room.decide(referral_id, "acknowledgement").status_code == 409
    assert len(room.facts("referral.acknowledged")) == 1
    assert [row.rule for row in room.audited(outcome="refused")] == ["MoveNotAllowed"]


def test_a_missing_birth_date_delays_acceptance_until_it_is_added(room: Any) -> None:
    referral_id = room.acknowledged(**UNBORN)
    refused = room.decide(referral_id, "acceptance")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "AdulthoodNotConfirmed")
    added = room.coordinator.api("PUT", f"{AT}/{referral_id}/birth-date", {"birth_date": "1985-03-27"})
    assert (added.status_code, added.get_json()["incomplete"]) == (200, [])
    assert room.done(referral_id, "acceptance")["state"] == "waiting"
    (fact,) = room.facts("referral.accepted")
    assert room.opened(fact["needs"])["age_band"] == "35-44"
    contact = room.opened(room.kept(referral_id).contact)
    assert (contact["birth_date"], contact["name"]) == ("1985-03-27", "Jordan Okafor")


def test_support_is_for_adults_from_the_birthday_on(room: Any) -> None:
    referral_id = room.acknowledged(**YOUNG)
    refused = room.decide(referral_id, "acceptance")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "PersonTooYoung")
    room.clock.advance(days=1)
    assert room.decide(referral_id, "acceptance").status_code == 200


def test_a_birth_date_to_come_is_refused(room: Any) -> None:
    referral_id = room.acknowledged(**UNBORN)
    refused = room.coordinator.api("PUT", f"{AT}/{referral_id}/birth-date", {"birth_date": "2026-03-03"})
    assert refused.status_code == 422
    assert refused.get_json()["errors"] == [
        {
            "pointer": "/birth_date",
            "field": "birth_date",
            "detail": "The date of birth is in the future. Check the year.",
        }
    ]
    assert room.opened(room.kept(referral_id).contact)["birth_date"] is None


def test_a_birth_date_is_added_only_until_the_referral_is_decided(room: Any) -> None:
    referral_id = room.accepted()
    late = room.coordinator.api("PUT", f"{AT}/{referral_id}/birth-date", {"birth_date": "1990-01-01"})
    assert late.status_code == 409
    assert room.opened(room.kept(referral_id).contact)["birth_date"] == "1985-03-27"


@pytest.mark.parametrize("at", ["received", "acknowledged", "accepted"])
def test_a_referral_is_declined_by_whom_and_why(room: Any, at: str) -> None:
    referral_id = getattr(room, at)()
    body = {"declined_by": "person", "reason": "other_help_found"}
    assert room.done(referral_id, "decline", body)["state"] == "declined"
    (fact,) = room.facts("referral.declined")
    assert (fact["declined_by"], fact["reason"]) == ("person", "other_help_found")
    row = room.kept(referral_id)
    assert (row.outcome, row.reply_due_at, row.decision_due_at) == ("declined", None, None)


@pytest.mark.parametrize("body", [{}, {"declined_by": "weather", "reason": "rain"}, {"declined_by": "person"}])
def test_a_decline_says_by_whom_and_why_or_is_refused(room: Any, body: dict[str, str]) -> None:
    referral_id = room.received()
    refused = room.decide(referral_id, "decline", body)
    assert refused.status_code == 422
    assert {error["detail"] for error in refused.get_json()["errors"]} <= {
        "Say who decided.",
        "Say why it does not go on.",
        "Choose one of the answers.",
    }
    assert room.shown(referral_id)["state"] == "received"


def test_what_ended_stays_ended(room: Any) -> None:
    referral_id = room.received()
    room.done(referral_id, "decline", {"declined_by": "service", "reason": "duplicate"})
    for what, body in (
        ("acknowledgement", None), ("acceptance", None), ("decline", {"declined_by": "person", "reason": "too_young"}),
    ):  # fmt: skip
        assert room.decide(referral_id, what, body).status_code == 409
    assert len(room.facts("referral.declined")) == 1


# ---- on the screen


def test_a_coordinator_walks_a_referral_from_the_list_to_waiting(room: Any) -> None:
    referral_id = room.received()
    at = f"/referrals/{referral_id}"
    assert "I have opened this" in room.coordinator.page(at).text
    assert room.coordinator.form(f"{at}/acknowledgement").location == at
    page = room.coordinator.page(at)
    assert "Accept this referral" in page.text
    assert "I have opened this" not in page.text
    assert "To be decided by 10am on 9 March 2026" in words_of(page)
    assert room.coordinator.form(f"{at}/acceptance").location == at
    assert "Waiting for a match" in words_of(room.coordinator.page(at))
    assert "Accept this referral" not in room.coordinator.page(at).text


def test_the_screen_asks_for_a_missing_birth_date_before_it_offers_to_accept(room: Any) -> None:
    referral_id = room.acknowledged(**UNBORN)
    at = f"/referrals/{referral_id}"
    page = room.coordinator.page(at).text
    assert "Add date of birth" in page
    assert "Accept this referral" not in page
    blank = room.coordinator.form(f"{at}/birth-date", {})
    assert (blank.status_code, "Enter a date." in words_of(blank)) == (422, True)
    wrong = {"birth_date-day": "31", "birth_date-month": "2", "birth_date-year": "1985"}
    again = room.coordinator.form(f"{at}/birth-date", wrong)
    assert again.status_code == 422
    assert "Enter a real date, such as 27 3 1985." in words_of(again)
    assert 'value="31"' in again.text
    assert "Error: Referral BT-" in again.text
    right = {"birth_date-day": "27", "birth_date-month": "3", "birth_date-year": "1985"}
    assert room.coordinator.form(f"{at}/birth-date", right).status_code == 303
    assert "Accept this referral" in room.coordinator.page(at).text


def test_what_is_refused_on_the_screen_is_said_on_the_referral_itself(room: Any) -> None:
    referral_id = room.acknowledged(**YOUNG)
    refused = room.coordinator.form(f"/referrals/{referral_id}/acceptance")
    assert refused.status_code == 409
    assert "This person is under 18. Decline the referral with the reason" in words_of(refused)
    assert "Jordan Okafor" in words_of(refused)
    assert [row.rule for row in room.audited(outcome="refused")] == ["PersonTooYoung"]
    twice = room.coordinator.form(f"/referrals/{referral_id}/acknowledgement")
    assert (twice.status_code, "cannot be changed that way now" in words_of(twice)) == (409, True)


def test_declining_on_the_screen_says_what_is_missing_and_keeps_the_form_open(room: Any) -> None:
    at = f"/referrals/{room.received()}"
    missing = room.coordinator.form(f"{at}/decline", {"declined_by": "person"})
    assert missing.status_code == 422
    assert "Say why it does not go on." in words_of(missing)
    assert "<details" in missing.text
    assert missing.text.split("<details")[1].split(">")[0].rstrip().endswith("open")
    gone = room.coordinator.form(f"{at}/decline", {"declined_by": "person", "reason": "other_help_found"})
    assert gone.status_code == 303
    assert "Not going on" in words_of(room.coordinator.page(at))
    assert "Decline this referral" not in room.coordinator.page(at).text


def test_somebody_faster_is_never_written_over(room: Any) -> None:
    referral_id = room.received()
    seen = room.kept(referral_id)
    room.clock.advance(minutes=1)
    room.done(referral_id, "decline", {"declined_by": "person", "reason": "other_help_found"})
    with room["referrals"].writing() as unit, pytest.raises(domain.ChangedMeanwhile):
        changing.save(unit, seen, domain.move(changing.standing(seen), "acknowledge"))
    assert room.kept(referral_id).state == "declined"
    assert room.kept(referral_id).ended_at == seen.received_at + timedelta(minutes=1)
