"""A house of the home room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.tables import audit
from contracts import matching, partners, referrals, supervision, support
from services.home.app import create
from tests.builders import MORNING, Caller, TestHouse, a_settings, believing
from tests.integration.home.lists import Line, lines_of
from tests.tellers import SAFE, tellers

# The rooms this one hears, here as tellers.
HEARD = ("partners", "referrals", "matching", "support", "supervision", "reporting")


@dataclass(frozen=True)
class Referred:
    """A person whose referral was told of."""

    person_id: str
    referral_id: str
    own: Caller


class Hall(TestHouse):
    """The home room, told of everything by the other rooms."""

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.coordinator = self.as_("coordinator")
        self.lead = self.as_("network_lead")
        self.partner_id = ""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, room: str, kind: str, stream_id: str, fact: Any) -> None:
        """States a fact as another room would, and carries it."""
        with self[room].writing() as unit:
            unit.state(f"{room}/{kind}/{stream_id}", fact)
        self.quiet()

    def work_of(self, caller: Caller) -> list[Line]:
        """Somebody's work list as their page shows it."""
        answer = caller.page("/work")
        assert answer.status_code == 200
        return lines_of(answer.text)

    def audited(self, action: str) -> list[tuple[str, str | None, str | None]]:
        """The audit rows of an action: who, whose record, and which."""
        with self["home"].reading() as unit:
            rows = unit.connection.execute(sa.select(audit).where(audit.c.action == action).order_by(audit.c.sequence))
            return [(row.who_id, row.subject, row.record) for row in rows]

    # ---- partners ----

    def a_partner(self, name: str = "Kindred Voices") -> str:
        partner_id = self.ids.new()
        self.tell("partners", "partner", partner_id, partners.PartnerJoined(
            partner_id=partner_id, code="kindred", name=name, kind="voluntary", area="north", joined_on=MORNING.date(),
        ))  # fmt: skip
        return partner_id

    def an_account(self, called: str, *of_roles: str, partner_id: str | None = None) -> Caller:
        account_id, partner_id = self.ids.new(), partner_id or self.partner_id
        ring = self["partners"].vault.make(account_id, ["called"])
        self.tell("partners", "account", account_id, partners.AccountOpened(
            account_id=account_id, partner_id=partner_id, called=ring.seal(account_id, "called", called),
            roles=of_roles, opened_at=self.now,
        ))  # fmt: skip
        return self.as_(*of_roles, partner_id=partner_id, id=account_id)

    # ---- referrals ----

    def a_person(self, called: str = "Jordan", due_in_days: int = 2, kept_from: tuple[str, ...] = ()) -> Referred:
        """A person whose referral was received now, and the accounts that must not be told of them."""
        person_id, referral_id = self.ids.new(), self.ids.new()
        ring = self["referrals"].vault.make(person_id, ["called", "reporting", "safety"])
        self.tell("referrals", "person", person_id, referrals.ConsentGiven(
            person_id=person_id, consent_id=self.ids.new(), scope="network", wording_version="1",
            given_on=self.now.date(), expires_on=None,
        ))  # fmt: skip
        self.tell("referrals", "referral", referral_id, referrals.ReferralReceived(
            referral_id=referral_id, person_id=person_id, partner_id=self.partner_id, door="web",
            received_at=self.now, called=ring.seal(person_id, "called", called),
            reporting_id=ring.seal(person_id, "reporting", "r"),
            safety=ring.seal(person_id, "safety", {**SAFE, "conflicts": list(kept_from)}), is_incomplete=False,
            reply_due_at=self.now + timedelta(days=due_in_days),
        ))  # fmt: skip
        return Referred(person_id, referral_id, self.as_person(person_id))

    def of_referral(self, person: Referred, fact_of: type, **more: Any) -> None:
        """States one more fact of a referral."""
        fact = fact_of(referral_id=person.referral_id, person_id=person.person_id, **more)
        self.tell("referrals", "referral", person.referral_id, fact)

    def acknowledge(self, person: Referred) -> None:
        self.of_referral(
            person, referrals.ReferralAcknowledged, acknowledged_at=self.now, by_account_id=self.coordinator.who.id,
            decision_due_at=self.now + timedelta(days=5),
        )  # fmt: skip

    def accept(self, person: Referred, kept_from: tuple[str, ...] = ()) -> None:
        ring = self["referrals"].vault.make(person.person_id, ["called", "needs", "safety"])
        self.of_referral(
            person, referrals.ReferralAccepted, partner_id=self.partner_id, received_at=self.now, accepted_at=self.now,
            **{name: ring.seal(person.person_id, name, "x") for name in ("called", "needs")},
            safety=ring.seal(person.person_id, "safety", {**SAFE, "conflicts": list(kept_from)}),
        )  # fmt: skip

    def waiting(self, called: str = "Jordan") -> Referred:
        """A person who waits for a match."""
        person = self.a_person(called)
        self.acknowledge(person)
        self.accept(person)
        return person

    def protect(self, person: Referred) -> None:
        fact = referrals.PersonProtected(person_id=person.person_id, protected_at=self.now)
        self.tell("referrals", "person", person.person_id, fact)

    def withdraw(self, person: Referred) -> None:
        fact = referrals.ConsentWithdrawn(person_id=person.person_id, consent_id=self.ids.new(), withdrawn_at=self.now)
        self.tell("referrals", "person", person.person_id, fact)

    # ---- matching ----

    def join(self, peer: Any) -> None:
        ring = self["partners"].vault.make(peer.who.id, ["called"])
        joined = matching.PeerJoined(
            peer_id=peer.who.id, partner_id=self.partner_id, called=ring.seal(peer.who.id, "called", "Asha"),
            joined_at=self.now,
        )  # fmt: skip
        self.tell("matching", "peer", peer.who.id, joined)

    def of_match(self, match_id: str, fact: Any) -> None:
        self.tell("matching", "match", match_id, fact)

    def propose(self, person: Referred, *peers: Caller) -> str:
        match_id = self.ids.new()
        self.of_match(match_id, matching.MatchProposed(
            match_id=match_id, referral_id=person.referral_id, person_id=person.person_id,
            peer_ids=tuple(peer.who.id for peer in peers), proposed_at=self.now,
            answer_by=self.now + timedelta(days=3),
        ))  # fmt: skip
        return match_id

    def answer(self, match_id: str, person: Referred, peer: Caller, side: str, said: str) -> None:
        self.of_match(match_id, matching.MatchAnswered(
            match_id=match_id, person_id=person.person_id, peer_id=peer.who.id, side=side, answer=said,
            how="own_page", answered_at=self.now,
        ))  # fmt: skip

    def taster(self, match_id: str, person: Referred, peer: Caller) -> None:
        self.of_match(match_id, matching.TasterHeld(
            match_id=match_id, person_id=person.person_id, peer_id=peer.who.id, held_at=self.now,
        ))  # fmt: skip

    def agree(self, match_id: str, person: Referred, peer: Caller) -> None:
        self.of_match(match_id, matching.MatchAgreed(
            match_id=match_id, referral_id=person.referral_id, person_id=person.person_id, peer_id=peer.who.id,
            partner_id=self.partner_id, agreed_at=self.now,
        ))  # fmt: skip

    def release(self, match_id: str, person: Referred, code: str, peer: Caller | None = None) -> None:
        self.of_match(match_id, matching.MatchReleased(
            match_id=match_id, referral_id=person.referral_id, person_id=person.person_id,
            peer_id=peer.who.id if peer else None, code=code, released_at=self.now,
        ))  # fmt: skip

    def agreed(self, person: Referred, peer: Caller) -> str:
        """A match both said yes to."""
        match_id = self.propose(person, peer)
        self.answer(match_id, person, peer, "peer", "could")
        self.answer(match_id, person, peer, "person", "yes")
        self.taster(match_id, person, peer)
        self.answer(match_id, person, peer, "person", "yes")
        self.answer(match_id, person, peer, "peer", "yes")
        self.agree(match_id, person, peer)
        return match_id

    # ---- support ----

    def start(self, match_id: str, person: Referred, peer: Caller, days: int = 120) -> str:
        support_id = self.ids.new()
        self.tell("support", "support", support_id, support.SupportStarted(
            support_id=support_id, match_id=match_id, referral_id=person.referral_id, person_id=person.person_id,
            peer_id=peer.who.id, started_on=self.now.date(),
            agreed_end_on=self.now.date() + timedelta(days=days),
        ))  # fmt: skip
        return support_id

    def of_pair(self, fact_of: type, support_id: str, person: Referred, peer: Caller, **more: Any) -> None:
        fact = fact_of(support_id=support_id, person_id=person.person_id, peer_id=peer.who.id, **more)
        self.tell("support", "support", support_id, fact)

    def end(self, support_id: str, match_id: str, person: Referred, peer: Caller, *, wants_return: bool) -> None:
        self.of_pair(
            support.SupportEnded, support_id, person, peer, match_id=match_id, referral_id=person.referral_id,
            ended_on=self.now.date(), ending="planned", agreed_by="both", contacts_made_count=8,
            connections_alive_count=1, wants_return=wants_return,
        )  # fmt: skip

    # ---- supervision ----

    def owe(self, peer: Any, supervisor: Any, days: int) -> None:
        self.tell("supervision", "peer", peer.who.id, supervision.SupervisionDue(
            peer_id=peer.who.id, partner_id=self.partner_id, supervisor_id=supervisor.who.id, kind="line",
            due_at=MORNING + timedelta(days=days),
        ))  # fmt: skip

    def plan(self, peer: Any, supervisor: Any, days: int, *, due: int) -> str:
        session_id = self.ids.new()
        self.tell("supervision", "session", session_id, supervision.SupervisionPlanned(
            session_id=session_id, peer_id=peer.who.id, supervisor_id=supervisor.who.id, kind="line",
            starts_at=MORNING + timedelta(days=days), due_at=MORNING + timedelta(days=due),
        ))  # fmt: skip
        return session_id

    def a_worry(self, owner: Any, raiser: Any) -> str:
        concern_id = self.ids.new()
        self.tell("supervision", "concern", concern_id, supervision.ConcernRaised(
            concern_id=concern_id, level=2, owner_id=owner.who.id if owner else None, raised_by_id=raiser.who.id,
            acknowledge_by=self.now + timedelta(hours=4), raised_at=self.now,
        ))  # fmt: skip
        return concern_id


