"""A house of the support room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.tables import audit, facts
from contracts import matching, referrals
from services.support.app import create
from tests.builders import MORNING, Caller, TestHouse, a_settings, believing
from tests.tellers import SAFE, tellers

# The rooms this one hears, here as tellers.
HEARD = ("matching", "referrals")


@dataclass(frozen=True)
class Pair:
    """A person and a peer who both said yes, each at their own doors."""

    person_id: str
    peer_id: str
    referral_id: str
    match_id: str
    person: Caller
    peer: Caller
    support_id: str = ""

    @property
    def at(self) -> str:
        """Where the API keeps their support."""
        return f"/api/v1/supports/{self.support_id}"

    @property
    def page(self) -> str:
        """Where the peer sees it."""
        return f"/support/{self.support_id}"


class Support(TestHouse):
    """The support room with ordinary pairs, told of by the other rooms."""

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.coordinator = self.as_("coordinator")

    def tell(self, stream: str, fact: Any, *, requires: tuple[str, ...] = (), carry: bool = True) -> str:
        """States a fact as the room that owns its stream would, and carries it; gives its place."""
        with self[stream.split("/")[0]].writing() as unit:
            place = unit.state(stream, fact, requires=requires)
        if carry:
            self.quiet()
        return str(place)

    def agreed(self, person: str = "Jordan", peer: str = "Asha", kept_from: tuple[str, ...] = ()) -> Pair:
        """A pair that both said yes and has not begun, and the accounts that must not be told of the person."""
        person_id, peer_id = self.a_person(person, kept_from), self.a_peer(peer)
        return self.agree(person_id, peer_id)

    def a_person(self, called: str, kept_from: tuple[str, ...] = (), *, is_forgotten: bool = False) -> str:
        """A person whose referral is heard of, forgotten before that or not; whom they are kept from is sealed."""
        person_id = self.ids.new()
        ring = self["referrals"].vault.make(person_id, ["called", "reporting", "safety"])
        fact = referrals.ReferralReceived(
            referral_id=self.ids.new(), person_id=person_id, partner_id=self.ids.new(), door="web",
            received_at=self.clock.now(), called=ring.seal(person_id, "called", called),
            reporting_id=ring.seal(person_id, "reporting", self.ids.new()),
            safety=ring.seal(person_id, "safety", {**SAFE, "conflicts": list(kept_from)}), is_incomplete=False,
        )  # fmt: skip
        if is_forgotten:
            self.forget_keys_of(person_id)
        self.tell(f"referrals/referral/{fact.referral_id}", fact)
        return person_id

    def accept(self, person_id: str, kept_from: tuple[str, ...] = (), called: str = "Jordan") -> None:
        """Their referral is accepted, with the accounts that must not be told of them by then."""
        ring = self["referrals"].vault.make(person_id, ["called", "needs", "safety"])
        fact = referrals.ReferralAccepted(
            referral_id=self.ids.new(), person_id=person_id, partner_id=self.ids.new(), received_at=self.clock.now(),
            accepted_at=self.clock.now(), called=ring.seal(person_id, "called", called),
            needs=ring.seal(person_id, "needs", {}),
            safety=ring.seal(person_id, "safety", {**SAFE, "conflicts": list(kept_from)}),
        )  # fmt: skip
        self.tell(f"referrals/referral/{fact.referral_id}", fact)

    def a_peer(self, called: str) -> str:
        peer_id = self.ids.new()
        # A peer's name is sealed where their account was opened.
        ring = self["referrals"].vault.make(peer_id, ["called"])
        fact = matching.PeerJoined(
            peer_id=peer_id, partner_id=self.ids.new(), called=ring.seal(peer_id, "called", called),
            joined_at=self.clock.now(),
        )  # fmt: skip
        self.tell(f"matching/peer/{peer_id}", fact)
        return peer_id

    def agree(self, person_id: str, peer_id: str) -> Pair:
        fact = matching.MatchAgreed(
            match_id=self.ids.new(), referral_id=self.ids.new(), person_id=person_id, peer_id=peer_id,
            partner_id=self.ids.new(), agreed_at=self.clock.now(),
        )  # fmt: skip
        self.tell(f"matching/match/{fact.match_id}", fact)
        peer = self.as_("peer", id=peer_id)
        found = [one for one in peer.api("GET", "/api/v1/supports").get_json() if one["match_id"] == fact.match_id]
        return Pair(
            person_id, peer_id, fact.referral_id, fact.match_id, self.as_person(person_id), peer,
            found[0]["support_id"] if found else "",
        )  # fmt: skip

    def begun(
        self, person: str = "Jordan", peer: str = "Asha", kept_from: tuple[str, ...] = (), **body: Any
    ) -> Pair:  # fmt: skip
        """A pair whose support is under way."""
        pair = self.agreed(person, peer, kept_from)
        answer = pair.peer.api("POST", f"{pair.at}/start", body)
        assert answer.status_code == 200, answer.get_json()
        self.quiet()
        return pair

    def connection(self, pair: Pair, what: str = "The choir on Tuesdays", *steps: str, kind: str = "group") -> str:
        """A connection of a pair, moved on some steps; gives its id."""
        made = pair.peer.api("POST", f"{pair.at}/connections", {"kind": kind, "what": what})
        assert made.status_code == 201, made.get_json()
        connection_id = str(made.get_json()["connection_id"])
        for state in steps:
            answer = pair.peer.api("POST", f"{pair.at}/connections/{connection_id}/moves", {"state": state})
            assert answer.status_code == 201, answer.get_json()
        return connection_id

    def contact(self, pair: Pair, kind: str = "made", mode: str = "phone", key: str = "", **more: Any) -> Any:
        """Records a contact; gives the answer of the door."""
        body = {"kind": kind, "mode": mode, **more}
        return pair.peer.api("POST", f"{pair.at}/contacts", body, Idempotency_Key=key or self.ids.new())

    def shown(self, pair: Pair) -> Any:
        """The support as its peer's API gives it."""
        return pair.peer.api("GET", pair.at).get_json()

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """What the room stated of one kind, as it travels."""
        with self["support"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}%")).order_by(facts.c.stated_at, facts.c.number)
            return [json.loads(row.body) for row in unit.connection.execute(query)]

    def audited(self, **same: Any) -> list[Any]:
        """The audit rows with these columns."""
        with self["support"].reading() as unit:
            query = sa.select(audit).where(*(audit.c[name] == value for name, value in same.items()))
            return list(unit.connection.execute(query.order_by(audit.c.sequence)))


def a_room(data: Path, **changes: Any) -> Support:
    clock, ids = HandClock(MORNING), SeededIds(13)
    creators: dict[str, Any] = {"support": create, **tellers(*HEARD)}
    house = open_house(
        a_settings(data, **changes), creators, lambda _path: "support", **believing(clock=clock, ids=ids)
    )
    return Support(house, clock, ids)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Support]:
    """The support room alone, with tellers for the rooms it hears."""
    made = a_room(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def room_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Support]:
    """The support room on SQLite, and on a real PostgreSQL."""
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("support", *HEARD)
    made = a_room(tmp_path, **changes)
    yield made
    made.close()
