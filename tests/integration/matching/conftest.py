"""A house of the matching room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from contracts import partners, referrals, supervision
from services.matching.app import create
from tests.builders import MORNING, Caller, TestHouse, a_settings, believing
from tests.tellers import tellers

# The rooms this one hears, here as tellers.
HEARD = ("partners", "referrals", "supervision", "support")


NEEDS: dict[str, Any] = {
    "area": "north",
    "language": "en",
    "other_languages": [],
    "interpreter": False,
    "times": ["weekday_morning", "weekend"],
    "mode": "any",
    "peer_gender": "",
    "age_band": "35-44",
    "themes": ["depression", "hospital"],
}
LIMITS: dict[str, Any] = {
    "places": 2,
    "areas": ["north", "city"],
    "modes": ["in_person", "phone"],
    "times": ["weekday_morning"],
    "languages": ["en"],
}


class Matching(TestHouse):
    """The matching room with ordinary peers and people, told of by the other rooms."""

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.coordinator = self.as_("coordinator")
        self.partner_id = ids.new()
        self.tell("partners", f"partners/partner/{self.partner_id}", partners.PartnerJoined(
            partner_id=self.partner_id, code="kindred", name="Kindred Voices", kind="voluntary", area="north",
            joined_on=MORNING.date(),
        ))  # fmt: skip
        self.lead = self.as_("partner_lead", partner_id=self.partner_id)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, room: str, stream: str, fact: Any) -> None:
        """States a fact as another room would, and carries it."""
        with self[room].writing() as unit:
            unit.state(stream, fact)
        self.quiet()

    def an_account(self, called: str = "Asha", partner_id: str | None = None, role: str = "peer") -> str:
        account_id = self.ids.new()
        ring = self["partners"].vault.make(account_id, ["called"])
        fact = partners.AccountOpened(
            account_id=account_id, partner_id=partner_id or self.partner_id,
            called=ring.seal(account_id, "called", called),
            roles=(role,), opened_at=self.now,
        )  # fmt: skip
        self.tell("partners", f"partners/account/{account_id}", fact)
        return account_id

    def a_peer(
        self, called: str = "Asha", entries: dict[str, str] | None = None, *, cleared: bool = True, **limits: Any
    ) -> Caller:
        """A peer who joined, said what they take, and was cleared."""
        peer_id = self.an_account(called)
        assert self.lead.api("POST", "/api/v1/peers", {"account_id": peer_id}).status_code == 201
        peer = self.as_("peer", partner_id=self.partner_id, id=peer_id)
        assert peer.api("PUT", "/api/v1/peers/me/limits", {**LIMITS, **limits}).status_code == 204
        if entries is not None:
            self.say_experience(peer, entries)
        if cleared:
            self.clear(peer_id)
        return peer

    def say_experience(self, peer: Caller, entries: dict[str, str]) -> None:
        body = {"entries": [{"theme": theme, "level": level} for theme, level in entries.items()]}
        assert peer.api("PUT", "/api/v1/peers/me/experience", body).status_code == 204

    def clear(self, peer_id: str) -> None:
        self.tell(
            "supervision", f"supervision/peer/{peer_id}", supervision.PeerCleared(peer_id=peer_id, cleared_at=self.now)
        )

    def hold_back(self, peer_id: str) -> None:
        fact = supervision.PeerHeldBack(peer_id=peer_id, held_back_at=self.now, code="training")
        self.tell("supervision", f"supervision/peer/{peer_id}", fact)

    def a_person(
        self,
        called: str = "Jordan",
        *,
        days_ago: int = 3,
        conflicts: tuple[str, ...] = (),
        note: str = "none",
        **needs: Any,
    ) -> referrals.ReferralAccepted:
        """A person whose referral was accepted now, `days_ago` days after it came in."""
        person_id, referral_id = self.ids.new(), self.ids.new()
        ring = self["referrals"].vault.make(person_id, ["called", "needs", "safety"])
        fact = referrals.ReferralAccepted(
            referral_id=referral_id,
            person_id=person_id,
            partner_id=self.partner_id,
            received_at=self.now - timedelta(days=days_ago),
            accepted_at=self.now,
            called=ring.seal(person_id, "called", called),
            needs=ring.seal(person_id, "needs", {**NEEDS, **needs}),
            safety=ring.seal(person_id, "safety", {"conflicts": list(conflicts), "note_code": note}),
        )
        self.tell("referrals", f"referrals/referral/{referral_id}", fact)
        return fact

    def offer(self, person: referrals.ReferralAccepted, *peers: Caller, **more: Any) -> Any:
        """Proposes peers for a person; gives the match as the API answers it."""
        body = {"referral_id": person.referral_id, "peer_ids": [peer.who.id for peer in peers], **more}
        answer = self.coordinator.api("POST", "/api/v1/matches", body)
        assert answer.status_code == 201, answer.get_json()
        return answer.get_json()

    def record(self, match: Any, peer: Caller, side: str, said: str) -> Any:
        """Records one answer through the API; gives the answer of the door."""
        body = {"peer_id": peer.who.id, "side": side, "answer": said, "how": "by_phone"}
        return self.coordinator.api("POST", f"/api/v1/matches/{match['match_id']}/answers", body)

    def chosen(self, person: referrals.ReferralAccepted, peer: Caller) -> Any:
        """A match in which the person chose this one peer."""
        match = self.offer(person, peer)
        assert self.record(match, peer, "peer", "could").status_code == 201
        answer = self.record(match, peer, "person", "yes")
        assert answer.status_code == 201, answer.get_json()
        return answer.get_json()

    def agreed(self, person: referrals.ReferralAccepted, peer: Caller) -> Any:
        """A match both said yes to after a taster."""
        at = f"/api/v1/matches/{self.chosen(person, peer)['match_id']}"
        assert self.coordinator.api("POST", f"{at}/taster", {"peer_id": peer.who.id}).status_code == 201
        answer = self.coordinator.api("POST", f"{at}/agreement", {"person_yes": True, "peer_yes": True})
        assert answer.status_code == 201, answer.get_json()
        return answer.get_json()

    def match(self, match: Any) -> Any:
        return self.coordinator.api("GET", f"/api/v1/matches/{match['match_id']}").get_json()

    def waiting(self, area: str = "") -> list[Any]:
        found: list[Any] = self.coordinator.api("GET", f"/api/v1/matches/waiting?area={area}").get_json()
        return found

    def shortlist(self, person: referrals.ReferralAccepted) -> Any:
        return self.coordinator.api("GET", f"/api/v1/matches/shortlist/{person.referral_id}").get_json()

    def facts(self, kind: str) -> list[Any]:
        """What the room stated of one kind, as it travels."""
        import json

        import sqlalchemy as sa

        from chassis.tables import facts

        with self["matching"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}%")).order_by(facts.c.stated_at, facts.c.number)
            return [json.loads(row.body) for row in unit.connection.execute(query)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Matching]:
    """The matching room alone, with tellers for the rooms it hears."""
    clock, ids = HandClock(MORNING), SeededIds(11)
    creators: dict[str, Any] = {"matching": create, **tellers(*HEARD)}
    house = open_house(a_settings(tmp_path), creators, lambda _path: "matching", **believing(clock=clock, ids=ids))
    made = Matching(house, clock, ids)
    yield made
    made.close()
