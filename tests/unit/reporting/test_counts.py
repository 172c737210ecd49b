"""What each measure counts: written from the rules, on journeys small enough to count by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from services.reporting.domain import counts, measures
from services.reporting.domain.figures import Count, Exact, Missing, Share, Times
from services.reporting.domain.periods import Window, period_of, window_of
from services.reporting.domain.picture import Event, Picture, picture_of

MARCH = window_of(period_of("2026-03"), date(2026, 4, 1))
APRIL = window_of(period_of("2026-04"), date(2026, 5, 1))
MONDAY = date(2026, 3, 2)


def working_days(day: date, count: int) -> date:
    """Monday to Friday, as if there were no bank holidays."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def on(day: int, month: int = 3) -> date:
    return date(2026, month, day)


def a_referral(id: str = "r1", *, day: date = MONDAY, area: str | None = "north") -> Event:
    return Event("referral.received", day, referral_id=id, area=area)


def told(kind: str, day: date, id: str = "r1", **more: Any) -> Event:
    return Event(kind, day, referral_id=id, area="north", **more)


def counted(measure: counts.Counted, *events: Event, window: Window = MARCH) -> Exact:
    return measure(picture_of(events, working_days), window)


# ---- referrals ----


def test_a_referral_counts_in_the_month_it_came_in() -> None:
    assert counted(counts.received, a_referral(), a_referral("r2", day=on(28, 2))) == Count(1, 1)


def test_a_referral_stated_twice_counts_once() -> None:
    assert counted(counts.received, a_referral(), a_referral()) == Count(1, 1)


@pytest.mark.parametrize(("opened", "in_time"), [(on(2), 1), (on(4), 1), (on(5), 0)])
def test_a_referral_of_monday_is_opened_in_time_until_wednesday_ends(opened: date, in_time: int) -> None:
    found = counted(counts.acknowledged_in_time, a_referral(), told("referral.acknowledged", opened))
    assert found == Share(in_time, 1, 1)


def test_a_weekend_does_not_count_against_those_who_open_referrals() -> None:
    # Friday the 6th: Monday is the first working day after it, Tuesday the 10th the second.
    friday = a_referral(day=on(6))
    assert counted(counts.acknowledged_in_time, friday, told("referral.acknowledged", on(10))) == Share(1, 1, 1)
    assert counted(counts.acknowledged_in_time, friday, told("referral.acknowledged", on(11))) == Share(0, 1, 1)


def test_a_referral_nobody_opened_counts_as_not_in_time_once_its_days_are_over() -> None:
    assert counted(counts.acknowledged_in_time, a_referral()) == Share(0, 1, 1)


def test_a_referral_whose_days_are_not_over_counts_nowhere_yet() -> None:
    running = window_of(period_of("2026-03"), on(4))
    assert counted(counts.acknowledged_in_time, a_referral(), window=running) == Share(0, 0, 0)


def test_a_referral_of_the_last_day_counts_in_the_month_its_days_end() -> None:
    late = a_referral(day=on(31))
    assert counted(counts.acknowledged_in_time, late) == Share(0, 0, 0)
    assert counted(counts.acknowledged_in_time, late, window=APRIL) == Share(0, 1, 1)


def test_accepted_and_declined_count_on_their_own_day_whenever_the_referral_came() -> None:
    old = a_referral(day=on(20, 1))
    assert counted(counts.accepted, old, told("referral.accepted", on(5))) == Count(1, 1)
    declined = told("referral.declined", on(5), code="too_young")
    assert counted(counts.declined(), old, declined) == Count(1, 1)
    assert counted(counts.declined("too_young"), old, declined) == Count(1, 1)
    assert counted(counts.declined("duplicate"), old, declined) == Count(0, 0)


# ---- waiting ----

AGREED = told("match.agreed", on(20), match_id="m1")


def test_someone_waits_from_the_day_they_were_referred_until_both_said_yes() -> None:
    assert counted(counts.waiting_for_match, a_referral()) == Count(1, 1)
    assert counted(counts.waiting_for_match, a_referral(), AGREED) == Count(0, 0)


def test_a_yes_after_the_last_day_leaves_them_waiting_on_it() -> None:
    assert counted(counts.waiting_for_match, a_referral(), told("match.agreed", on(1, 4), match_id="m1")) == Count(1, 1)


