"""Agreements follow one another: signed again, overlapping, lapsed by a fact the day after, begun by another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_house
from tests.integration.partners.conftest import Partners
from tests.integration.partners.test_pages import hidden_key

FIRST = {"starts_on": "2026-03-01", "ends_on": "2026-03-31"}


@pytest.fixture(params=["sqlite", "postgres"])
def on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Partners]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    house = a_house(tmp_path, "partners", **changes)
    yield Partners(house)
    house.close()


def sign(room: Partners, partner_id: str, starts_on: str, ends_on: str, key: str = "", by: Any = None) -> Any:
    body = {"starts_on": starts_on, "ends_on": ends_on}
    room.clock.advance(seconds=1)
    return (by or room.network).api(
        "POST", f"/api/v1/partners/{partner_id}/agreements", body, Idempotency_Key=key or f"signing {starts_on}"
    )


def on(room: Partners, day: int, month: int = 4, hour: int = 9) -> None:
    """Goes on to a day and lets time do its work."""
    room.clock.advance(seconds=(datetime(2026, month, day, hour, tzinfo=UTC) - room.clock.now()).total_seconds())
    room.house.house.tick()


def told(room: Partners) -> list[str]:
    kinds = ("agreement.lapsed", "agreement.began")
    return [f"{kind} {fact[kind.split('.')[1] + '_on']}" for kind in kinds for fact in room.facts(kind)]


def test_the_day_after_the_last_one_ended_it_is_stated_once_and_a_new_one_begins(on_each: Partners) -> None:
    room = on_each
    partner_id = room.joined(agreement=FIRST)
    on(room, 31, month=3, hour=22)
    assert told(room) == []
    on(room, 1, hour=1)
    on(room, 2)
    assert told(room) == ["agreement.lapsed 2026-04-01"]
    assert room.open(room.network, partner_id, "referrer").get_json()["rule"] == "AgreementEnded"
    assert sign(room, partner_id, "2026-04-02", "2027-04-01").status_code == 201
    assert told(room) == ["agreement.lapsed 2026-04-01", "agreement.began 2026-04-02"]


def test_one_signed_in_time_follows_without_a_gap(on_each: Partners) -> None:
    room = on_each
    partner_id = room.joined(agreement=FIRST)
    assert sign(room, partner_id, "2026-03-20", "2027-03-19").status_code == 201
    on(room, 10)
    assert told(room) == []
    assert room.network.api("GET", f"/api/v1/partners/{partner_id}").get_json()["agreement"]["ends_on"] == "2027-03-19"


def test_one_that_begins_later_counts_from_its_first_day(on_each: Partners) -> None:
    room = on_each
    partner_id = room.joined(agreement=FIRST)
    sign(room, partner_id, "2026-04-10", "2027-04-09")
    shown = room.network.api("GET", f"/api/v1/partners/{partner_id}").get_json()
    assert shown["agreement"] == FIRST
    on(room, 5)
    assert told(room) == ["agreement.lapsed 2026-04-05"]
    on(room, 10)
    assert told(room)[1:] == ["agreement.began 2026-04-10"]


def test_a_partner_that_joins_before_its_first_day_sends_nobody_until_then(room: Partners) -> None:
    room.joined(agreement={"starts_on": "2026-03-09", "ends_on": "2027-03-08"})
    assert told(room) == ["agreement.lapsed 2026-03-02"]
    on(room, 9, month=3)
    assert told(room)[1:] == ["agreement.began 2026-03-09"]


def test_the_same_sent_twice_is_one_and_days_that_cannot_be_right_are_refused(room: Partners) -> None:
    partner_id = room.joined(agreement=FIRST)
    first = sign(room, partner_id, "2026-04-01", "2027-03-31")
    assert sign(room, partner_id, "2026-04-01", "2027-03-31").get_json() == first.get_json()
    listed = room.network.api("GET", f"/api/v1/partners/{partner_id}/agreements").get_json()
    assert [one["starts_on"] for one in listed] == ["2026-04-01", "2026-03-01"]
    backwards = sign(room, partner_id, "2026-05-01", "2026-04-01")
    assert (backwards.status_code, backwards.get_json()["errors"][0]["field"]) == (422, "ends_on")
    assert sign(room, partner_id, "2026-04-01", "2031-04-01", key="too long a span").status_code == 422


def test_the_network_lead_alone_signs_and_other_partners_are_not_there(room: Partners) -> None:
    partner_id = room.joined(agreement=FIRST)
    for role in ("partner_lead", "coordinator", "administrator"):
        by = room.house.as_(role, partner_id=partner_id)
        assert sign(room, partner_id, "2026-04-01", "2027-03-31", by=by).status_code == 403
    others = room.lead_of(room.joined(code="others", ods_code="RZ902"))
    assert others.api("GET", f"/api/v1/partners/{partner_id}/agreements").status_code == 404
    assert room.network.api("GET", f"/api/v1/partners/{room.house.ids.new()}/agreements").status_code == 404


def test_a_page_signs_and_lists_them(room: Partners) -> None:
    partner_id = room.joined(agreement=FIRST)
    at = f"/partners/{partner_id}"
    assert "Sign a new agreement" not in room.lead_of(partner_id).page(at).text
    form = {"key": hidden_key(room.network.page(at).text)}
    form |= {f"starts_on-{part}": text for part, text in {"day": "1", "month": "4", "year": "2026"}.items()}
    form |= {f"ends_on-{part}": text for part, text in {"day": "1", "month": "3", "year": "2026"}.items()}
    refused = room.network.form(f"{at}/agreements", form)
    assert (refused.status_code, "The agreement ends before it starts" in refused.text) == (422, True)
    assert room.network.form(f"{at}/agreements", {**form, "ends_on-year": "2027"}).status_code == 303
    shown = room.network.page(at).text
    assert "1 April 2026" in shown
    assert "1 March 2027" in shown
