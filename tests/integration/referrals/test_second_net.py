"""With every read's own condition taken out, the database itself still keeps one partner's referrals from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.boundary.statements import BOUND_TO
from services.referrals import store
from services.referrals.store import of_partners
from tests.builders import Caller, a_referral, without_ids
from tests.integration.referrals.conftest import AT, Referrals, a_room
from tests.integration.referrals.letters import FEED, Letters
from tests.parts.second_net import without_conditions, without_net

CANARY = "Kanarienvogel"
# Every door of a partner's that shows or counts what is there: as whom, and where, of the other's referral.
DOORS = {
    "the list of the API": ("system", AT),
    "one by the API": ("system", f"{AT}/{{referral_id}}"),
    "the list by stage": ("system", f"{AT}?state=received"),
    "the list on a page, with its counts": ("referrer", "/referrals"),
    "one on a page": ("referrer", "/referrals/{referral_id}"),
    "what was sent": ("referrer", "/referrals/{referral_id}/sent"),
    "the list of its lead": ("lead", "/referrals"),
    "the feed": ("system", FEED),
}


class Seen:
    """What the partner sees at its doors of another partner's referral, and the words that tell of it."""

    def __init__(self, room: Referrals) -> None:
        self.room = room
        room.received(person={"called": "Ours"})
        theirs = room.as_system(room.other_id)
        letter = {"specversion": "1.0", "type": "referral.v1", "source": "theirs", "id": "theirs-1"}
        theirs.api("POST", FEED, letter)
        answer = room.post(a_referral(person={"called": CANARY}), by=theirs).get_json()
        self.referral_id = answer["referral_id"]
        told = theirs.api("GET", FEED).get_json()["messages"]
        assert told
        self.words = (CANARY, self.referral_id, answer["reference"], room.person_of(self.referral_id), told[0]["id"])

    def answers(self) -> Mapping[str, Any]:
        """The answer of every door, asked anew."""
        callers = {
            "system": self.room.system,
            "referrer": self.room.referrer,
            "lead": self.room.as_("partner_lead", partner_id=self.room.partner_id),
        }
        return {name: self._ask(callers[who], path) for name, (who, path) in DOORS.items()}

    def _ask(self, who: Caller, path: str) -> Any:
        path = path.format(referral_id=self.referral_id)
        return who.api("GET", path) if path.startswith("/api") else who.page(path)

    def telling(self, answers: Mapping[str, Any]) -> dict[str, set[str]]:
        """The words of theirs in each answer, those without any left out; the id that was asked for is no news."""
        found = {}
        for name, answer in answers.items():
            asked = {self.referral_id} if "{referral_id}" in DOORS[name][1] else set()
            found[name] = {word for word in {*self.words} - asked if word in answer.text}
        return {name: words for name, words in found.items() if words}


@pytest.fixture(params=["sqlite", "postgres"])
def seen(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("referrals", "partners", "matching", "support")
    room = a_room(tmp_path, **changes)
    yield Seen(room)
    room.close()


def take_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert without_conditions(store, monkeypatch) >= 15
    # The feed's condition stands in its statement.
    every = sa.select(store.outbound).where(store.outbound.c.number > sa.bindparam("after"))
    monkeypatch.setattr(of_partners, "_AFTER", every.limit(sa.bindparam("most")))


def test_without_any_condition_of_a_read_nothing_of_theirs_is_seen(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    before = seen.answers()
    take_out(monkeypatch)
    after = seen.answers()
    assert seen.telling(before) == seen.telling(after) == {}
    if seen.room["referrals"].database.is_sqlite:
        # There the statement is refused as a fault of ours.
        assert {name: answer.status_code for name, answer in after.items()} == dict.fromkeys(DOORS, 500)
        return
    # The lists and counts are what they were, to the byte, and what is theirs is not there.
    assert {name: without_ids(answer.text) for name, answer in after.items()} == {
        name: without_ids(answer.text) for name, answer in before.items()
    }
    assert {name: answer.status_code for name, answer in after.items()} == {
        name: 404 if "{referral_id}" in path else 200 for name, (_who, path) in DOORS.items()
    }


def test_without_the_second_net_either_it_is_seen_at_every_door(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out(monkeypatch)
    without_net(seen.room["referrals"], monkeypatch)
    assert seen.telling(seen.answers()).keys() == DOORS.keys()


def test_without_the_second_net_the_first_holds_alone(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    without_net(seen.room["referrals"], monkeypatch)
    assert seen.telling(seen.answers()) == {}


def test_a_referral_that_would_be_another_partners_is_not_kept(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.referrals.actions import receiving

    made = receiving._referral_row
    monkeypatch.setattr(
        receiving, "_referral_row", lambda unit, *given: {**made(unit, *given), "partner_id": seen.room.other_id}
    )
    assert seen.room.post(a_referral()).status_code == 500
    assert seen.room.count() == 2
    without_net(seen.room["referrals"], monkeypatch)
    assert seen.room.post(a_referral()).status_code == 201


def test_a_message_on_a_partners_topic_is_bound_to_that_partner(
    room: Referrals, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters, bound = Letters(room), []
    tell = store.tell

    def told(unit: Any, *given: Any, **named: Any) -> int:
        bound.append(unit.connection.info[BOUND_TO])
        return tell(unit, *given, **named)

    monkeypatch.setattr(store, "tell", told)
    letters.send()
    letters.send(code=letters.theirs)
    letters.put(b"in clear")
    letters.carry()
    assert sorted(bound) == sorted([room.partner_id, room.partner_id, room.other_id])
