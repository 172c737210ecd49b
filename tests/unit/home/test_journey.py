"""Where a person stands, whatever was heard first."""

from __future__ import annotations

import itertools

import pytest

from services.home.domain import journey


@pytest.mark.parametrize(
    ("step", "open_steps", "stage"),
    [
        ("received", [], "received"),
        ("waiting", [], "waiting"),
        ("waiting", ["asking"], "asking"),
        ("waiting", ["agreed", "supported"], "supported"),
        ("waiting", ["supported", "agreed"], "supported"),
        ("waiting", ["asking", "chosen"], "chosen"),
        ("declined", ["asking"], "declined"),
        ("ended", ["supported"], "ended"),
    ],
)
def test_the_furthest_open_step_says_where_a_person_stands(step: str, open_steps: list[str], stage: str) -> None:
    assert journey.stage(step, open_steps) == stage
    assert stage in journey.STAGES


def test_somebody_is_to_be_found_only_for_a_person_who_waits_with_nothing_open() -> None:
    ways = itertools.product(
        ["received", "acknowledged", "waiting", "declined", "ended"], [[], ["asking"], ["met"], ["supported"]]
    )
    assert [way for way in ways if journey.stage(*way) == journey.WAITING] == [("waiting", [])]


def test_a_referral_comes_to_the_same_step_in_whatever_order_its_facts_are_heard() -> None:
    for order in itertools.permutations(["received", "acknowledged", "waiting", "ended"]):
        step = order[0]
        for other in order[1:]:
            step = journey.furthest(step, other)
        assert step == "ended"
