"""Periods open, fill and are frozen, and what they cover is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from contracts import referrals
from tests.tellers import SAFE


def received_late(room: Any, at: datetime) -> None:
    """A referral of which reporting hears now, and which came in at `at`."""
    told = room.new()
    ring = room["referrals"].vault.make(told.person_id, ["called", "reporting", "safety"])
    fact = referrals.ReferralReceived(
        referral_id=told.referral_id, person_id=told.person_id, partner_id=room.partner_id, door="api", received_at=at,
        called=ring.seal(told.person_id, "called", "Sam"),
        reporting_id=ring.seal(told.person_id, "reporting", told.reporting_id),
        safety=ring.seal(told.person_id, "safety", SAFE), is_incomplete=False,
    )  # fmt: skip
    room.referral_fact(told, fact)


# ---- periods ----


def test_a_month_a_quarter_and_a_year_open_and_say_so(room: Any) -> None:
    room.tick()
    assert {one["period_id"] for one in room.facts("period.opened")} == {"2026-03", "2026-Q1", "2026"}
    assert (room.facts("period.opened")[0]["starts_on"], room.facts("period.opened")[0]["ends_on"]) == (
        "2026-01-01",
        "2026-12-31",
    )


def test_a_period_opens_once(room: Any) -> None:
    room.tick()
    room.tick()
    assert len(room.facts("period.opened")) == 3


def test_earlier_periods_in_which_referrals_came_in_open_too(room: Any) -> None:
    received_late(room, datetime(2025, 12, 20, 9, tzinfo=UTC))
    room.tick()
    opened = {one["period_id"] for one in room.facts("period.opened")}
    assert opened == {"2025-12", "2025-Q4", "2025", "2026-01", "2026-02", "2026-03", "2026-Q1", "2026"}


def test_a_day_typed_wrong_opens_no_period_of_long_ago(room: Any) -> None:
    told = room.new()
    given = referrals.ConsentGiven(
        person_id=told.person_id, consent_id=room.ids.new(), scope="share_in_network", wording_version="1",
        given_on=date(1926, 3, 1), expires_on=None,
    )  # fmt: skip
    room.tell("referrals", f"referrals/person/{told.person_id}", given)
    room.tick()
    assert len(room.facts("period.opened")) == 3


def test_a_period_still_running_shows_what_is_known_so_far(room: Any) -> None:
    for _ in range(7):
        room.a_referral("north")
    room.tick()
    report = room.report("2026-03")
    assert report["state"] == "open"
    assert report["published_at"] is None
    assert room.figure("2026-03", "referrals_received") == 5
    room.a_referral("north")
    room.tick()
    assert room.figure("2026-03", "referrals_received") == 10


def test_a_month_is_published_once_it_is_over_and_everything_up_to_its_end_is_counted(room: Any) -> None:
    for _ in range(8):
        room.a_referral("north")
    room.tick()
    room.clock.move_to(datetime(2026, 3, 31, 22, 59, tzinfo=UTC))
    room.tick()
    assert room.facts("report.published") == []
    # Midnight in London is 23:00 UTC; an hour is left for facts on their way.
    room.clock.move_to(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    room.tick()
    assert room.facts("report.published") == []
    assert room.report("2026-03")["state"] == "ended"
    room.clock.move_to(datetime(2026, 4, 1, 0, 0, tzinfo=UTC))
    room.tick()
    published = room.facts("report.published")
    assert {one["period_id"] for one in published} == {"2026-03", "2026-Q1"}
    report = room.report("2026-03")
    assert report["state"] == "published"
    assert report["report_id"] in {one["report_id"] for one in published}
    assert {one["covers_until"] for one in published} == {"2026-04-01T00:00:00Z"}


def test_a_published_report_never_changes_and_what_comes_late_counts_in_the_year(room: Any) -> None:
    for _ in range(8):
        room.a_referral("north")
    room.later(days=40)
    room.tick()
    before = room.report("2026-03")
    for _ in range(8):
        received_late(room, datetime(2026, 3, 20, 9, tzinfo=UTC))
    room.later(days=1)
    room.tick()
    assert room.report("2026-03") == before
    assert room.figure("2026-03", "referrals_received") == 10
    assert room.figure("2026", "referrals_received") == 15


def test_ticking_again_publishes_nothing_twice(room: Any) -> None:
    room.tick()
    room.later(days=40)
    for _ in range(3):
        room.tick()
    assert len(room.facts("report.published")) == len({one["period_id"] for one in room.facts("report.published")}) == 2


# ---- coverage ----


def test_a_report_says_up_to_when_it_covers_everything(room: Any) -> None:
    room.a_referral()
    room.later(minutes=5)
    room.tick()
    assert room.report("2026-03")["covers_until"] == "2026-03-02T10:05:00+00:00"
    assert room.commissioner.api("GET", "/api/v1/reports").get_json()["covers_until"] == "2026-03-02T10:05:00+00:00"
    assert "10:05am on 2 March 2026" in room.commissioner.page("/reports/2026-03").text


def test_a_fact_that_waits_for_another_holds_coverage_back(room: Any) -> None:
    told = room.new()
    room.a_referral()
    room.later(minutes=5)
    early = room.now
    closed = referrals.ReferralClosed(
        referral_id=told.referral_id, person_id=told.person_id, closed_at=room.now, outcome="withdrawn"
    )
    room.tell("referrals", f"referrals/referral/{told.referral_id}", closed, (f"referrals/person/{told.person_id}@1",))
    room.later(days=40)
    room.tick()
    # The month is over, but not everything of it is known, so it is not published.
    report = room.report("2026-03")
    assert (report["state"], report["covers_until"]) == ("ended", early.isoformat())
    assert room.facts("report.published") == []
    given = referrals.ConsentGiven(
        person_id=told.person_id, consent_id=room.ids.new(), scope="share_in_network", wording_version="1",
        given_on=room.now.date(), expires_on=None,
    )  # fmt: skip
    room.tell("referrals", f"referrals/person/{told.person_id}", given)
    room.later(minutes=5)
    room.tick()
    assert room.report("2026-03")["state"] == "published"


def test_before_anything_was_read_there_is_no_figure_and_the_page_says_so(room: Any) -> None:
    assert "There is no report yet" in room.commissioner.page("/reports").text
    room["reporting"].tick()
    assert "Nothing is counted yet for this period." in room.commissioner.page("/reports/2026-03").text
    assert room.report("2026-03")["figures"] == []
