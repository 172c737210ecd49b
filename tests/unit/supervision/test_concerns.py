"""A worry's way: by when somebody answers, who may own it, who is next, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts import roles, worries
from services.supervision.domain import concerns
from services.supervision.domain.concerns import Candidate, Hours, Worry

HOURS = Hours(
    level_1_hour=17, level_2_hours=4, night_from_hour=16, night_until_hour=6, morning_hour=10, level_3_hours=1
)
DAY = date(2026, 3, 3)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


# London is UTC in winter and one hour ahead in summer; both columns are UTC.
@pytest.mark.parametrize(
    ("raised", "answer_by"),
    [
        # winter
        (utc(2026, 1, 14, 15, 59), utc(2026, 1, 14, 19, 59)),
        (utc(2026, 1, 14, 15, 59, 59), utc(2026, 1, 14, 19, 59, 59)),
        (utc(2026, 1, 14, 16, 0), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 14, 23, 59), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 15, 0, 0), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 15, 5, 59), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 15, 5, 59, 59), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 15, 6, 0), utc(2026, 1, 15, 10, 0)),
        (utc(2026, 1, 15, 6, 1), utc(2026, 1, 15, 10, 1)),
        # summer: 15:59, 16:00, 05:59 and 06:00 in London are an hour earlier in UTC
        (utc(2026, 7, 14, 14, 59), utc(2026, 7, 14, 18, 59)),
        (utc(2026, 7, 14, 15, 0), utc(2026, 7, 15, 9, 0)),
        (utc(2026, 7, 14, 23, 30), utc(2026, 7, 15, 9, 0)),
        (utc(2026, 7, 15, 4, 59), utc(2026, 7, 15, 9, 0)),
        (utc(2026, 7, 15, 5, 0), utc(2026, 7, 15, 9, 0)),
        (utc(2026, 7, 15, 5, 1), utc(2026, 7, 15, 9, 1)),
        # a Friday evening and a Christmas morning count like any other: never working days
        (utc(2026, 1, 16, 18, 0), utc(2026, 1, 17, 10, 0)),
        (utc(2026, 12, 25, 9, 0), utc(2026, 12, 25, 13, 0)),
        # the nights the clocks change: 29 March 2026 forward, 25 October 2026 back
        (utc(2026, 3, 28, 23, 0), utc(2026, 3, 29, 9, 0)),
        (utc(2026, 3, 29, 0, 59), utc(2026, 3, 29, 9, 0)),
        (utc(2026, 3, 29, 4, 59), utc(2026, 3, 29, 9, 0)),
        (utc(2026, 10, 24, 22, 0), utc(2026, 10, 25, 10, 0)),
        (utc(2026, 10, 25, 5, 59), utc(2026, 10, 25, 10, 0)),
    ],
)
def test_level_2_is_answered_in_four_hours_or_by_ten_after_a_night(raised: datetime, answer_by: datetime) -> None:
    assert concerns.answer_by(2, raised, DAY, HOURS) == answer_by


@pytest.mark.parametrize(
    ("raised", "answer_by"),
    [
        (utc(2026, 1, 14, 16, 30), utc(2026, 1, 14, 17, 30)),
        (utc(2026, 12, 25, 23, 30), utc(2026, 12, 26, 0, 30)),
        # an hour is an hour, also while the clocks change
        (utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)),
        (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)),
    ],
)
def test_level_3_is_answered_within_an_hour_at_any_time(raised: datetime, answer_by: datetime) -> None:
    assert concerns.answer_by(3, raised, DAY, HOURS) == answer_by


def test_level_4_is_due_at_once_and_leaves_its_owner_a_few_minutes_before_it_moves_up() -> None:
    raised = utc(2026, 12, 25, 3, 0)
    assert concerns.answer_by(4, raised, DAY, HOURS) == raised
    assert concerns.moves_up_at(4, raised, 10) == utc(2026, 12, 25, 3, 10)
    assert concerns.moves_up_at(3, raised, 10) == raised


@pytest.mark.parametrize(
    ("working_day", "answer_by"),
    [(date(2026, 1, 15), utc(2026, 1, 15, 17, 0)), (date(2026, 7, 15), utc(2026, 7, 15, 16, 0))],
)
def test_level_1_is_answered_by_five_in_london_on_its_working_day(working_day: date, answer_by: datetime) -> None:
    assert concerns.answer_by(1, utc(2026, 1, 14, 23, 0), working_day, HOURS) == answer_by


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    london = utc(2026, 7, 14, 15, 0).astimezone(concerns.LONDON)
    assert london.hour == 16
    assert concerns.answer_by(2, london, DAY, HOURS) == utc(2026, 7, 15, 9, 0)


def test_the_ladder_and_the_levels_are_those_of_the_contracts() -> None:
    assert set(concerns.LADDER) <= set(roles.ROLES)
    assert tuple(concerns.FIRST_RUNG) == worries.LEVELS
    assert {concerns.SUPERVISOR, concerns.PARTNER} <= set(worries.ABOUT)


# ---- who owns it


def who(name: str, *held: str, partner: str = "p", in_hand: int = 0) -> Candidate:
    return Candidate(name, partner, frozenset(held), in_hand)


SUP, OTHER_SUP = who("sup", "supervisor"), who("a-sup", "supervisor")
COORD, LEAD, TOP = who("coord", "coordinator"), who("lead", "safeguarding_lead"), who("top", "network_lead")
ALL = (OTHER_SUP, SUP, COORD, LEAD, TOP)


def a_worry(level: int = 1, about: str = "person", about_id: str | None = "x", raiser: str = "r") -> Worry:
    return Worry(level, about, about_id, raiser, own_supervisor_id="sup")


@pytest.mark.parametrize(("level", "owner"), [(1, "sup"), (2, "coord"), (3, "lead"), (4, "lead")])
def test_each_level_begins_with_its_role(level: int, owner: str) -> None:
    found = concerns.choose(a_worry(level), ALL)
    assert found is not None
    assert found[0] == owner


@pytest.mark.parametrize(
    ("level", "there", "owner"),
    [
        (1, (OTHER_SUP, COORD, TOP), "coord"),
        (1, (TOP,), "top"),
        (2, (SUP, LEAD, TOP), "lead"),
        (3, (SUP, COORD, TOP), "top"),
        (4, (SUP, COORD, TOP), "top"),
    ],
)
def test_with_nobody_in_the_role_the_next_role_up_owns_it(level: int, there: tuple[Candidate, ...], owner: str) -> None:
    found = concerns.choose(a_worry(level), there)
    assert found is not None
    assert found[0] == owner


@pytest.mark.parametrize("level", [2, 3, 4])
def test_with_nobody_there_nobody_owns_it_and_a_supervisor_never_owns_more_than_level_1(level: int) -> None:
    assert concerns.choose(a_worry(level), (SUP, OTHER_SUP)) is None


def test_whoever_it_is_about_never_owns_it() -> None:
    about_sup = a_worry(1, "supervisor", "sup")
    assert concerns.choose(about_sup, ALL) == ("coord", 1)
    assert concerns.choose(a_worry(2, "other", "coord"), ALL) == ("lead", 2)
    assert concerns.choose(a_worry(3, "other", "top"), (TOP,)) is None


def test_nobody_of_a_partner_it_is_about_owns_it() -> None:
    mine, far = who("mine", "coordinator", partner="kindred"), who("far", "coordinator", partner="north", in_hand=9)
    assert concerns.choose(a_worry(2, "partner", "kindred"), (mine, far)) == ("far", 1)


def test_whoever_raised_it_never_owns_it() -> None:
    assert concerns.choose(a_worry(1, raiser="sup"), ALL) == ("coord", 1)
    assert concerns.choose(a_worry(4, raiser="lead"), ALL) == ("top", 3)


@pytest.mark.parametrize(
    ("level", "feared", "then"),
    [(1, "sup", ("coord", 1)), (2, "coord", ("lead", 2)), (3, "lead", ("top", 3)), (4, "lead", ("top", 3))],
)
def test_whoever_must_not_be_told_of_the_person_never_owns_it_and_the_next_role_up_does(
    level: int, feared: str, then: tuple[str, int]
) -> None:
    worry = replace(a_worry(level), kept_from=frozenset({feared}))
    assert concerns.choose(worry, ALL) == then
    assert concerns.choose(a_worry(level), ALL) != then
    (one,) = [one for one in ALL if one.account_id == feared]
    assert not concerns.may_know(worry, one)
    assert concerns.may_know(a_worry(level), one)


def test_with_only_those_who_must_not_be_told_nobody_owns_it() -> None:
    worry = replace(a_worry(2), kept_from=frozenset({"coord", "lead", "top"}))
    assert concerns.choose(worry, ALL) is None
    assert concerns.choose(worry, (*ALL, who("new", "coordinator", in_hand=9))) == ("new", 1)


@pytest.mark.parametrize("about", ["supervisor", "partner"])
def test_about_a_supervisor_or_partner_nobody_named_no_supervisor_owns_it(about: str) -> None:
    assert concerns.choose(a_worry(1, about, None), ALL) == ("coord", 1)


def test_of_several_whoever_has_least_in_hand_owns_it_and_then_the_first_by_id() -> None:
    busy, free, also = who("a", "coordinator", in_hand=2), who("c", "coordinator"), who("b", "coordinator")
    assert concerns.choose(a_worry(2), (busy, free, also)) == ("b", 1)
    assert concerns.choose(a_worry(2), (also, free, busy)) == ("b", 1)


def test_it_moves_up_past_its_owner_to_the_next_role() -> None:
    both = who("both", "coordinator", "network_lead")
    assert concerns.choose(a_worry(2), (COORD, LEAD), from_rung=2, but_not="coord") == ("lead", 2)
    assert concerns.choose(a_worry(2), (both,), from_rung=2, but_not="both") is None
    assert concerns.choose(a_worry(2), ALL, from_rung=4, but_not="top") is None


# ---- moves


@pytest.mark.parametrize(("level", "name", "rung"), [(1, "a-sup", 0), (2, "lead", 2), (3, "top", 3)])
def test_a_worry_is_handed_to_somebody_of_its_role_or_further_up(level: int, name: str, rung: int) -> None:
    to = next(one for one in ALL if one.account_id == name)
    assert concerns.check_may_hand_on(concerns.RAISED, a_worry(level), to, "somebody") == rung


@pytest.mark.parametrize(
    ("worry", "to"),
    [
        (a_worry(2), SUP),
        (a_worry(3), COORD),
        (a_worry(4), COORD),
        (a_worry(2, "other", "lead"), LEAD),
        (a_worry(2, raiser="lead"), LEAD),
        (replace(a_worry(2), kept_from=frozenset({"lead"})), LEAD),
        (a_worry(1), who("peer", "peer")),
        (a_worry(1), None),
        (a_worry(2), who("owner", "coordinator")),
    ],
)
def test_a_worry_is_not_handed_to_whoever_may_not_own_it(worry: Worry, to: Candidate | None) -> None:
    with pytest.raises(concerns.OwnerMayNot):
        concerns.check_may_hand_on(concerns.ACKNOWLEDGED, worry, to, "owner")


def test_a_worry_is_taken_up_once_and_closed_only_then() -> None:
    concerns.check_may_acknowledge(concerns.RAISED)
    with pytest.raises(concerns.AlreadyTakenUp):
        concerns.check_may_acknowledge(concerns.ACKNOWLEDGED)
    with pytest.raises(concerns.AcknowledgeFirst):
        concerns.check_may_close(concerns.RAISED, a_worry(), "sup")
    concerns.check_may_close(concerns.ACKNOWLEDGED, a_worry(), "sup")


@pytest.mark.parametrize("name", ["r", "x"])
def test_neither_whoever_raised_it_nor_whom_it_is_about_closes_it(name: str) -> None:
    with pytest.raises(concerns.NotYoursToClose):
        concerns.check_may_close(concerns.ACKNOWLEDGED, a_worry(), name)


def test_nothing_more_happens_to_a_closed_worry() -> None:
    for move in (
        lambda: concerns.check_may_acknowledge(concerns.CLOSED),
        lambda: concerns.check_may_hand_on(concerns.CLOSED, a_worry(), LEAD, "sup"),
        lambda: concerns.check_may_close(concerns.CLOSED, a_worry(), "sup"),
    ):
        with pytest.raises(concerns.WorryClosed):
            move()


def test_a_worry_is_late_when_its_time_is_over_and_nobody_took_it_up() -> None:
    by = utc(2026, 1, 14, 19, 59)
    assert not concerns.is_late(concerns.RAISED, by, by)
    assert concerns.is_late(concerns.RAISED, by, utc(2026, 1, 14, 20, 0))
    assert not concerns.is_late(concerns.ACKNOWLEDGED, by, utc(2026, 1, 14, 20, 0))


@pytest.mark.parametrize(("level", "handled"), [(0, 1), (1, 1), (4, 4), (9, 4)])
def test_a_level_nobody_knows_is_the_nearest_there_is(level: int, handled: int) -> None:
    assert concerns.level_of(level) == handled
