"""Which openings of a record are asked about, and that honest work is left in peace."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.ids import chance
from contracts.marks import marks_of
from services.referrals.domain.watching import (
    COLLEAGUE,
    NO_RELATION,
    ONESELF,
    SAME_POSTCODE,
    SAME_SURNAME,
    SETTLED,
    Marks,
    Subject,
    Viewer,
    is_asked_again,
    patterns,
)
from services.referrals.policy import Policy

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DAYS = Policy().look_relation_days
NHS, KINDRED = "nhs", "kindred"
JORDAN = ("Jordan Okafor", "ZZ1 1AA")


def marked(name: str, postcode: str) -> Marks:
    return Marks(*marks_of(lambda text: hashlib.sha256(text.encode()).hexdigest(), name, postcode))


def a_viewer(name: str, postcode: str, *roles: str, partner_id: str = KINDRED, **more: Any) -> Viewer:
    return Viewer("a", partner_id, frozenset(roles or ("coordinator",)), marked(name, postcode), **more)


def a_subject(**changes: Any) -> Subject:
    given = {"person_id": "p", "marks": marked(*JORDAN), "partner_ids": (NHS,), "is_open": True, "ended_at": None}
    return Subject(**{**given, **changes})


def found(viewer: Viewer, subject: Subject | None = None, purpose: str = "referral") -> list[str]:
    return patterns(viewer, subject or a_subject(), purpose, NOW, relation_days=DAYS)


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (a_viewer("Ruth Evans", "ZZ5 5AA"), []),
        (a_viewer("Ruth Okafor", "ZZ5 5AA"), [SAME_SURNAME]),
        (a_viewer("Ruth o'kafor", "ZZ5 5AA"), [SAME_SURNAME]),
        (a_viewer("Ruth Evans", "zz1  1aa"), [SAME_POSTCODE]),
        (a_viewer("Ruth Okafor", "ZZ1 1AA"), [SAME_SURNAME, SAME_POSTCODE]),
        (a_viewer("JORDAN OKAFOR", "ZZ11AA"), [ONESELF]),
        (a_viewer("Okafor", ""), []),
        (Viewer("a", KINDRED, frozenset({"coordinator"})), []),
        (a_viewer("Ruth Evans", "ZZ5 5AA", colleagues=frozenset({marked(*JORDAN).whole or ""})), [COLLEAGUE]),
    ],
)
def test_somebody_too_near_to_a_record_is_asked_about(viewer: Viewer, expected: list[str]) -> None:
    assert found(viewer) == expected


@pytest.mark.parametrize(
    ("roles", "partner_id", "changes", "is_asked"),
    [
        (("coordinator",), KINDRED, {}, False),
        (("coordinator",), KINDRED, {"is_open": False, "ended_at": NOW - timedelta(days=DAYS)}, False),
        (("coordinator",), KINDRED, {"is_open": False, "ended_at": NOW - timedelta(days=DAYS + 1)}, True),
        (("network_lead",), KINDRED, {"is_open": False, "ended_at": NOW - timedelta(days=400)}, True),
        # Whoever sent somebody may always read what became of it.
        (("referrer",), NHS, {"is_open": False, "ended_at": NOW - timedelta(days=400)}, False),
        (("coordinator",), NHS, {"is_open": False, "ended_at": NOW - timedelta(days=400)}, False),
        # Whoever sees their own partner's people alone has no business with another's.
        (("referrer",), KINDRED, {}, True),
        (("system",), KINDRED, {}, True),
    ],
)
def test_a_record_nobody_works_with_any_more_is_asked_about(
    roles: tuple[str, ...], partner_id: str, changes: dict[str, Any], is_asked: bool
) -> None:
    viewer = a_viewer("Ruth Evans", "ZZ5 5AA", *roles, partner_id=partner_id)
    assert found(viewer, a_subject(**changes)) == ([NO_RELATION] if is_asked else [])


def test_whoever_sees_to_looks_is_not_asked_why_they_look() -> None:
    ended = a_subject(is_open=False, ended_at=NOW - timedelta(days=400))
    officer = a_viewer("Ruth Evans", "ZZ5 5AA", "privacy_officer")
    assert found(officer, ended, purpose="privacy") == []
    assert found(officer, ended, purpose="referral") == [NO_RELATION]


def test_a_look_that_was_seen_to_is_asked_about_anew_after_its_days_alone() -> None:
    assert not is_asked_again("open", None, NOW, 90)
    assert not is_asked_again(SETTLED, NOW - timedelta(days=90), NOW, 90)
    assert is_asked_again(SETTLED, NOW - timedelta(days=91), NOW, 90)


# ---- honest work

# Made-up frequencies of the shape such lists have: in 10,000 people so many share each common surname, the commonest
# about one in eighty, and everybody else has one of many rare ones.
COMMON = {
    "Smith": 126, "Jones": 101, "Taylor": 61, "Brown": 58, "Williams": 57, "Wilson": 42, "Johnson": 39, "Davies": 39,
    "Patel": 36, "Robinson": 34, "Wright": 34, "Thompson": 33, "Evans": 33, "Walker": 32, "White": 31, "Roberts": 30,
    "Green": 29, "Hall": 29, "Thomas": 29, "Clarke": 28,
}  # fmt: skip
HONEST_VIEWS = 10_000


def in_letters(number: int) -> str:
    """A number as part of a name: digits are no part of one."""
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def honest_views(seed: str) -> list[tuple[Viewer, Subject]]:
    """Openings by 60 who work here of the records they work with, each of a person drawn from the whole region."""
    draw = chance(seed)
    rare = [f"Rare{in_letters(number)}" for number in range(20_000)]
    names, weights = [*COMMON, "rare"], [*COMMON.values(), 10_000 - sum(COMMON.values())]

    def somebody(number: int) -> Marks:
        surname = draw.choices(names, weights)[0]
        surname = draw.choice(rare) if surname == "rare" else surname
        # A region of 40,000 postcodes.
        return marked(f"First{in_letters(number)} {surname}", f"ZZ{draw.randrange(40_000)}")

    staff = [
        Viewer(f"a{number}", draw.choice((NHS, KINDRED)), frozenset({"coordinator"}), somebody(number))
        for number in range(60)
    ]
    views = []
    for number in range(HONEST_VIEWS):
        is_open = draw.random() < 0.9
        ended_at = None if is_open else NOW - timedelta(days=draw.randrange(60))
        subject = Subject(f"p{number}", somebody(1000 + number), (NHS,), is_open, ended_at)
        views.append((draw.choice(staff), subject))
    return views


@pytest.mark.parametrize("seed", ["one region", "another", "a third"])
def test_of_10000_honest_views_fewer_than_one_in_200_are_asked_about(seed: str) -> None:
    views = honest_views(seed)
    asked = sum(bool(found(viewer, subject)) for viewer, subject in views)
    assert len(views) == HONEST_VIEWS
    assert asked / len(views) < 0.005
    # The control: the same people opening the record of somebody of their own name are all asked about.
    near = [(viewer, Subject("p", viewer.marks, (NHS,), is_open=True)) for viewer, _ in views[:100]]
    assert all(found(viewer, subject) for viewer, subject in near)
