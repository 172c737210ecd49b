"""Everything of somebody absent becomes another's through all rooms, and only then their account is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_house
from tests.end_to_end.conftest import Network


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    house = a_house(tmp_path)
    made = Network(house.house, house.clock, house.ids, [])
    made.begin()
    yield made
    made.close()


def test_worries_sessions_and_peers_go_to_another_and_then_the_account_is_closed(network: Network) -> None:
    people = network.people
    partner_id = people["supervisor"].who.partner_id or ""
    network._account("next", partner_id, "supervisor")
    network.quiet()
    first, then = people["supervisor"].who.id, people["next"].who.id
    network.post("supervisor", f"/api/v1/supervision/peers/{people['asha'].who.id}/sessions", {
        "starts_at": (network.clock.now() + timedelta(days=3)).isoformat(),
    })  # fmt: skip
    network.quiet()
    at = f"/api/v1/partners/{partner_id}/accounts/{first}"

    def close() -> Any:
        return people["kindred_lead"].api("POST", f"{at}/closure")

    refused = close().get_json()
    assert refused["rule"] == "OwnsOpenWork"
    assert "2 peers to supervise, 1 planned session" in refused["detail"]
    assert people["kindred_lead"].api("POST", f"{at}/handover", {"to_id": people["asha"].who.id}).status_code == 422
    assert "Hand everything over" in people["kindred_lead"].page(at.removeprefix("/api/v1")).text
    assert people["kindred_lead"].api("POST", f"{at}/handover", {"to_id": then}).status_code == 204
    network.quiet()
    team = network.get("next", "/api/v1/supervision/team")
    assert {one["peer_id"] for one in team} == {people["asha"].who.id, people["femi"].who.id}
    assert sum(len(one["planned"]) for one in team) == 1
    assert network.get("supervisor", "/api/v1/supervision/team") == []
    assert close().status_code == 204


def test_another_partners_account_takes_nothing_over(network: Network) -> None:
    people = network.people
    partner_id = people["supervisor"].who.partner_id or ""
    at = f"/api/v1/partners/{partner_id}/accounts/{people['supervisor'].who.id}/handover"
    network.quiet()
    refused = people["lead"].api("POST", at, {"to_id": people["coordinator"].who.id})
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "CannotTakeOver")
    assert people["coordinator"].api("POST", at, {"to_id": people["asha"].who.id}).status_code == 403
