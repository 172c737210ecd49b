"""What a match asks of each side in turn, in whatever order it is heard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import matching, referrals
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import says


def test_a_match_asks_each_side_in_turn(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    match = hall.propose(person, asha)
    assert says(hall.work_of(hall.coordinator)) == []
    (line,) = hall.work_of(asha)
    assert (line.says, line.href) == ("Say whether you could be a peer for Jordan", "/matching/offers")
    assert line.hint == "By 10am on 5 March 2026"
    assert hall.work_of(person.own) == []
    hall.answer(match, person, asha, "peer", "could")
    assert hall.work_of(asha) == []
    (line,) = hall.work_of(person.own)
    assert (line.says.startswith("Someone could be your peer"), line.href) == (True, "/my/match")
    hall.answer(match, person, asha, "person", "yes")
    assert hall.work_of(person.own) == []
    assert says(hall.work_of(asha)) == ["Meet Jordan once, and say when you have"]
    hall.taster(match, person, asha)
    assert says(hall.work_of(asha)) == ["Say whether you would like to begin with Jordan"]
    assert says(hall.work_of(person.own)) == ["You have met Asha: say whether you would like to begin"]
    hall.answer(match, person, asha, "person", "yes")
    assert hall.work_of(person.own) == []
    assert len(hall.work_of(asha)) == 1
    hall.answer(match, person, asha, "peer", "yes")
    hall.agree(match, person, asha)
    assert [(line.says, line.href) for line in hall.work_of(asha)] == [
        ("Agree an end date with Jordan, and begin", "/support")
    ]


def test_two_peers_who_could_are_one_choice(hall: Hall, asha: Any) -> None:
    person, ben = hall.waiting(), hall.an_account("Ben", "peer")
    match = hall.propose(person, asha, ben)
    for peer in (asha, ben):
        hall.answer(match, person, peer, "peer", "could")
    assert len(hall.work_of(person.own)) == 1
    hall.release(match, person, "hold_lapsed", asha)
    assert len(hall.work_of(person.own)) == 1
    hall.release(match, person, "hold_lapsed", ben)
    assert hall.work_of(person.own) == []


def test_an_option_not_needed_leaves_that_peers_list_alone(hall: Hall, asha: Any) -> None:
    person, ben = hall.waiting(), hall.an_account("Ben", "peer")
    match = hall.propose(person, asha, ben)
    hall.release(match, person, "not_needed_this_time", ben)
    assert len(hall.work_of(asha)) == 1
    assert hall.work_of(ben) == []


def test_a_match_let_go_puts_the_person_back_with_their_first_day(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    hall.clock.advance(days=3)
    match = hall.propose(person, asha)
    hall.release(match, person, "peer_not_this_time", asha)
    hall.release(match, person, "peer_not_this_time")
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.hint) == ("Find someone for Jordan", "Waiting since 2 March 2026")
    assert hall.work_of(asha) == []


def test_the_end_of_an_older_match_heard_late_does_not_ask_for_somebody_again(hall: Hall, asha: Any) -> None:
    person = hall.waiting()
    first = hall.propose(person, asha)
    hall.propose(person, asha)
    hall.release(first, person, "hold_lapsed")
    assert hall.work_of(hall.coordinator) == []


def test_a_match_let_go_because_the_referral_ended_asks_for_nobody(hall: Hall, asha: Any) -> None:
    person = hall.waiting()
    match = hall.propose(person, asha)
    hall.of_referral(person, referrals.ReferralClosed, closed_at=hall.now, outcome="withdrawn")
    hall.release(match, person, "referral_closed")
    assert hall.work_of(hall.coordinator) == []


@pytest.mark.parametrize(
    ("step", "answers"),
    [("peer_answer", [("peer", "could")]), ("person_choice", [("peer", "could"), ("person", "yes")])],
)
def test_a_stalled_step_is_looked_at_until_it_is_taken(hall: Hall, asha: Any, step: str, answers: list[Any]) -> None:
    person = hall.waiting("Jordan")
    match = hall.propose(person, asha)
    hall.of_match(match, matching.MatchStalled(
        match_id=match, referral_id=person.referral_id, person_id=person.person_id, step=step,
        due_at=hall.now - timedelta(hours=1),
    ))  # fmt: skip
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("See what holds up the match of Jordan", f"/matching/match/{match}")
    assert line.is_late
    for side, said in answers:
        hall.answer(match, person, asha, side, said)
    assert hall.work_of(hall.coordinator) == []


def test_a_peer_is_never_late(hall: Hall, asha: Any) -> None:
    hall.propose(hall.waiting(), asha)
    hall.clock.advance(days=30)
    (line,) = hall.work_of(asha)
    assert not line.is_late
    assert "past" not in asha.page("/work").text.split("<main")[1].split("</main>")[0]
