"""The code of conduct: anybody reads it, the network lead publishes it, peers and supervisors accept the newest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_house
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_pages import hidden_key

AT = "/api/v1/partners/conduct"
FIRST = "We walk beside each other, and we keep each other safe."


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Partners]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    house = a_house(tmp_path, "partners", **changes)
    yield Partners(house)
    house.close()


def publish(room: Partners, words: str = FIRST, on: str = "2026-03-02", key: str = "", by: Any = None) -> Any:
    body = {"words": words, "in_force_on": on}
    return (by or room.network).api("POST", AT, body, Idempotency_Key=key or f"publishing for {on}")


def test_versions_follow_one_another_and_the_old_ones_stay(on_each: Partners) -> None:
    room = on_each
    assert publish(room).get_json()["version"] == 1
    assert publish(room).get_json()["version"] == 1
    second = publish(room, "We also keep what we hear to ourselves.", on="2026-03-16")
    assert (second.status_code, second.get_json()["version"]) == (201, 2)
    listed = room.house.as_nobody().api("GET", AT).get_json()
    assert [(one["version"], one["words"]) for one in listed][1] == (1, FIRST)
    stated = [(one["version"], one["published_on"], one["in_force_on"]) for one in room.facts("conduct.published")]
    assert stated == [(1, "2026-03-02", "2026-03-02"), (2, "2026-03-02", "2026-03-16")]
    assert "words" not in room.facts("conduct.published")[0]


def test_a_new_version_leaves_people_two_weeks_to_read_it(room: Partners) -> None:
    publish(room)
    refused = publish(room, on="2026-03-15")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "in_force_on")


def test_only_the_newest_is_accepted_and_once(on_each: Partners) -> None:
    room = on_each
    partner_id = room.joined()
    peer = room.house.as_("peer", partner_id=partner_id)
    assert peer.api("POST", f"{AT}/acceptance", {"version": 1}).status_code == 404
    publish(room)
    publish(room, "We also keep what we hear to ourselves.", on="2026-03-16")
    assert peer.api("POST", f"{AT}/acceptance", {"version": 1}).get_json()["rule"] == "NewerVersion"
    for _ in range(2):
        assert peer.api("POST", f"{AT}/acceptance", {"version": 2}).status_code == 204
    (fact,) = room.facts("conduct.accepted")
    assert (fact["account_id"], fact["version"], fact["accepted_on"]) == (peer.who.id, 2, "2026-03-02")


@pytest.mark.parametrize("role", ["partner_lead", "coordinator", "administrator", "peer", "referrer"])
def test_the_network_lead_alone_publishes(room: Partners, role: str) -> None:
    assert publish(room, by=room.house.as_(role, partner_id=room.joined())).status_code == 403


def test_pages_publish_it_show_it_and_take_a_yes(room: Partners) -> None:
    peer = room.house.as_("peer", partner_id=room.joined())
    assert "There is no such version." in peer.page("/partners/conduct").text
    form = {"key": hidden_key(room.network.page("/partners/conduct/new").text), "words": FIRST}
    form |= {f"in_force_on-{part}": text for part, text in {"day": "1", "month": "3", "year": "2026"}.items()}
    assert room.network.form("/partners/conduct/new", form).status_code == 422
    assert room.network.form("/partners/conduct/new", {**form, "in_force_on-day": "3"}).status_code == 303
    assert FIRST in room.house.as_nobody().page("/partners/conduct").text
    assert "say yes to it" in peer.page("/partners/conduct").text
    assert "say yes to it" not in room.network.page("/partners/conduct").text
    assert peer.form("/partners/conduct/acceptance", {"version": "1"}).status_code == 303
    assert "You said yes to this version" in peer.page("/partners/conduct").text
    assert room.network.page("/partners/conduct/7").status_code == 404
