"""Supervision sessions: who supervises whom, when the next is due, and both words that one was held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.supervision.domain import sessions
from services.supervision.domain.sessions import Session, Supervisor

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_supervisor_of_the_same_partner_comes_first_even_with_more_peers() -> None:
    found = [Supervisor("near", "kindred", 9), Supervisor("far", "north", 0)]
    assert sessions.choose_supervisor("peer", "kindred", found) == "near"


def test_without_one_whoever_has_the_fewest_peers_and_then_the_first_by_id() -> None:
    found = [Supervisor("c", "north", 1), Supervisor("b", "south", 1), Supervisor("a", "west", 2)]
    assert sessions.choose_supervisor("peer", "kindred", found) == "b"
    assert sessions.choose_supervisor("peer", "kindred", reversed(found)) == "b"


def test_nobody_supervises_themselves_and_with_nobody_else_there_is_nobody() -> None:
    own = Supervisor("peer", "kindred", 0)
    assert sessions.choose_supervisor("peer", "kindred", [own, Supervisor("far", "north", 3)]) == "far"
    assert sessions.choose_supervisor("peer", "kindred", [own]) is None
    assert sessions.choose_supervisor("peer", "kindred", []) is None


def test_the_next_session_is_due_28_days_after_one_was_held() -> None:
    assert sessions.next_due(NOW, 28) == datetime(2026, 3, 30, 10, tzinfo=UTC)


def test_a_missed_session_is_made_up_for_within_a_week_but_not_before_it_was_due() -> None:
    assert sessions.make_up_due(NOW - DAY, NOW, 7) == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert sessions.make_up_due(NOW + 20 * DAY, NOW, 7) == NOW + 20 * DAY


def test_nobody_comes_back_from_a_break_to_something_overdue() -> None:
    assert sessions.due_after_break(NOW - 30 * DAY, NOW, 14) == NOW + 14 * DAY
    assert sessions.due_after_break(NOW + 15 * DAY, NOW, 14) == NOW + 15 * DAY


@pytest.mark.parametrize("away", [-7 * DAY, timedelta(0), 90 * DAY])
def test_a_time_within_reach_may_be_planned(away: timedelta) -> None:
    sessions.check_time(NOW + away, NOW, back_days=7, ahead_days=90)


@pytest.mark.parametrize("away", [-7 * DAY - HOUR, 90 * DAY + HOUR])
def test_a_time_nobody_could_mean_is_refused(away: timedelta) -> None:
    with pytest.raises(sessions.TimeOutOfReach):
        sessions.check_time(NOW + away, NOW, back_days=7, ahead_days=90)


def test_a_session_is_held_once_both_have_said_so_in_either_order() -> None:
    begun = Session(sessions.PLANNED, NOW)
    assert sessions.confirm(begun, NOW, by_supervisor=True, by_peer=False) == (True, False, "planned")
    assert sessions.confirm(begun, NOW, by_supervisor=False, by_peer=True) == (False, True, "planned")
    half = Session(sessions.PLANNED, NOW, supervisor_confirmed=True)
    assert sessions.confirm(half, NOW, by_supervisor=False, by_peer=True) == (True, True, "held")
    other_half = Session(sessions.PLANNED, NOW, peer_confirmed=True)
    assert sessions.confirm(other_half, NOW, by_supervisor=True, by_peer=False) == (True, True, "held")


def test_saying_it_twice_is_not_both_saying_it() -> None:
    half = Session(sessions.PLANNED, NOW, supervisor_confirmed=True)
    assert sessions.confirm(half, NOW, by_supervisor=True, by_peer=False) == (True, False, "planned")


def test_a_session_that_was_held_stays_so() -> None:
    held = Session(sessions.HELD, NOW, supervisor_confirmed=True, peer_confirmed=True)
    assert sessions.confirm(held, NOW, by_supervisor=True, by_peer=False) == (True, True, "held")
    with pytest.raises(sessions.SessionSettled):
        sessions.check_open(held)


def test_nothing_is_confirmed_before_it_began() -> None:
    with pytest.raises(sessions.SessionNotYet):
        sessions.confirm(Session(sessions.PLANNED, NOW + HOUR), NOW, by_supervisor=True, by_peer=False)


@pytest.mark.parametrize("state", [sessions.MISSED, sessions.DECLINED])
def test_what_did_not_take_place_is_not_confirmed(state: str) -> None:
    with pytest.raises(sessions.SessionSettled):
        sessions.confirm(Session(state, NOW), NOW, by_supervisor=True, by_peer=False)


def test_an_offered_time_is_declined_until_it_comes() -> None:
    sessions.check_may_decline(Session(sessions.PLANNED, NOW + HOUR), NOW)
    with pytest.raises(sessions.TimeHasPassed):
        sessions.check_may_decline(Session(sessions.PLANNED, NOW), NOW)
    with pytest.raises(sessions.SessionSettled):
        sessions.check_may_decline(Session(sessions.DECLINED, NOW + HOUR), NOW)


def test_the_time_of_a_session_changes_until_it_began() -> None:
    sessions.check_may_move(Session(sessions.PLANNED, NOW + HOUR), NOW + DAY, NOW)
    sessions.check_may_move(Session(sessions.PLANNED, NOW - HOUR), NOW - HOUR, NOW)
    with pytest.raises(sessions.SettleFirst):
        sessions.check_may_move(Session(sessions.PLANNED, NOW), NOW + DAY, NOW)