@pytest.mark.parametrize("end", ["referral.declined", "referral.closed"])
def test_someone_whose_referral_ended_waits_no_more(end: str) -> None:
    assert counted(counts.waiting_for_match, a_referral(), told(end, on(31))) == Count(0, 0)
    assert counted(counts.waiting_for_match, a_referral(), told(end, on(1, 4))) == Count(1, 1)


def test_someone_whose_match_was_let_go_waits_again() -> None:
    released = told("match.released", on(25), match_id="m1")
    assert counted(counts.waiting_for_match, a_referral(), AGREED, released) == Count(1, 1)


def test_an_option_let_go_changes_nothing_about_the_wait() -> None:
    option = told("option.released", on(25), match_id="m1")
    assert counted(counts.waiting_for_match, a_referral(), AGREED, option) == Count(0, 0)


def test_someone_who_asked_to_come_back_after_support_waits_again() -> None:
    ended = told("support.ended", on(28), match_id="m1", support_id="s1", returns=True, code="swap")
    assert counted(counts.waiting_for_match, a_referral(), AGREED, ended) == Count(1, 1)


def test_an_early_release_of_another_match_does_not_undo_this_one() -> None:
    other = told("match.released", on(10), match_id="m0")
    assert counted(counts.waiting_for_match, a_referral(), other, AGREED) == Count(0, 0)


# ---- times ----

STARTED = told("support.started", on(21), match_id="m1", support_id="s1")


def contact(day: date, support: str = "s1", code: str = "made") -> Event:
    return Event("contact.recorded", day, support_id=support, code=code)


def test_days_run_from_referral_to_both_yeses() -> None:
    assert counted(counts.days_to_match(50), a_referral(), AGREED) == Times((18,), 50)


def test_a_second_match_does_not_count_as_another_wait() -> None:
    again = told("match.agreed", on(30), match_id="m2")
    released = told("match.released", on(25), match_id="m1")
    assert counted(counts.days_to_match(90), a_referral(), AGREED, released, again) == Times((18,), 90)


def test_help_has_started_with_the_first_contact_made_after_both_yeses() -> None:
    events = (a_referral(), AGREED, STARTED, contact(on(22), code="attempted"), contact(on(24)), contact(on(29)))
    assert counted(counts.days_to_help(50), *events) == Times((22,), 50)
    assert counted(counts.waiting_for_help, *events) == Count(0, 0)


def test_a_contact_before_both_yeses_is_not_yet_help_started() -> None:
    events = (a_referral(), AGREED, STARTED, contact(on(19)))
    assert counted(counts.days_to_help(50), *events) == Times((), 50)
    assert counted(counts.waiting_for_help, *events) == Count(1, 1)


def test_time_counts_in_the_month_help_started() -> None:
    events = (a_referral(day=on(1, 2)), AGREED, STARTED, contact(on(1, 4)))
    assert counted(counts.days_to_help(50), *events) == Times((), 50)
    assert counted(counts.days_to_help(50), *events, window=APRIL) == Times((59,), 50)


# ---- matching and support ----


def test_two_matches_of_one_person_are_two_matches_of_one_human_being() -> None:
    again = told("match.agreed", on(30), match_id="m2")
    assert counted(counts.matches_agreed, a_referral(), AGREED, again) == Count(2, 1)


def test_a_taster_counts_where_its_referral_is() -> None:
    events = (a_referral(), told("match.proposed", on(5), match_id="m1"), Event("taster.held", on(12), match_id="m1"))
    picture = picture_of(events, working_days)
    assert counts.tasters(picture.of("north"), MARCH) == Count(1, 1)
    assert counts.tasters(picture.of("east"), MARCH) == Count(0, 0)


def test_contacts_count_as_contacts_and_as_people() -> None:
    events = (
        a_referral(), AGREED, STARTED, contact(on(22)), contact(on(23)), contact(on(30)), contact(on(1, 4)),
        contact(on(24), code="attempted"),
    )  # fmt: skip
    assert counted(counts.contacts_made, *events) == Count(3, 1)


def test_supports_start_and_end_on_their_own_days_by_kind() -> None:
    ended = told("support.ended", on(31), match_id="m1", support_id="s1", code="planned", number=2)
    events = (a_referral(), AGREED, STARTED, ended)
    assert counted(counts.supports_started, *events) == Count(1, 1)
    assert counted(counts.supports_ended(), *events) == Count(1, 1)
    assert counted(counts.supports_ended("planned"), *events) == Count(1, 1)
    assert counted(counts.supports_ended("lost_touch"), *events) == Count(0, 0)


