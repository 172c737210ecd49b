"""What a referral puts on whose list, and what takes it off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts import referrals
from tests.integration.home.conftest import Hall


def test_a_referral_is_opened_then_decided_then_somebody_is_to_be_found(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("Open the referral of Jordan", f"/referrals/{person.referral_id}")
    assert (line.hint, line.is_late) == ("By 10am on 4 March 2026", False)
    hall.acknowledge(person)
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.hint) == ("Decide about the referral of Jordan", "By 10am on 7 March 2026")
    hall.clock.advance(days=1)
    hall.accept(person)
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("Find someone for Jordan", f"/matching/{person.referral_id}")
    assert line.hint == "Waiting since 2 March 2026"


@pytest.mark.parametrize("step", ["received", "acknowledged", "accepted"])
@pytest.mark.parametrize("end", ["declined", "closed"])
def test_a_referral_that_ends_leaves_nothing_to_do(hall: Hall, step: str, end: str) -> None:
    person = hall.a_person()
    if step != "received":
        hall.acknowledge(person)
    if step == "accepted":
        hall.accept(person)
    if end == "declined":
        hall.of_referral(
            person, referrals.ReferralDeclined, declined_at=hall.now, declined_by="person",
            reason="other_help_found",
        )  # fmt: skip
    else:
        hall.of_referral(person, referrals.ReferralClosed, closed_at=hall.now, outcome="withdrawn")
    assert hall.work_of(hall.coordinator) == []


def test_what_nobody_did_in_time_is_late_and_the_network_lead_asks(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    assert hall.work_of(hall.lead) == []
    hall.clock.advance(days=4)
    hall.of_referral(
        person, referrals.ReferralOverdue, step="acknowledgement", due_at=hall.now - timedelta(days=2),
        told_role="network_lead",
    )  # fmt: skip
    (line,) = hall.work_of(hall.lead)
    assert line.is_late
    assert (line.href, "Jordan" in line.says) == (f"/timelines/{person.referral_id}", False)
    assert [line.is_late for line in hall.work_of(hall.coordinator)] == [True]
    hall.acknowledge(person)
    assert hall.work_of(hall.lead) == []
