"""With every read's own condition taken out, the database itself still keeps one partner's peers from another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from services.matching import store
from services.matching.app import create
from tests.builders import MORNING, a_settings, believing, without_ids
from tests.integration.matching.conftest import HEARD, Matching
from tests.parts.second_net import without_conditions, without_net
from tests.tellers import tellers

CANARY = "Kanarienvogel"
DOORS = ("/api/v1/peers", "/peers", "/peers/joining")


class Seen:
    """What the lead of one partner sees at its doors of the peers of another."""

    def __init__(self, room: Matching) -> None:
        self.room = room
        room.a_peer("Ours")
        room.an_account("Ours too")
        ours, room.partner_id = room.partner_id, room.ids.new()
        room.lead = room.as_("partner_lead", partner_id=room.partner_id)
        joined, waits = room.a_peer(CANARY).who.id, room.an_account(CANARY)
        self.waits = waits
        self.words = (CANARY, joined, waits, room.partner_id)
        self.lead = room.as_("partner_lead", partner_id=ours)

    def answers(self) -> dict[str, Any]:
        """The answer of every door, asked anew."""
        return {path: self.lead.api("GET", path) if "/api" in path else self.lead.page(path) for path in DOORS}

    def telling(self, answers: dict[str, Any]) -> set[str]:
        """The doors whose answers hold a word of theirs."""
        return {path for path, answer in answers.items() if any(word in answer.text for word in self.words)}


@pytest.fixture(params=["sqlite", "postgres"])
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seen]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("matching", *HEARD)
    clock, ids = HandClock(MORNING), SeededIds(11)
    creators: dict[str, Any] = {"matching": create, **tellers(*HEARD)}
    handed = believing(clock=clock, ids=ids)
    house = open_house(a_settings(tmp_path, **changes), creators, lambda _path: "matching", **handed)
    yield Seen(Matching(house, clock, ids))
    house.close()


def test_without_any_condition_of_a_read_nothing_of_theirs_is_seen(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    before = seen.answers()
    assert {answer.status_code for answer in before.values()} == {200}
    assert without_conditions(store, monkeypatch) >= 15
    after = seen.answers()
    assert seen.telling(before) == seen.telling(after) == set()
    if seen.room["matching"].database.is_sqlite:
        assert {answer.status_code for answer in after.values()} == {500}
        return
    assert [without_ids(answer.text) for answer in after.values()] == [
        without_ids(answer.text) for answer in before.values()
    ]


def test_without_the_second_net_either_it_is_seen_at_every_door(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    without_conditions(store, monkeypatch)
    without_net(seen.room["matching"], monkeypatch)
    assert seen.telling(seen.answers()) == {*DOORS}


def test_an_account_of_theirs_is_not_made_a_peer(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def join() -> int:
        return int(seen.lead.api("POST", "/api/v1/peers", {"account_id": seen.waits}).status_code)

    assert join() == 422
    without_conditions(store, monkeypatch)
    assert join() == (500 if seen.room["matching"].database.is_sqlite else 422)
    without_net(seen.room["matching"], monkeypatch)
    assert join() == 201
