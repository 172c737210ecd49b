"""Whom a knock's transaction is bound to: by the reach of whoever knocks, and to nobody before anybody is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import g

from chassis.access import Principal, Scope
from chassis.boundary import NETWORK, NOBODY, PartnerUnfit
from chassis.boundary.statements import BOUND_TO
from chassis.errors import Misbuilt
from chassis.unit import Thread
from services.partners import store
from tests.builders import TestHouse, a_house

SOMEBODY = Principal("account", "somebody", "a-partner", frozenset({"peer"}))
PERSON = Principal("person", "somebody", None, frozenset({"person"}))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    made = a_house(tmp_path, "partners")
    yield made
    made.close()


def bound(house: TestHouse, scope: Scope | None, *, asked: Scope | None = None, whole: bool = False) -> set[str]:
    """Whom a reading and a writing transaction are bound to; `asked` is the scope a request came with."""
    service = house["partners"]
    if asked is None:
        return _both(service, scope, whole)
    with service.app.test_request_context("/"):
        g.who, g.scope, g.thread = asked.who, asked, Thread("one", "one")
        return _both(service, scope, whole)


def _both(service: Any, scope: Scope | None, whole: bool) -> set[str]:
    found = set()
    for begin in (service.reading, service.writing):
        with begin(scope=scope, whole=whole) as unit:
            found.add(unit.connection.info[BOUND_TO])
    return found


@pytest.mark.parametrize(
    ("scope", "to"),
    [
        (Scope("partner", SOMEBODY), "a-partner"),
        (Scope("partner", PERSON), NOBODY),
        (Scope("own", SOMEBODY), NETWORK),
        (Scope("own", PERSON), NETWORK),
        (Scope("network", SOMEBODY), NETWORK),
        (Scope("none", SOMEBODY), NOBODY),
    ],
)
def test_by_the_reach_of_whoever_asks_or_is_acted_for(house: TestHouse, scope: Scope, to: str) -> None:
    assert bound(house, None, asked=scope) == {to}
    assert bound(house, scope) == {to}
    assert bound(house, scope, asked=Scope("network", SOMEBODY)) == {to}


def test_without_a_request_the_service_acts_for_the_network(house: TestHouse) -> None:
    assert bound(house, None) == {NETWORK}


def test_before_anybody_is_signed_in_the_service_may_look_anything_up_and_for_one_partner_it_may_not(
    house: TestHouse,
) -> None:
    assert bound(house, None, asked=Scope("none", SOMEBODY), whole=True) == {NETWORK}
    with pytest.raises(Misbuilt):
        bound(house, None, asked=Scope("partner", SOMEBODY), whole=True)


def test_no_partner_is_called_the_network(house: TestHouse) -> None:
    called_so = Principal("account", "somebody", NETWORK, frozenset({"partner_lead"}))
    with pytest.raises(PartnerUnfit):
        bound(house, Scope("partner", called_so))
    assert house.as_("partner_lead", partner_id=NETWORK).api("GET", "/api/v1/partners").status_code == 500


def test_who_is_acted_for_is_who_the_unit_says(house: TestHouse) -> None:
    acted_for = Scope("partner", SOMEBODY)
    with house["partners"].reading(scope=acted_for) as unit:
        assert (unit.who, unit.scope) == (SOMEBODY, acted_for)
        assert store.partners_listed(unit.scope, unit) == []
