"""What new matches need of a peer: each lack by name, and supervision only by their own choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.supervision import HELD_BACK_CODES
from services.supervision.domain import standing
from services.supervision.domain.standing import Needed

TODAY = date(2026, 3, 2)
ALL_WELL = Needed(date(2026, 1, 5), date(2027, 1, 1), date(2026, 9, 1))


def test_with_conduct_check_training_and_supervision_in_date_nothing_lacks() -> None:
    assert standing.lacking(ALL_WELL, TODAY, 2) == ()


def test_of_a_new_peer_everything_but_supervision_lacks() -> None:
    assert standing.lacking(Needed(), TODAY, 2) == ("conduct", "check", "training")


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        ({"conduct_accepted_on": None}, "conduct"),
        ({"conduct_accepted_on": date(2026, 3, 3)}, "conduct"),
        ({"check_valid_until": date(2026, 3, 1)}, "check"),
        ({"check_valid_until": None}, "check"),
        ({"training_valid_until": date(2026, 3, 1)}, "training"),
        ({"is_overdue": True, "own_choice_declines_count": 2}, "supervision_own_choice"),
        ({"is_overdue": True, "own_choice_declines_count": 3}, "supervision_own_choice"),
    ],
)
def test_each_lack_has_its_code(change: dict[str, object], lack: str) -> None:
    assert standing.lacking(replace(ALL_WELL, **change), TODAY, 2) == (lack,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"check_valid_until": TODAY},
        {"training_valid_until": TODAY},
        {"conduct_accepted_on": TODAY},
        {"is_overdue": True, "own_choice_declines_count": 0},
        {"is_overdue": True, "own_choice_declines_count": 1},
        {"is_overdue": False, "own_choice_declines_count": 2},
    ],
)
def test_the_last_day_still_counts_and_late_supervision_alone_never_lacks(change: dict[str, object]) -> None:
    assert standing.lacking(replace(ALL_WELL, **change), TODAY, 2) == ()  # type: ignore[arg-type]


def test_the_codes_are_those_of_the_contract() -> None:
    assert {standing.CONDUCT, standing.CHECK, standing.TRAINING, standing.OWN_CHOICE} == set(HELD_BACK_CODES)


@pytest.mark.parametrize(
    ("before", "gaps", "then"),
    [
        ("new", (), "cleared"),
        ("new", ("check",), "new"),
        ("cleared", ("check",), "held_back"),
        ("cleared", (), "cleared"),
        ("held_back", (), "cleared"),
        ("held_back", ("training",), "held_back"),
    ],
)
def test_where_a_peer_stands_follows_from_what_lacks(before: str, gaps: tuple[str, ...], then: str) -> None:
    assert standing.after(before, gaps) == then


def test_nobody_accepts_the_conduct_on_a_day_to_come() -> None:
    standing.check_conduct_day(TODAY, TODAY)
    standing.check_conduct_day(None, TODAY)
    with pytest.raises(standing.ConductInFuture):
        standing.check_conduct_day(date(2026, 3, 3), TODAY)
