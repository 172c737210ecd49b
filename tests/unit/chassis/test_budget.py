"""How much an account is shown in an hour: the last list that is, the first that is not, and how long it waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.budget import BudgetSpent, Policy, hour_of, is_over, seconds_left

SIX = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SMALL = Policy(lists_an_hour=3, people_an_hour=10)


@pytest.mark.parametrize(
    ("lists", "people", "over"), [(3, 10, False), (4, 1, True), (1, 11, True), (1, 0, False), (4, 11, True)]
)
def test_the_last_that_is_shown_and_the_first_that_is_not(lists: int, people: int, over: bool) -> None:
    assert is_over(lists, people, SMALL) is over


@pytest.mark.parametrize(
    ("after", "seconds"),
    [(timedelta(0), 3600), (timedelta(minutes=59, seconds=59), 1), (timedelta(seconds=0.5), 3600),
     (timedelta(minutes=59, seconds=59.9), 1)],
)  # fmt: skip
def test_how_long_it_waits_is_said_in_whole_seconds_and_never_none(after: timedelta, seconds: int) -> None:
    assert seconds_left(SIX + after) == seconds
    assert hour_of(SIX + after) == SIX


def test_it_says_what_to_do() -> None:
    refused = BudgetSpent(60)
    assert (refused.status, refused.rule, refused.retry_after) == (429, "BudgetSpent", 60)
    assert "Try again when the hour is over" in refused.says


def test_whoever_reads_is_not_held() -> None:
    # A coordinator who looks through a full page of fifty every three minutes, all the hour.
    assert not is_over(20, 20 * 50, Policy())
    assert is_over(21, 21 * 50, Policy())
