"""When whoever is forgotten can be severed from what was counted of them, and what stands there then."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from services.reporting.domain.severing import is_over, severed

EMPTY = {name: None for name in ("referral_id", "match_id", "support_id", "session_id", "code")}


def a_row(kind: str, **columns: Any) -> dict[str, Any]:
    return {**EMPTY, "fact_id": f"fact of {kind}", "kind": kind, "referral_id": "r1", **columns}


RECEIVED, CLOSED, DECLINED = a_row("referral.received"), a_row("referral.closed"), a_row("referral.declined")
PROPOSED, RELEASED = a_row("match.proposed", match_id="m1"), a_row("match.released", match_id="m1")
AGREED = a_row("match.agreed", match_id="m1")
STARTED = a_row("support.started", match_id="m1", support_id="s1")
ENDED = a_row("support.ended", match_id="m1", support_id="s1")
OTHER = a_row("match.proposed", match_id="m2")


@pytest.mark.parametrize(
    ("rows", "over"),
    [
        ([RECEIVED], False),
        ([RECEIVED, DECLINED], True),
        ([RECEIVED, CLOSED], True),
        ([RECEIVED, PROPOSED, RELEASED], False),
        ([RECEIVED, PROPOSED, CLOSED], False),
        ([RECEIVED, PROPOSED, RELEASED, CLOSED], True),
        ([RECEIVED, PROPOSED, AGREED, STARTED, CLOSED], False),
        ([RECEIVED, PROPOSED, AGREED, STARTED, ENDED, CLOSED], True),
        ([RECEIVED, PROPOSED, AGREED, STARTED, ENDED, OTHER, CLOSED], False),
        ([CLOSED, ENDED, STARTED, AGREED, PROPOSED, RECEIVED], True),
        ([], False),
    ],
)
def test_it_is_over_when_the_referral_has_ended_and_all_that_came_of_it(rows: list[dict[str, Any]], over: bool) -> None:
    assert is_over(rows) is over


def new_ids() -> Iterator[str]:
    return (f"new {number:02}" for number in count(1))


def test_severed_rows_carry_no_id_that_is_known_and_belong_together_as_before() -> None:
    taster = {**a_row("taster.held", match_id="m1"), "referral_id": None}
    contact = {**a_row("contact.recorded", support_id="s1", code="made"), "referral_id": None}
    ids = new_ids()
    made = {
        row["kind"]: row for row in severed([RECEIVED, PROPOSED, taster, STARTED, contact], "r1", "g1", ids.__next__)
    }
    assert {row["referral_id"] for row in made.values()} == {"g1", None}
    assert all(row["is_severed"] for row in made.values())
    assert made["match.proposed"]["match_id"] == made["taster.held"]["match_id"] == made["support.started"]["match_id"]
    assert made["support.started"]["support_id"] == made["contact.recorded"]["support_id"]
    assert made["contact.recorded"]["code"] == "made"
    known = {"r1", "m1", "s1", *(f"fact of {kind}" for kind in made)}
    assert not known & {value for row in made.values() for value in row.values() if isinstance(value, str)}
    assert len({row["fact_id"] for row in made.values()}) == 5


def test_the_order_of_severed_rows_says_nothing_of_the_order_they_came_in() -> None:
    backwards = (f"new {number:02}" for number in range(99, 0, -1))
    made = severed([RECEIVED, PROPOSED, CLOSED], "r1", "g1", backwards.__next__)
    assert [row["kind"] for row in made] == ["referral.closed", "match.proposed", "referral.received"]
