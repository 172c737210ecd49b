"""A house of the partners room alone, with a network lead and ordinary organisations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import facts
from tests.builders import Caller, TestHouse, a_house, open_account

TRUST: dict[str, Any] = {
    "code": "north-trust",
    "name": "Northmoor Mental Health Trust",
    "kind": "nhs_body",
    "area": "north",
    "ods_code": "RZ901",
    "agreement": {"starts_on": "2026-03-01", "ends_on": "2027-02-28"},
}


class Partners:
    """The partners room as a test speaks to it."""

    def __init__(self, house: TestHouse) -> None:
        self.house, self.clock = house, house.clock
        self.network = house.as_("network_lead")
        self.second = house.as_("administrator")

    def join(self, key: str = "a key of this test", by: Caller | None = None, **changes: Any) -> Any:
        """Takes an organisation in; gives the answer of the door."""
        return (by or self.network).api("POST", "/api/v1/partners", {**TRUST, **changes}, Idempotency_Key=key)

    def joined(self, **changes: Any) -> str:
        """The id of a partner that joined."""
        answer = self.join(key=f"joining {changes.get('code', 'north-trust')}", **changes)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["partner_id"])

    def lead_of(self, partner_id: str) -> Caller:
        return self.house.as_("partner_lead", partner_id=partner_id)

    def open(self, by: Caller, partner_id: str, *roles: str, called: str = "Asha", key: str = "", **more: str) -> Any:
        """Opens an account with a second person; gives the account, or the refusal of the asking."""
        body = {"called": called, "roles": list(roles), **more}
        return open_account(by, self.second, partner_id, body, key or f"{called} {roles}")

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """What the room stated of one kind, as it travels."""
        with self.house["partners"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}%")).order_by(facts.c.stated_at, facts.c.number)
            return [json.loads(row.body) for row in unit.connection.execute(query)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Partners]:
    """The partners room alone."""
    house = a_house(tmp_path, "partners")
    yield Partners(house)
    house.close()


@pytest.fixture
def world(tmp_path: Path, front: Any, openid_provider: Any, our_key: Any) -> Iterator[Any]:
    """The partners room behind a port, with a real OpenID provider."""
    from tests.integration.partners.at_provider import World

    made = World(tmp_path, front, openid_provider, our_key)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def world_on_each(
    request: pytest.FixtureRequest, tmp_path: Path, front: Any, openid_provider: Any, our_key: Any
) -> Iterator[Any]:
    """The same on SQLite, and on a real PostgreSQL."""
    from tests.integration.partners.at_provider import World

    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    made = World(tmp_path, front, openid_provider, our_key, **changes)
    yield made
    made.close()
