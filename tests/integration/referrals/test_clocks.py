"""Nobody's referral is left unread: working days in London, bank holidays, grace, and one telling for each step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.referrals.routines import escalate_overdue_referrals
from tests.integration.referrals.conftest import words_of

# In 2026 Good Friday is 3 April and Easter Monday 6 April; the clocks go forward on 29 March, back on 25 October.
DUE = [
    ("Monday morning", datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC)),
    ("Friday", datetime(2026, 3, 6, 10, tzinfo=UTC), datetime(2026, 3, 10, 10, tzinfo=UTC)),
    ("Saturday", datetime(2026, 3, 7, 9, tzinfo=UTC), datetime(2026, 3, 10, 9, tzinfo=UTC)),
    ("Sunday night", datetime(2026, 3, 8, 23, 30, tzinfo=UTC), datetime(2026, 3, 10, 23, 30, tzinfo=UTC)),
    ("before Easter", datetime(2026, 4, 2, 9, tzinfo=UTC), datetime(2026, 4, 8, 9, tzinfo=UTC)),
    ("Good Friday itself", datetime(2026, 4, 3, 9, tzinfo=UTC), datetime(2026, 4, 8, 9, tzinfo=UTC)),
    # ten in London is ten in UTC before the change and nine after it
    ("over the change of the clocks", datetime(2026, 3, 27, 10, tzinfo=UTC), datetime(2026, 3, 31, 9, tzinfo=UTC)),
    ("over the change back", datetime(2026, 10, 23, 9, tzinfo=UTC), datetime(2026, 10, 27, 10, tzinfo=UTC)),
    ("over Christmas", datetime(2026, 12, 24, 10, tzinfo=UTC), datetime(2026, 12, 30, 10, tzinfo=UTC)),
]


def told(room: Any) -> int:
    """How many steps past their time are told of when the clock is looked at now."""
    with room["referrals"].writing() as unit:
        return escalate_overdue_referrals(unit)


@pytest.mark.parametrize(("received_at", "due_at"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_a_reply_is_due_two_working_days_later(room: Any, received_at: datetime, due_at: datetime) -> None:
    room.clock.move_to(received_at)
    assert datetime.fromisoformat(room.shown(room.received())["reply_due_at"]) == due_at


def test_a_decision_is_due_five_working_days_after_the_opening(room: Any) -> None:
    room.clock.move_to(datetime(2026, 4, 1, 9, tzinfo=UTC))
    referral_id = room.acknowledged()
    # Wednesday; Thursday is the first day, then Easter, Tuesday 7 April the second, Friday 10 April the fifth.
    assert room.kept(referral_id).decision_due_at == datetime(2026, 4, 10, 9, tzinfo=UTC)


def test_nobody_is_told_before_two_more_working_days_of_grace(room: Any) -> None:
    referral_id = room.received()
    room.clock.move_to(datetime(2026, 3, 4, 10, 1, tzinfo=UTC))
    assert told(room) == 0
    assert "Overdue" in words_of(room.coordinator.page("/referrals"))
    room.clock.move_to(datetime(2026, 3, 6, 10, 0, tzinfo=UTC))
    assert told(room) == 0
    room.clock.advance(minutes=1)
    assert told(room) == 1
    (fact,) = room.facts("referral.overdue")
    assert (fact["referral_id"], fact["step"], fact["told_role"]) == (referral_id, "acknowledgement", "network_lead")
    assert fact["due_at"] == "2026-03-04T10:00:00Z"
    assert room.headers("referral.overdue")[0]["ce_requires"] == f"referrals/person/{room.person_of(referral_id)}@1"


def test_grace_counts_working_days_too(room: Any) -> None:
    room.clock.move_to(datetime(2026, 3, 30, 9, tzinfo=UTC))
    room.received()  # due Wednesday 1 April; grace Thursday, then after Easter Tuesday 7 April
    room.clock.move_to(datetime(2026, 4, 7, 9, tzinfo=UTC))
    assert told(room) == 0
    room.clock.advance(minutes=1)
    assert told(room) == 1


def test_each_step_is_told_once_however_often_the_clock_is_looked_at(room: Any) -> None:
    referral_id = room.received()
    room.clock.advance(days=10)
    assert [told(room) for _ in range(3)] == [1, 0, 0]
    room.done(referral_id, "acknowledgement")
    assert told(room) == 0
    room.clock.advance(days=30)
    assert [told(room) for _ in range(3)] == [1, 0, 0]
    assert [fact["step"] for fact in room.facts("referral.overdue")] == ["acknowledgement", "decision"]
    assert len(room.audited(action="referral.overdue", who_kind="service")) == 2


def test_what_is_answered_in_time_is_never_told(room: Any) -> None:
    opened, declined = room.acknowledged(), room.received()
    room.done(opened, "acceptance")
    room.done(declined, "decline", {"declined_by": "person", "reason": "other_help_found"})
    gone = room.received()
    room.as_person(room.person_of(gone)).form("/my/referral/withdrawal")
    room.clock.advance(days=60)
    assert told(room) == 0
    assert room.facts("referral.overdue") == []
    assert "Overdue" not in words_of(room.coordinator.page("/referrals"))


def test_a_person_who_waits_too_long_is_told_so_and_not_left_with_a_day_gone_by(room: Any) -> None:
    referral_id = room.received()
    person = room.as_person(room.person_of(referral_id))
    room.clock.advance(days=3)
    assert "We are sorry that you still wait." in words_of(person.page("/my/referral"))
    room.done(referral_id, "acknowledgement")
    assert "sorry" not in words_of(person.page("/my/referral"))
    room.clock.advance(days=30)
    assert "We are sorry that you still wait." in words_of(person.page("/my/referral"))


def test_several_are_told_each_for_itself(room: Any) -> None:
    room.received()
    room.received()
    room.clock.advance(days=10)
    assert told(room) == 2
    assert len({fact["referral_id"] for fact in room.facts("referral.overdue")}) == 2


def test_the_wait_of_the_person_never_pauses(room: Any) -> None:
    referral_id = room.received()
    room.clock.advance(days=20)
    room.done(referral_id, "acknowledgement")
    room.clock.advance(days=20)
    room.done(referral_id, "acceptance")
    (fact,) = room.facts("referral.accepted")
    received, accepted = (datetime.fromisoformat(fact[name]) for name in ("received_at", "accepted_at"))
    assert accepted - received == timedelta(days=40)
