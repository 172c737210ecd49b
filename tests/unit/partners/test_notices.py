"""When a notice may go, what follows from a try, and what it says; expected moments are written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts import notices as contract
from services.partners.domain import notices as rules
from services.partners.policy import Policy
from services.partners.ways.wording import words

ORIGIN = "https://network.example.org"
# GSM 03.38, the basic alphabet: one septet each (3GPP TS 23.038, 6.2.1).
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TRIES = rules.Tries(first_minutes=1, times=4, most=6)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# ---- quiet hours


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # in winter London is at UTC
        ("2026-01-15T20:59:59+00:00", None),
        ("2026-01-15T21:00:00+00:00", "2026-01-16T08:00:00+00:00"),
        ("2026-01-16T07:59:59+00:00", "2026-01-16T08:00:00+00:00"),
        ("2026-01-16T08:00:00+00:00", None),
        # summer: London is an hour ahead
        ("2026-07-01T19:59:00+00:00", None),
        ("2026-07-01T20:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-07-02T06:59:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-07-02T07:00:00+00:00", None),
        # the night the clocks go forward (29 March 2026, 01:00 UTC): it is an hour shorter
        ("2026-03-28T21:30:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("2026-03-29T00:30:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("2026-03-29T06:59:00+00:00", "2026-03-29T07:00:00+00:00"),
        ("2026-03-29T07:00:00+00:00", None),
        # the night they go back (25 October 2026, 01:00 UTC): an hour longer, the hour from one o'clock comes twice
        ("2026-10-24T20:00:00+00:00", "2026-10-25T08:00:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25T08:00:00+00:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T08:00:00+00:00"),
        ("2026-10-25T07:30:00+00:00", "2026-10-25T08:00:00+00:00"),
        ("2026-10-25T08:00:00+00:00", None),
    ],
)
def test_quiet_hours_are_londons_also_when_the_clocks_change(now: str, until: str | None) -> None:
    assert rules.quiet_until(at(now), 21, 8) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ((9, 17), "2026-01-15T09:00:00+00:00", "2026-01-15T17:00:00+00:00"),
        ((9, 17), "2026-01-15T08:59:00+00:00", None),
        ((9, 17), "2026-01-15T17:00:00+00:00", None),
        ((0, 0), "2026-01-15T00:30:00+00:00", None),
        ((21, 21), "2026-01-15T21:30:00+00:00", None),
        ((22, 0), "2026-01-15T23:30:00+00:00", "2026-01-16T00:00:00+00:00"),
        # an end that does not exist that night: one o'clock is two o'clock
        ((22, 1), "2026-03-28T23:30:00+00:00", "2026-03-29T01:00:00+00:00"),
        ((22, 1), "2026-03-29T01:00:00+00:00", None),
        # an end that comes twice: the first
        ((22, 1), "2026-10-24T23:30:00+00:00", "2026-10-25T00:00:00+00:00"),
    ],
)
def test_somebodys_own_hours_hold_as_they_chose_them(hours: tuple[int, int], now: str, until: str | None) -> None:
    assert rules.quiet_until(at(now), *hours) == (at(until) if until else None)


def test_quiet_hours_hold_neither_a_worry_at_levels_2_to_4_nor_whoever_is_on_duty() -> None:
    night, reach = at("2026-01-15T23:00:00+00:00"), rules.Reach(("email",), 21, 8)
    held = {reason for reason in contract.REASONS if rules.held_until(night, reason, reach)}
    assert held == {"worry", "session", "offer", "support"}
    assert set(contract.REASONS) - held == {"urgent_worry", "on_duty"}


def test_from_nine_in_the_evening_until_eight_is_quiet_unless_somebody_says_otherwise() -> None:
    assert (Policy().quiet_from_hour, Policy().quiet_until_hour) == (21, 8)


# ---- what follows


def after(outcome: str, count: int = 1, template: str = "offer", other: str = "") -> rules.Next:
    return rules.after(
        outcome, template=template, channel="email", tries_count=count, other=other, now=NOW, tries=TRIES
    )


def test_what_was_taken_is_sent_and_what_was_refused_fails_at_once() -> None:
    assert after(rules.TAKEN) == rules.Next("sent", channel="email")
    assert after(rules.REFUSED) == rules.Next("failed", channel="email", code="refused")


def test_what_was_not_taken_is_tried_again_after_longer_and_longer_pauses_and_then_given_up() -> None:
    pauses = [(after(rules.NOT_NOW, count).at or NOW) - NOW for count in range(1, 6)]
    assert [pause.total_seconds() / 60 for pause in pauses] == [1, 4, 16, 64, 256]
    assert after(rules.NOT_NOW, 6) == rules.Next("failed", channel="email", code="gave_up")


def test_what_may_have_gone_is_never_sent_again_by_itself_but_where_not_hearing_of_it_does_harm() -> None:
    again = {
        template for template in contract.TEMPLATES if after(rules.NO_ANSWER, template=template).state == "waiting"
    }
    assert again == {"urgent_worry"}
    assert all(after(rules.NO_ANSWER, template=one).state == "unknown" for one in set(contract.TEMPLATES) - again)
    assert after(rules.NO_ANSWER, 6, "urgent_worry") == rules.Next("unknown", channel="email")


def test_another_way_is_tried_before_anything_fails() -> None:
    assert after(rules.REFUSED, other="sms") == rules.Next("waiting", at=NOW, channel="sms")
    assert after(rules.NOT_NOW, 6, other="sms") == rules.Next("waiting", at=NOW, channel="sms")


@pytest.mark.parametrize(
    ("state", "ways", "code"),
    [
        (None, [], "not_known"), (None, ["email"], "not_known"), ("disabled", ["email"], "account_closed"),
        ("asked", ["email"], "account_closed"), ("active", [], "no_address"), ("active", ["sms"], "not_set_up"),
        ("active", ["email"], ""), ("active", ["sms", "email"], ""),
    ],
)  # fmt: skip
def test_what_cannot_go_fails_by_its_code(state: str | None, ways: list[str], code: str) -> None:
    assert rules.why_not(state, ways, ["email"]) == code


def test_the_way_somebody_chose_is_tried_first() -> None:
    assert rules.ways_in_order("sms", ["email", "sms"]) == ("sms", "email")
    assert rules.ways_in_order("sms", ["email"]) == ("email",)
    assert rules.ways_in_order("email", []) == ()


def test_what_goes_by_itself_or_was_seen_to_is_not_seen_to_again() -> None:
    for state, is_settled in [("sent", False), ("waiting", False), ("sending", False), ("failed", True)]:
        with pytest.raises(rules.NoticeSettled):
            rules.check_may_settle(state, is_settled=is_settled)
    rules.check_may_settle("failed", is_settled=False)
    rules.check_may_settle("unknown", is_settled=False)


# ---- what it says


@pytest.mark.parametrize("is_discreet", [False, True])
@pytest.mark.parametrize("template", [*contract.TEMPLATES, rules.SIGN_IN_CHANGED])
def test_every_notice_is_short_and_says_no_more_than_that_one_should_sign_in(template: str, is_discreet: bool) -> None:
    said = words(template, ORIGIN, is_discreet=is_discreet)
    assert 1 <= len(said.subject) < 60
    assert 1 <= len(said.text) < 160
    assert set(said.text) <= GSM
    assert said.body.startswith("Hello,\n\n")
    assert "sign in" in said.body
    assert "sign in" in said.text
    whole = f"{said.subject}{said.text}{said.body}"
    assert not set("{}$<>\r%") & set(whole.replace(ORIGIN, ""))
    assert whole.count(ORIGIN) == (0 if is_discreet else 1)
    assert ("Been There" in whole) is not is_discreet
    if not is_discreet:
        assert "worry" not in whole.lower()


def test_the_files_are_one_for_each_notice_and_the_two_discreet_ones_and_name_the_origin_alone() -> None:
    folder = Path(__file__).parents[3] / "services" / "partners" / "templates" / "partners" / "notices"
    files = {path.stem: path.read_text() for path in folder.iterdir()}
    assert set(files) == {*contract.TEMPLATES, rules.SIGN_IN_CHANGED, "discreet", "discreet_now"}
    assert {name for name, text in files.items() if text.count("$") != text.count("$origin")} == set()
    assert {name for name, text in files.items() if "\r" in text or "{" in text} == set()


def test_a_character_that_makes_a_text_twice_as_long_would_be_seen() -> None:
    assert not set("It’s") <= GSM
