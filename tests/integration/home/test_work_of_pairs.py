"""What a pair sees of its meetings and its ending."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import support
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import says


def test_a_pair_sees_its_meeting_and_afterwards_the_peer_two_taps(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    support_id = hall.start(hall.agreed(person, asha), person, asha)
    assert hall.work_of(asha) == []
    hall.of_pair(
        support.MeetingPlanned, support_id, person, asha, meeting_id=hall.ids.new(), mode="in_person",
        starts_at=hall.now + timedelta(days=2),
    )  # fmt: skip
    (line,) = hall.work_of(asha)
    assert (line.says, line.hint, line.href) == (
        "You meet Jordan", "At 10am on 4 March 2026", f"/support/{support_id}",
    )  # fmt: skip
    assert [(line.says, line.href) for line in hall.work_of(person.own)] == [("You meet Asha", "/my/support")]
    hall.clock.advance(days=2, hours=1)
    (line,) = hall.work_of(asha)
    assert (line.says, line.is_late) == ("If you met Jordan, say so in two taps", False)
    assert hall.work_of(person.own) == []
    hall.of_pair(
        support.ContactRecorded, support_id, person, asha, contact_id=hall.ids.new(), kind="made", mode="in_person",
        held_on=hall.now.date(),
    )  # fmt: skip
    assert hall.work_of(asha) == []


def test_a_contact_leaves_the_next_meeting_where_it_is(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    support_id = hall.start(hall.agreed(person, asha), person, asha)
    hall.of_pair(
        support.MeetingPlanned, support_id, person, asha, meeting_id=hall.ids.new(), mode="phone",
        starts_at=hall.now + timedelta(days=7),
    )  # fmt: skip
    hall.of_pair(
        support.ContactRecorded, support_id, person, asha, contact_id=hall.ids.new(), kind="made", mode="phone",
        held_on=hall.now.date(),
    )  # fmt: skip
    assert says(hall.work_of(asha)) == ["You meet Jordan"]


def test_planning_the_ending_appears_four_weeks_before(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    hall.start(hall.agreed(person, asha), person, asha, days=60)
    hall.clock.advance(days=31)
    assert hall.work_of(asha) == []
    hall.clock.advance(days=2)
    (line,) = hall.work_of(asha)
    assert (line.says, line.hint) == ("Plan the ending together with Jordan", "Agreed for 1 May 2026")


@pytest.mark.parametrize(("wants_return", "expected"), [(False, []), (True, ["Find someone for Jordan"])])
def test_an_ended_support_leaves_nothing_or_a_person_who_waits_again(
    hall: Hall, asha: Any, wants_return: bool, expected: list[str]
) -> None:
    person = hall.waiting("Jordan")
    match = hall.agreed(person, asha)
    support_id = hall.start(match, person, asha)
    hall.end(support_id, match, person, asha, wants_return=wants_return)
    assert hall.work_of(asha) == []
    assert hall.work_of(person.own) == []
    assert says(hall.work_of(hall.coordinator)) == expected


def test_a_support_heard_of_before_its_match_leaves_nothing_to_begin(hall: Hall, asha: Any) -> None:
    person, match = hall.waiting(), hall.ids.new()
    hall.start(match, person, asha)
    hall.agree(match, person, asha)
    assert hall.work_of(asha) == []
    assert hall.work_of(hall.coordinator) == []
