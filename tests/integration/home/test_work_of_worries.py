"""A worry is on its owner's list alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import supervision
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import says


def test_a_worry_is_on_its_owners_list_alone_and_in_hand_for_whoever_raised_it(hall: Hall, asha: Any) -> None:
    meera, other = hall.an_account("Meera", "supervisor"), hall.an_account("Nour", "supervisor")
    concern_id = hall.a_worry(meera, asha)
    (line,) = hall.work_of(meera)
    assert (line.says, line.href, line.hint) == (
        "A worry is on your list: read it", "/worries", "By 2pm on 2 March 2026",
    )  # fmt: skip
    (line,) = hall.work_of(asha)
    assert (line.says, line.href) == ("The worry you raised is in hand", None)
    for caller in (other, hall.coordinator, hall.lead, hall.as_("safeguarding_lead"), hall.as_("administrator")):
        assert hall.work_of(caller) == []
    hall.tell("supervision", "concern", concern_id, supervision.ConcernAcknowledged(
        concern_id=concern_id, owner_id=meera.who.id, acknowledged_at=hall.now,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["A worry is in your hands"]
    hall.tell("supervision", "concern", concern_id, supervision.ConcernClosed(
        concern_id=concern_id, owner_id=meera.who.id, code="plan_in_place", closed_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(meera) == hall.work_of(asha) == []


@pytest.mark.parametrize(
    ("kind", "moment"),
    [(supervision.ConcernHandedOn, "handed_on_at"), (supervision.ConcernEscalated, "escalated_at")],
)
def test_a_worry_with_a_new_owner_leaves_the_old_ones_list(hall: Hall, asha: Any, kind: type, moment: str) -> None:
    meera, other = hall.an_account("Meera", "supervisor"), hall.an_account("Nour", "safeguarding_lead")
    concern_id = hall.a_worry(meera, asha)
    hall.tell("supervision", "concern", concern_id, kind(
        concern_id=concern_id, from_id=meera.who.id, owner_id=other.who.id,
        acknowledge_by=hall.now + timedelta(hours=1), **{moment: hall.now},
    ))  # fmt: skip
    assert hall.work_of(meera) == []
    assert says(hall.work_of(other)) == ["A worry is on your list: read it"]


def test_a_worry_nobody_can_own_yet_is_the_network_leads_to_settle(hall: Hall, asha: Any) -> None:
    concern_id = hall.a_worry(None, asha)
    assert says(hall.work_of(hall.lead)) == ["A worry has nobody yet: see who can take it"]
    assert hall.work_of(hall.coordinator) == []
    meera = hall.an_account("Meera", "supervisor")
    hall.tell("supervision", "concern", concern_id, supervision.ConcernHandedOn(
        concern_id=concern_id, from_id=None, owner_id=meera.who.id, acknowledge_by=hall.now, handed_on_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(hall.lead) == []
    assert len(hall.work_of(meera)) == 1


def test_a_worry_taken_from_whoever_must_not_know_of_it_is_the_network_leads_to_settle(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    concern_id = hall.a_worry(meera, asha)
    hall.tell("supervision", "concern", concern_id, supervision.ConcernHandedOn(
        concern_id=concern_id, from_id=meera.who.id, owner_id=None, acknowledge_by=hall.now + timedelta(hours=4),
        handed_on_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(meera) == []
    (line,) = hall.work_of(hall.lead)
    assert (line.says, line.hint) == ("A worry has nobody yet: see who can take it", "By 2pm on 2 March 2026")