def test_an_ending_without_a_connection_alive_counts_in_the_whole_alone() -> None:
    with_one = told("support.ended", on(30), "r1", support_id="s1", code="planned", number=1)
    without = told("support.ended", on(31), "r2", support_id="s2", code="planned", number=0)
    assert counted(counts.ended_with_connection, with_one, without) == Share(1, 2, 2)


# ---- peers ----

PLACE = (
    Event("partner.joined", on(1, 1), partner_id="p1", area="coast"),
    Event("peer.joined", on(3), peer_id="asha", partner_id="p1"),
)
PLAN = Event("supervision.planned", on(10), session_id="x1", peer_id="asha", code="line", due_on=on(12))


def held(day: date, session: str = "x1") -> Event:
    return Event("supervision.held", day, session_id=session, peer_id="asha", code="line")


OVERDUE = Event("supervision.overdue", on(12), peer_id="asha", code="line", due_on=on(12))


def test_a_peer_counts_where_their_partner_is() -> None:
    picture = picture_of(PLACE, working_days)
    assert counts.peers_joined(picture.of("coast"), MARCH) == Count(1, 1)
    assert counts.peers_joined(picture.of("north"), MARCH) == Count(0, 0)


@pytest.mark.parametrize(("day", "in_time"), [(on(10), 1), (on(12), 1), (on(13), 0)])
def test_supervision_is_in_time_when_held_by_the_day_it_was_owed(day: date, in_time: int) -> None:
    assert counted(counts.supervision_in_time, *PLACE, PLAN, held(day)) == Share(in_time, 1, 1)


def test_supervision_held_after_it_was_overdue_is_one_session_not_two() -> None:
    assert counted(counts.supervision_in_time, *PLACE, PLAN, OVERDUE, held(on(16))) == Share(0, 1, 1)


def test_supervision_still_to_come_counts_nowhere_yet() -> None:
    assert counted(counts.supervision_in_time, *PLACE, PLAN) == Share(0, 0, 0)


def test_supervision_that_was_never_held_counts_against_the_network() -> None:
    assert counted(counts.supervision_in_time, *PLACE, PLAN, OVERDUE) == Share(0, 1, 1)


# ---- worries, areas, and what is missing ----


def test_worries_count_by_level_and_for_the_region_alone() -> None:
    events = (Event("concern.raised", on(3), code="3"), Event("concern.raised", on(4), code="1"))
    picture = picture_of(events, working_days)
    assert counts.worries()(picture, MARCH) == Count(2, 2)
    assert counts.worries("3")(picture, MARCH) == Count(1, 1)
    assert picture.of("north").worries == ()


def test_a_referral_without_a_known_area_counts_for_the_region_alone() -> None:
    picture = picture_of([a_referral(area=None)], working_days)
    assert counts.received(picture, MARCH) == Count(1, 1)
    assert all(counts.received(picture.of(area), MARCH) == Count(0, 0) for area in ("north", "city"))


def test_what_needs_numbers_from_outside_is_missing() -> None:
    assert counted(counts.not_supplied) == Missing()


def test_the_order_in_which_facts_were_heard_changes_no_figure() -> None:
    events = [
        *PLACE, a_referral(), told("referral.acknowledged", on(3)), told("referral.accepted", on(4)), PLAN, OVERDUE,
        told("match.proposed", on(5), match_id="m1"), Event("taster.held", on(12), match_id="m1"), AGREED, STARTED,
        contact(on(24)), contact(on(29)), held(on(16)), Event("concern.raised", on(3), code="3"),
        told("support.ended", on(31), match_id="m1", support_id="s1", code="swap", number=1, returns=True),
    ]  # fmt: skip

    def every_figure(order: list[Event]) -> dict[tuple[str, str], Exact]:
        whole = picture_of(order, working_days)
        return measures.count_all({"region": whole, "north": whole.of("north"), "coast": whole.of("coast")}, MARCH)

    first = every_figure(events)
    for seed in range(20):
        shuffled = list(events)
        random.Random(seed).shuffle(shuffled)
        assert every_figure(shuffled) == first


def test_an_empty_network_counts_nothing_and_breaks_nothing() -> None:
    found = measures.count_all({"region": Picture(), "north": Picture()}, MARCH)
    assert found["referrals_received", "region"] == Count(0, 0)
    assert found["days_to_help_median", "north"] == Times((), 50)
