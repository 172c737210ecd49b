"""What a partner is asked before its first referral: answered by its lead, kept as versions, told in codes alone."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import SETUP, a_house
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_pages import hidden_key

FORM = {name: answer for name, answer in SETUP.items() if name != "posts"} | {
    "training_hours": "40", "posts.first.title": "Peer worker", "posts.first.kind": "paid", "posts.first.hours": "30",
    "posts.first.contract": "permanent", "posts.first.band": "4",
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Partners]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    house = a_house(tmp_path, "partners", **changes)
    yield Partners(house)
    house.close()


def answer(room: Partners, partner_id: str, key: str = "the answers", by: Any = None, **changes: Any) -> Any:
    body = {**copy.deepcopy(SETUP), **changes}
    by = by or room.lead_of(partner_id)
    return by.api("POST", f"/api/v1/partners/{partner_id}/answers", body, Idempotency_Key=key)


def test_a_partner_that_joins_is_asked_and_answers_in_versions(on_each: Partners) -> None:
    room = on_each
    partner_id = room.joined()
    assert [fact["partner_id"] for fact in room.facts("setup.asked")] == [partner_id]
    lead = room.lead_of(partner_id)
    assert lead.api("GET", f"/api/v1/partners/{partner_id}/answers").status_code == 404
    first = answer(room, partner_id, by=lead)
    assert (first.status_code, first.get_json()["number"]) == (201, 1)
    assert answer(room, partner_id, by=lead).get_json() == first.get_json()
    assert answer(room, partner_id, key="a year later", training="both").get_json()["number"] == 2
    assert lead.api("GET", f"/api/v1/partners/{partner_id}/answers").get_json()["answers"]["training"] == "both"
    assert [fact["training"] for fact in room.facts("setup.answered")] == ["local", "both"]


def test_only_codes_and_a_number_travel(room: Partners) -> None:
    answer(room, room.joined())
    (fact,) = room.facts("setup.answered")
    assert (fact["post_kinds"], fact["training_hours"]) == (["paid"], 40)
    assert "Peer worker" not in str(fact)
    assert not {"title", "band", "hours", "posts"} & fact.keys()


def test_every_fault_is_said_and_nothing_is_kept(room: Partners) -> None:
    partner_id = room.joined()
    post = {**SETUP["posts"]["first"], "hours": 90, "kind": "robot"}
    bad = answer(room, partner_id, peer_role="best", settings=[], posts={"first": post})
    assert bad.status_code == 422
    fields = {error["field"] for error in bad.get_json()["errors"]}
    assert fields == {"peer_role", "settings", "posts.first.hours", "posts.first.kind"}
    assert room.facts("setup.answered") == []


def test_its_own_lead_or_the_network_lead_answers_and_nobody_else(room: Partners) -> None:
    partner_id = room.joined()
    others = room.lead_of(room.joined(code="others", ods_code="RZ902"))
    assert answer(room, partner_id, by=others).status_code == 404
    for role in ("referrer", "coordinator", "administrator"):
        assert answer(room, partner_id, by=room.house.as_(role, partner_id=partner_id)).status_code == 403
    assert answer(room, partner_id, by=room.network).status_code == 201


def test_the_page_asks_says_what_is_missing_and_keeps_what_was_said(room: Partners) -> None:
    partner_id = room.joined()
    lead, at = room.lead_of(partner_id), f"/partners/{partner_id}"
    assert "Answer 10 questions before the first referral" in lead.page(at).text
    form = {**FORM, "key": hidden_key(lead.page(f"{at}/questions").text)}
    refused = lead.form(f"{at}/questions", {**form, "training": ""})
    assert (refused.status_code, "Choose one." in refused.text) == (422, True)
    assert 'value="Peer worker"' in refused.text
    assert lead.form(f"{at}/questions", form).status_code == 303
    assert "Answer 10 questions" not in lead.page(at).text
    again = lead.page(f"{at}/questions").text
    assert 'value="Peer worker"' in again
    assert 'value="40"' in again
