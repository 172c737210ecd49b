"""How somebody is looked for: one way at a time, whole, and in whatever form it is written."""

from __future__ import annotations

from typing import Any

import pytest

from services.referrals.domain import finding
from services.referrals.domain.finding import SearchRefused, phone_in_one_form, way


def wanted(**given: Any) -> dict[str, Any]:
    return {"nhs_number": None, "phone": "", "surname": "", "postcode": "", **given}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"nhs_number": "9990000018"}, finding.NHS_NUMBER),
        ({"phone": "01632 960 001"}, finding.PHONE),
        ({"surname": "Okafor", "postcode": "ZZ1 1AA"}, finding.NAME_AND_PLACE),
    ],
)
def test_there_are_three_ways(given: dict[str, str], expected: str) -> None:
    assert way(wanted(**given)) == expected


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({}, "nhs_number"),
        ({"surname": "Okafor"}, "postcode"),
        ({"postcode": "ZZ1 1AA"}, "surname"),
        ({"nhs_number": "9990000019"}, "nhs_number"),
        ({"phone": "960001"}, "phone"),
        ({"nhs_number": "9990000018", "phone": "01632 960 001"}, "phone"),
        ({"phone": "01632 960 001", "surname": "Okafor", "postcode": "ZZ1 1AA"}, "surname"),
    ],
)
def test_nothing_a_part_and_several_at_once_are_refused(given: dict[str, str], where: str) -> None:
    with pytest.raises(SearchRefused) as refused:
        way(wanted(**given))
    (fault,) = refused.value.faults
    assert fault.where == where
    assert not any(text in fault.says for text in given.values())


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("01632 960 001", "01632960001"),
        ("(01632) 960-001", "01632960001"),
        ("+44 1632 960001", "01632960001"),
        ("+44 (0)1632 960001", "01632960001"),
        ("0044 1632 960001", "01632960001"),
        ("+33 1 99 00 00 01", "33199000001"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_number_is_the_same_however_it_is_written(written: str | None, dialled: str) -> None:
    assert phone_in_one_form(written) == dialled


def test_nobody_protected_is_found_by_where_they_live_or_how_they_are_reached() -> None:
    assert set(finding.WAYS) - finding.FINDS_PROTECTED == {finding.PHONE, finding.NAME_AND_PLACE}
