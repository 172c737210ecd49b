"""The catalogue is whole: each code once, each word said, and its lists the same as the facts' own."""

from __future__ import annotations

import pytest

from contracts import referrals, supervision, support
from services.reporting.domain import measures
from services.reporting.domain.measures import CATALOGUE, Measure


def test_each_measure_has_a_code_of_its_own() -> None:
    codes = [one.code for one in CATALOGUE]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("measure", CATALOGUE, ids=lambda one: one.code)
def test_a_measure_says_what_is_counted_out_of_what_and_where_its_rule_comes_from(measure: Measure) -> None:
    assert measure.theme in measures.THEMES
    assert all((measure.words, measure.unit, measure.source, measure.version))
    for words in (measure.numerator, measure.denominator, measure.exclusions):
        assert words.endswith(".")


def test_the_reasons_endings_and_levels_are_those_the_facts_know() -> None:
    assert tuple(measures.DECLINE_REASONS) == referrals.DECLINE_REASONS
    assert tuple(measures.ENDINGS) == support.ENDINGS
    assert tuple(measures.LEVELS) == tuple(str(level) for level in supervision.LEVELS)


def test_a_part_follows_its_whole() -> None:
    wholes: set[str] = set()
    for one in CATALOGUE:
        assert not one.part_of or one.part_of in wholes
        wholes.add(one.code)


def test_worries_are_counted_for_the_region_alone() -> None:
    assert not any(one.by_area for one in CATALOGUE if one.theme == "worries")
