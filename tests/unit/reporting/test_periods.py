"""Periods: which days they hold, what they are called, and which text names none."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.errors import NotFound
from services.reporting.domain import periods


@pytest.mark.parametrize(
    ("period_id", "kind", "starts_on", "ends_on", "words"),
    [
        ("2026-11", "month", date(2026, 11, 1), date(2026, 11, 30), "November 2026"),
        ("2028-02", "month", date(2028, 2, 1), date(2028, 2, 29), "February 2028"),
        ("2026-12", "month", date(2026, 12, 1), date(2026, 12, 31), "December 2026"),
        ("2026-Q1", "quarter", date(2026, 1, 1), date(2026, 3, 31), "January to March 2026"),
        ("2026-Q4", "quarter", date(2026, 10, 1), date(2026, 12, 31), "October to December 2026"),
        ("2026", "year", date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ],
)
def test_an_id_names_its_days(period_id: str, kind: str, starts_on: date, ends_on: date, words: str) -> None:
    found = periods.period_of(period_id)
    assert (found.period_id, found.kind, found.starts_on, found.ends_on) == (period_id, kind, starts_on, ends_on)
    assert found.words == words


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-1", "2026-11-01", "2026-11\n", "2026\x00", "２０２６"],
)
def test_any_other_text_names_no_period(text: str) -> None:
    with pytest.raises(NotFound):
        periods.period_of(text)


def test_a_day_lies_in_a_month_a_quarter_and_a_year() -> None:
    assert [one.period_id for one in periods.periods_on(date(2026, 8, 31))] == ["2026-08", "2026-Q3", "2026"]


def test_the_periods_between_two_days_come_once_each_also_over_a_new_year() -> None:
    found = [one.period_id for one in periods.periods_between(date(2025, 11, 30), date(2026, 1, 1))]
    assert found == ["2025-11", "2025-Q4", "2025", "2025-12", "2026-01", "2026-Q1", "2026"]


def test_there_are_none_before_the_first_day() -> None:
    assert list(periods.periods_between(date(2026, 2, 1), date(2026, 1, 31))) == []


def test_of_a_period_that_is_over_every_day_is_whole() -> None:
    window = periods.window_of(periods.period_of("2026-02"), date(2026, 3, 1))
    assert (window.seen_on, window.whole_on) == (date(2026, 2, 28), date(2026, 2, 28))


def test_of_a_period_still_running_today_is_seen_and_only_yesterday_whole() -> None:
    window = periods.window_of(periods.period_of("2026-02"), date(2026, 2, 10))
    assert (window.seen_on, window.whole_on) == (date(2026, 2, 10), date(2026, 2, 9))


@pytest.mark.parametrize(
    ("day", "is_held"),
    [(date(2026, 1, 31), False), (date(2026, 2, 1), True), (date(2026, 2, 28), True), (date(2026, 3, 1), False)],
)
def test_a_window_holds_its_first_and_last_day_and_no_other(day: date, is_held: bool) -> None:
    assert periods.window_of(periods.period_of("2026-02"), date(2026, 3, 1)).holds(day) is is_held
