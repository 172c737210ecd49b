"""The rules of a support, one by one; expected answers are written from rules.md, Progressive and Community facing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.errors import Refused
from contracts import support as contract
from services.support import domain

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def refusal(call: object, *args: object, **named: object) -> str:
    """The name of the rule that refuses, or nothing."""
    try:
        call(*args, **named)  # type: ignore[operator]
    except Refused as refused:
        return refused.rule
    return ""


# ---- moves ----

OVER = dict.fromkeys(("start", "plan", "contact", "connect", "pause", "resume", "end"), "SupportIsOver")
EXPECTED: dict[str, dict[str, str]] = {
    "agreed": {
        "start": "", "plan": "NotStartedYet", "contact": "NotStartedYet", "connect": "NotStartedYet",
        "pause": "NotStartedYet", "resume": "NotStartedYet", "end": "",
    },
    "active": {
        "start": "AlreadyStarted", "plan": "", "contact": "", "connect": "", "pause": "",
        "resume": "SupportIsNotPaused", "end": "",
    },
    "paused": {
        "start": "AlreadyStarted", "plan": "SupportIsPaused", "contact": "", "connect": "",
        "pause": "SupportIsPaused", "resume": "", "end": "",
    },
    "ended": OVER,
    "released": OVER,
}  # fmt: skip


@pytest.mark.parametrize(("state", "what"), [(state, what) for state in EXPECTED for what in EXPECTED[state]])
def test_each_move_is_made_or_refused_by_name(state: str, what: str) -> None:
    assert refusal(domain.check_move, state, what) == EXPECTED[state][what]


def test_no_move_and_no_state_is_left_out_of_the_table_above() -> None:
    assert set(EXPECTED) == set(domain.STAGES)
    assert set(OVER) == set(domain.MOVES)


# ---- the term ----


def test_without_a_day_given_support_is_agreed_for_four_months_with_a_midpoint() -> None:
    term = domain.agree_term(TODAY, None, usual_months=4, most_months=12)
    assert (term.started_on, term.midpoint_on, term.agreed_end_on) == (TODAY, date(2026, 5, 2), date(2026, 7, 2))


def test_the_pair_may_agree_any_day_that_is_ahead_and_within_the_longest_time() -> None:
    for day, expected in [
        (TODAY, "EndDateNotAhead"),
        (TODAY - timedelta(days=1), "EndDateNotAhead"),
        (TODAY + timedelta(days=1), ""),
        (date(2027, 3, 2), ""),
        (date(2027, 3, 3), "EndDateTooFar"),
    ]:
        assert refusal(domain.agree_term, TODAY, day, usual_months=4, most_months=12) == expected, day


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2026, 9, 15), 4, date(2027, 1, 15)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
    ],
)
def test_months_are_calendar_months_and_stop_at_the_last_day(day: date, months: int, expected: date) -> None:
    assert domain.months_after(day, months) == expected


def test_overrun_begins_the_day_after_the_agreed_end_and_only_while_support_goes_on() -> None:
    assert not domain.is_overrun("active", TODAY, TODAY)
    assert domain.is_overrun("active", TODAY - timedelta(days=1), TODAY)
    assert domain.is_overrun("paused", TODAY - timedelta(days=1), TODAY)
    assert not domain.is_overrun("ended", TODAY - timedelta(days=1), TODAY)
    assert not domain.is_overrun("agreed", None, TODAY)


# ---- meetings and contacts ----


def test_a_meeting_is_planned_ahead() -> None:
    assert refusal(domain.check_meeting, NOW, NOW) == ""
    assert refusal(domain.check_meeting, NOW - timedelta(minutes=1), NOW) == "MeetingInThePast"


def test_a_contact_is_recorded_for_a_day_between_the_start_and_today() -> None:
    began = TODAY - timedelta(days=5)
    assert refusal(domain.check_contact, TODAY, TODAY, began) == ""
    assert refusal(domain.check_contact, began, TODAY, began) == ""
    assert refusal(domain.check_contact, TODAY + timedelta(days=1), TODAY, began) == "ContactInTheFuture"
    assert refusal(domain.check_contact, began - timedelta(days=1), TODAY, began) == "ContactBeforeStart"


def test_a_contact_of_a_planned_meeting_is_of_its_day_or_of_today_when_they_met_sooner() -> None:
    assert domain.day_of_contact(TODAY - timedelta(days=2), TODAY) == TODAY - timedelta(days=2)
    assert domain.day_of_contact(TODAY + timedelta(days=2), TODAY) == TODAY


def test_a_meeting_is_offered_for_its_two_taps_for_some_days_and_then_nobody_asks() -> None:
    assert [domain.is_offered(TODAY - timedelta(days=ago), TODAY, 7) for ago in (-1, 0, 7, 8)] == [
        False, True, True, False,
    ]  # fmt: skip


# ---- connections ----

FORWARD = {
    ("found", "tried"), ("found", "going"), ("found", "going_without_peer"), ("tried", "going"),
    ("tried", "going_without_peer"), ("going", "going_without_peer"),
    ("found", "let_go"), ("tried", "let_go"), ("going", "let_go"), ("going_without_peer", "let_go"),
    ("let_go", "tried"), ("let_go", "going"), ("let_go", "going_without_peer"),
}  # fmt: skip


@pytest.mark.parametrize("was", contract.CONNECTION_STATES)
@pytest.mark.parametrize("to", contract.CONNECTION_STATES)
def test_a_connection_goes_forward_or_is_let_go_and_nothing_else(was: str, to: str) -> None:
    expected = "" if (was, to) in FORWARD else "ConnectionMoveNotAllowed"
    assert refusal(domain.check_connection_move, was, to) == expected
    assert (to in domain.next_steps(was)) == ((was, to) in FORWARD)


def test_only_what_the_person_goes_to_is_alive() -> None:
    assert domain.ALIVE == ("going", "going_without_peer")


def test_an_ending_without_a_connection_says_so() -> None:
    assert domain.outcome(0) == "None yet"
    assert domain.outcome(1) == "1 connection is alive"
    assert domain.outcome(3) == "3 connections are alive"


# ---- who speaks, who comes back, who sees ----


@pytest.mark.parametrize(
    ("side", "allowed"),
    [
        ("person", {"person", "both"}),
        ("peer", {"peer", "person", "both"}),
        ("network", {"network", "peer", "person", "both"}),
    ],
)
def test_each_side_speaks_for_itself(side: str, allowed: set[str]) -> None:
    heard = {who for who in contract.AGREED_BY if not refusal(domain.check_may_say, side, who, "agreed_by")}
    assert heard == allowed


def test_what_may_not_be_said_is_a_fault_of_the_field_it_was_said_in() -> None:
    with pytest.raises(domain.NotYoursToSay) as refused:
        domain.check_may_say("person", "network", "paused_by")
    assert [fault.where for fault in refused.value.faults] == ["paused_by"]


def test_a_swap_keeps_the_place_and_any_other_ending_asks() -> None:
    assert domain.comes_back("swap", None)
    assert domain.comes_back("swap", True)
    assert domain.comes_back("planned", True)
    assert not domain.comes_back("planned", None)
    assert not domain.comes_back("early_by_choice", False)
    assert refusal(domain.comes_back, "swap", False) == "SwapKeepsThePlace"


def test_a_protected_person_is_seen_by_the_peer_of_a_live_support_alone() -> None:
    seen = {
        (side, state)
        for side in ("person", "peer", "network")
        for state in domain.STAGES
        if domain.may_see(side, state, {"protected"})
    }
    assert seen == {("peer", "agreed"), ("peer", "active"), ("peer", "paused")}


@pytest.mark.parametrize("brake", ["consent_withdrawn", "fenced", "forgotten"])
def test_with_consent_taken_back_or_a_stuck_stream_nobody_sees_a_support(brake: str) -> None:
    for side in ("person", "peer", "network"):
        for state in domain.STAGES:
            assert not domain.may_see(side, state, {brake})


def test_without_a_brake_all_sides_see_a_support_but_one_that_never_began() -> None:
    for side in ("person", "peer", "network"):
        assert [state for state in domain.STAGES if domain.may_see(side, state, set())] == [
            "agreed", "active", "paused", "ended",
        ]  # fmt: skip
        assert domain.may_see(side, "active", {"peer_paused"})