def open_hall(data: Path, **changes: Any) -> Hall:
    """Opens the house in a folder."""
    clock, ids = HandClock(MORNING), SeededIds(13)
    creators: dict[str, Any] = {"home": create, **tellers(*HEARD)}
    return Hall(
        open_house(a_settings(data, **changes), creators, lambda _path: "home", **believing(clock=clock, ids=ids)),
        clock,
        ids,
    )


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every table made and nothing in it, for each test to start from a copy."""
    data: Path = tmp_path_factory.mktemp("empty")
    open_hall(data).close()
    return data


@pytest.fixture
def hall(tmp_path: Path, empty_folder: Path) -> Iterator[Hall]:
    """The home room alone, with a teller for every other room."""
    shutil.copytree(empty_folder, tmp_path, dirs_exist_ok=True)
    made = open_hall(tmp_path)
    made.partner_id = made.a_partner()
    yield made
    made.close()


@pytest.fixture
def hall_on_postgres(tmp_path: Path, postgres: Any) -> Iterator[Hall]:
    """The same on a real PostgreSQL."""
    made = open_hall(tmp_path / "postgres", database_url=postgres.of("home", *HEARD))
    made.partner_id = made.a_partner()
    yield made
    made.close()


@pytest.fixture
def asha(hall: Hall) -> Any:
    """A peer who joined and said what they take."""
    peer = hall.an_account("Asha", "peer")
    hall.join(peer)
    stated = matching.CapacityStated(peer_id=peer.who.id, places=2, stated_at=hall.now)
    hall.tell("matching", "peer", peer.who.id, stated)
    return peer
