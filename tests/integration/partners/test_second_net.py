"""With every read's own condition taken out, the database itself still keeps partners and their accounts apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.partners import store
from services.partners.store.tables import notices
from tests.builders import a_house, without_ids
from tests.integration.partners.conftest import Partners
from tests.parts.second_net import without_conditions, without_net

CANARY = "Kanarienvogel"
DOORS = {
    "the list": "/api/v1/partners",
    "one": "/api/v1/partners/{partner_id}",
    "its accounts": "/api/v1/partners/{partner_id}/accounts",
    "the list on a page": "/partners",
    "one on a page, with its people": "/partners/{partner_id}",
    "messages that did not arrive": "/partners/notices",
}


class Seen:
    """What the lead of one partner sees at its doors of another partner."""

    def __init__(self, room: Partners) -> None:
        self.room = room
        self.lead = room.lead_of(room.joined())
        self.other_id = room.joined(code="others", name=CANARY, ods_code="RZ902")
        opened = room.open(room.network, self.other_id, "referrer", called=f"{CANARY} too").get_json()
        self._a_notice_that_failed(opened["account_id"])
        self.words = (CANARY, opened["account_id"], "RZ902", "others")

    def _a_notice_that_failed(self, account_id: str) -> None:
        now = self.room.clock.now()
        row = {
            "notice_id": self.room.house.ids.new(), "partner_id": self.other_id, "recipient_id": account_id,
            "template": "offer", "reason": "offer", "due_at": now, "asked_at": now, "state": "failed", "tried": "",
            "tries": 0, "turn": 1, "code": "no_address", "changed_at": now,
        }  # fmt: skip
        with self.room.house["partners"].database.writing("network") as connection:
            connection.execute(sa.insert(notices).values(**row))

    def answers(self) -> dict[str, Any]:
        """The answer of every door, asked anew."""
        paths = {name: path.format(partner_id=self.other_id) for name, path in DOORS.items()}
        return {
            name: self.lead.api("GET", path) if "/api" in path else self.lead.page(path) for name, path in paths.items()
        }

    def telling(self, answers: dict[str, Any]) -> set[str]:
        """The doors whose answers hold a word of theirs."""
        return {name for name, answer in answers.items() if any(word in answer.text for word in self.words)}


@pytest.fixture(params=["sqlite", "postgres"])
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seen]:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("partners")
    house = a_house(tmp_path, "partners", **changes)
    yield Seen(Partners(house))
    house.close()


def test_without_any_condition_of_a_read_nothing_of_theirs_is_seen(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    before = seen.answers()
    assert without_conditions(store, monkeypatch) >= 5
    after = seen.answers()
    assert seen.telling(before) == seen.telling(after) == set()
    if seen.room.house["partners"].database.is_sqlite:
        assert {answer.status_code for answer in after.values()} == {500}
        return
    assert [(answer.status_code, without_ids(answer.text)) for answer in after.values()] == [
        (answer.status_code, without_ids(answer.text)) for answer in before.values()
    ]


def test_without_the_second_net_either_it_is_seen_at_every_door(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    without_conditions(store, monkeypatch)
    without_net(seen.room.house["partners"], monkeypatch)
    assert seen.telling(seen.answers()) == DOORS.keys()


def test_no_account_is_opened_at_another_partner(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(key: str) -> int:
        return int(seen.room.open(seen.lead, seen.other_id, "referrer", called="Robin", key=key).status_code)

    assert opened("the first key") == 404
    without_conditions(store, monkeypatch)
    assert opened("the second key") == (500 if seen.room.house["partners"].database.is_sqlite else 404)
    without_net(seen.room.house["partners"], monkeypatch)
    assert opened("the third key") == 201
