"""A house of the supervision room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.tables import audit, facts
from contracts import matching, partners, referrals, support, worries
from services.supervision.app import create
from tests.builders import MORNING, Caller, TestHouse, a_settings, believing
from tests.tellers import SAFE, tellers

# The rooms this one hears, here as tellers.
HEARD = ("partners", "referrals", "matching", "support")
WELL = {"conduct_accepted_on": "2026-01-05", "check_valid_until": "2027-01-01", "training_valid_until": "2026-09-01"}


class Supervision(TestHouse):
    """The supervision room with accounts, peers and people, told of by the other rooms."""

    well = WELL

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.partner_id = self.a_partner("Kindred Voices")

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, room: str, stream: str, fact: Any) -> None:
        """States a fact as another room would, and carries it."""
        with self[room].writing() as unit:
            unit.state(stream, fact)
        self.quiet()

    def a_partner(self, name: str) -> str:
        partner_id = self.ids.new()
        fact = partners.PartnerJoined(
            partner_id=partner_id, code=name.split()[0].lower(), name=name, kind="voluntary", area="north",
            joined_on=MORNING.date(),
        )  # fmt: skip
        self.tell("partners", f"partners/partner/{partner_id}", fact)
        return partner_id

    def an_account(self, called: str, *held: str, partner_id: str | None = None) -> Caller:
        """Somebody with an account in these roles, signed in."""
        account_id, of = self.ids.new(), partner_id or self.partner_id
        ring = self["partners"].vault.make(account_id, ["called"])
        fact = partners.AccountOpened(
            account_id=account_id, partner_id=of, called=ring.seal(account_id, "called", called), roles=held,
            opened_at=self.now,
        )  # fmt: skip
        self.tell("partners", f"partners/account/{account_id}", fact)
        return self.as_(*held, partner_id=of, id=account_id)

    def a_peer(self, called: str = "Asha", partner_id: str | None = None) -> Caller:
        """A peer who joined."""
        peer = self.an_account(called, "peer", partner_id=partner_id)
        ring = self["partners"].vault.make(peer.who.id, ["called"])
        fact = matching.PeerJoined(
            peer_id=peer.who.id, partner_id=partner_id or self.partner_id,
            called=ring.seal(peer.who.id, "called", called), joined_at=self.now,
        )  # fmt: skip
        self.tell("matching", f"matching/peer/{peer.who.id}", fact)
        return peer

    def a_person(
        self, called: str = "Jordan", peer: Caller | None = None, kept_from: tuple[str, ...] = (), *,
        person_id: str = "", is_forgotten: bool = False,
    ) -> str:  # fmt: skip
        """A person whose referral is heard of, forgotten before that or not; supported by a peer when one is given."""
        person_id, referral_id = person_id or self.ids.new(), self.ids.new()
        ring = self["referrals"].vault.make(person_id, ["called", "reporting", "safety", "worry"])
        fact = referrals.ReferralReceived(
            referral_id=referral_id, person_id=person_id, partner_id=self.partner_id, door="web",
            received_at=self.now, called=ring.seal(person_id, "called", called),
            reporting_id=ring.seal(person_id, "reporting", "r"),
            safety=ring.seal(person_id, "safety", {**SAFE, "conflicts": list(kept_from)}), is_incomplete=False,
        )  # fmt: skip
        if is_forgotten:
            self.forget_keys_of(person_id)
        self.tell("referrals", f"referrals/referral/{referral_id}", fact)
        if peer is not None:
            self.support(person_id, peer)
        return person_id

    def accept(self, person_id: str, kept_from: tuple[str, ...] = (), called: str = "Jordan") -> None:
        """Their referral is accepted, with the accounts that must not be told of them by then."""
        referral_id = self.ids.new()
        ring = self["referrals"].vault.make(person_id, ["called", "needs", "safety"])
        fact = referrals.ReferralAccepted(
            referral_id=referral_id, person_id=person_id, partner_id=self.partner_id, received_at=self.now,
            accepted_at=self.now, called=ring.seal(person_id, "called", called),
            needs=ring.seal(person_id, "needs", {}),
            safety=ring.seal(person_id, "safety", {**SAFE, "conflicts": list(kept_from)}),
        )  # fmt: skip
        self.tell("referrals", f"referrals/referral/{referral_id}", fact)

    def support(self, person_id: str, peer: Caller) -> str:
        """A support that began; gives its id."""
        support_id = self.ids.new()
        fact = support.SupportStarted(
            support_id=support_id, match_id=self.ids.new(), referral_id=self.ids.new(), person_id=person_id,
            peer_id=peer.who.id, started_on=self.now.date(), agreed_end_on=self.now.date() + timedelta(days=120),
        )  # fmt: skip
        self.tell("support", f"support/support/{support_id}", fact)
        return support_id

    def pause(self, peer: Caller) -> None:
        fact = matching.PeerPaused(peer_id=peer.who.id, paused_at=self.now)
        self.tell("matching", f"matching/peer/{peer.who.id}", fact)

    def resume(self, peer: Caller) -> None:
        fact = matching.PeerResumed(peer_id=peer.who.id, resumed_at=self.now)
        self.tell("matching", f"matching/peer/{peer.who.id}", fact)

    def clear(self, peer: Caller, by: Caller, **changes: Any) -> Any:
        answer = by.api("PUT", f"/api/v1/supervision/peers/{peer.who.id}/standing", {**WELL, **changes})
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def plan(self, peer: Caller, by: Caller, in_days: float = 1, kind: str = "line") -> Any:
        """A session planned through the API; gives it."""
        body = {"starts_at": (self.now + timedelta(days=in_days)).isoformat(), "kind": kind}
        answer = by.api("POST", f"/api/v1/supervision/peers/{peer.who.id}/sessions", body)
        assert answer.status_code == 201, answer.get_json()
        return answer.get_json()

    def confirm(self, session: Any, *both: Caller) -> Any:
        for one in both:
            answer = one.api("POST", f"/api/v1/supervision/sessions/{session['session_id']}/confirmation")
            assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def decline(self, peer: Caller, session: Any, because: str = "own_choice") -> None:
        body = {"because": because}
        answer = peer.api("POST", f"/api/v1/supervision/sessions/{session['session_id']}/declining", body)
        assert answer.status_code == 200, answer.get_json()

    def mine(self, peer: Caller) -> Any:
        return peer.api("GET", "/api/v1/supervision/mine").get_json()

    # ---- worries

    def a_worry(
        self, level: int, *, about: str = "person", about_id: str | None = None, room: str = "referrals",
        raised_by: str = "referrer", raised_by_id: str = "", words: str = "He sounded hopeless.", at: Any = None,
        safety: str | None = None,
    ) -> worries.WorryRaised:  # fmt: skip
        """A worry raised in another room, about a person when nothing else is said."""
        worry_id = self.ids.new()
        about_id = about_id or (self.a_person() if about == "person" else None)
        raiser = raised_by_id or self.ids.new()
        owner = about_id if about == "person" and about_id else raiser
        ring = self[room].vault.make(owner, ["worry"])
        fact = worries.WorryRaised(
            worry_id=worry_id, about=about, about_id=about_id, raised_by=raised_by, raised_by_id=raiser, level=level,
            raised_at=at or self.now, words=ring.seal(owner, "worry", words), safety=safety,
        )  # fmt: skip
        self.tell(room, f"{room}/worry/{worry_id}", fact)
        return fact

    def list_of(self, who: Caller) -> list[Any]:
        """The open worries somebody owns."""
        found: list[Any] = who.api("GET", "/api/v1/concerns").get_json()
        return found

    def do(self, who: Caller, concern_id: str, what: str, body: Any = None) -> int:
        return who.api("POST", f"/api/v1/concerns/{concern_id}/{what}", body).status_code

    # ---- what was stated and written down

    def facts(self, kind: str) -> list[Any]:
        """What the room stated of one kind, as it travels."""
        with self["supervision"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}%")).order_by(facts.c.stated_at, facts.c.number)
            return [json.loads(row.body) for row in unit.connection.execute(query)]

    def all_that_was_said(self) -> str:
        """Every byte of every fact the room stated."""
        with self["supervision"].reading() as unit:
            return " ".join(row.headers + str(row.body) for row in unit.connection.execute(sa.select(facts)))

    def audited(self, action: str, who: Caller | None = None) -> list[Any]:
        """The audit rows of one action, of somebody when they are named."""
        with self["supervision"].reading() as unit:
            query = sa.select(audit).where(audit.c.action == action).order_by(audit.c.sequence)
            query = query.where(audit.c.who_id == who.who.id) if who else query
            return list(unit.connection.execute(query).all())

    def tick(self) -> int:
        done = int(self["supervision"].tick())
        self.quiet()
        return done

    def go(self, at: datetime | None = None, **parts: float) -> None:
        """Moves the clock on."""
        self.clock.move_to(at) if at else self.clock.advance(**parts)

    @property
    def today(self) -> date:
        return self.now.date()


def a_room(data: Path, **changes: Any) -> Supervision:
    clock, ids = HandClock(MORNING), SeededIds(13)
    creators: dict[str, Any] = {"supervision": create, **tellers(*HEARD)}
    house = open_house(
        a_settings(data, **changes), creators, lambda _path: "supervision", **believing(clock=clock, ids=ids)
    )
    return Supervision(house, clock, ids)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Supervision]:
    """The supervision room alone, with tellers for the rooms it hears."""
    made = a_room(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def room_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Supervision]:
    """The supervision room on SQLite, and on a real PostgreSQL."""
    changes = {}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("supervision", *HEARD)
    made = a_room(tmp_path, **changes)
    yield made
    made.close()


@pytest.fixture
def staff(room: Supervision) -> dict[str, Caller]:
    """One of each who answers worries."""
    return {
        "supervisor": room.an_account("Sam", "supervisor"),
        "coordinator": room.an_account("Cora", "coordinator"),
        "safeguarding_lead": room.an_account("Sade", "safeguarding_lead"),
        "network_lead": room.an_account("Nia", "network_lead"),
    }
