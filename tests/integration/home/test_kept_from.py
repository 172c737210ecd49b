"""Whoever must not be told of a person finds no line of theirs, and no timeline, as if there were none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from chassis.tables import kept_from
from contracts import referrals
from tests.builders import Caller, without_ids
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import says


@pytest.fixture
def feared(hall: Hall) -> Caller:
    """A coordinator whom a person must not be told to."""
    return hall.as_("coordinator", "network_lead")


def test_a_coordinator_who_must_not_be_told_has_no_work_for_the_person_at_any_stage(
    hall: Hall, feared: Caller, asha: Caller
) -> None:
    person = hall.a_person("Jordan", kept_from=(feared.who.id,))
    lines = ["Open the referral of Jordan"]
    assert (says(hall.work_of(feared)), says(hall.work_of(hall.coordinator))) == ([], lines)
    hall.acknowledge(person)
    lines = ["Decide about the referral of Jordan"]
    assert (says(hall.work_of(feared)), says(hall.work_of(hall.coordinator))) == ([], lines)
    hall.accept(person)
    lines = ["Find someone for Jordan"]
    assert (says(hall.work_of(feared)), says(hall.work_of(hall.coordinator))) == ([], lines)
    assert "Jordan" not in feared.page("/work").text


def test_whoever_must_not_be_told_is_not_asked_about_a_referral_nobody_opened(hall: Hall, feared: Caller) -> None:
    person = hall.a_person("Jordan", kept_from=(feared.who.id,))
    hall.of_referral(
        person, referrals.ReferralOverdue, step="acknowledgement", due_at=hall.now + timedelta(days=2),
        told_role="network_lead",
    )  # fmt: skip
    assert says(hall.work_of(feared)) == []
    assert len(hall.work_of(hall.lead)) == 1


def test_others_stay_on_the_same_list(hall: Hall, feared: Caller) -> None:
    hall.a_person("Jordan", kept_from=(feared.who.id,))
    hall.a_person("Robin")
    assert says(hall.work_of(feared)) == ["Open the referral of Robin"]
    assert len(hall.work_of(hall.coordinator)) == 2


def test_whoever_is_named_later_is_not_told_from_then_on_and_whoever_was_named_before_still_not(
    hall: Hall, feared: Caller
) -> None:
    before = hall.as_("coordinator")
    person = hall.a_person("Jordan", kept_from=(before.who.id,))
    hall.acknowledge(person)
    assert says(hall.work_of(feared)) == ["Decide about the referral of Jordan"]
    hall.accept(person, kept_from=(feared.who.id,))
    assert (says(hall.work_of(feared)), says(hall.work_of(before))) == ([], [])
    assert feared.page(f"/timelines/{person.referral_id}").status_code == 404
    assert says(hall.work_of(hall.coordinator)) == ["Find someone for Jordan"]


def test_a_timeline_answers_whoever_must_not_be_told_like_one_that_is_not_there(hall: Hall, feared: Caller) -> None:
    person = hall.a_person("Jordan", kept_from=(feared.who.id,))
    there, nowhere = (feared.page(f"/timelines/{one}") for one in (person.referral_id, hall.ids.new()))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert hall.audited("timeline.read") == []
    assert hall.coordinator.page(f"/timelines/{person.referral_id}").status_code == 200


def test_of_someone_forgotten_before_it_was_heard_no_name_is_kept(hall: Hall, feared: Caller) -> None:
    person_id, referral_id = hall.ids.new(), hall.ids.new()
    ring = hall["referrals"].vault.make(person_id, ["called", "reporting", "safety"])
    hall.forget_keys_of(person_id)
    hall.tell("referrals", "referral", referral_id, referrals.ReferralReceived(
        referral_id=referral_id, person_id=person_id, partner_id=hall.partner_id, door="web", received_at=hall.now,
        called=ring.seal(person_id, "called", "Jordan"), reporting_id=ring.seal(person_id, "reporting", "r"),
        safety=ring.seal(person_id, "safety", {"conflicts": [feared.who.id], "note_code": "none"}),
        is_incomplete=False,
    ))  # fmt: skip
    with hall["home"].reading() as unit:
        assert unit.connection.execute(sa.select(kept_from)).all() == []
    assert len(hall.work_of(hall.coordinator)) == 1
