"""The network at one moment, with something at every stage that a door can act on; the same on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import tables
from chassis.clock import HandClock
from chassis.house import House, open_house
from chassis.service import Service
from contracts.addresses import SERVICES, owner_of
from services.__main__ import ROOMS
from services.referrals.store.tables import looks
from tests.builders import MORNING, Caller, a_referral, a_settings, believing
from tests.end_to_end.conftest import Network
from tests.fuzz import signing_in
from tests.fuzz.held import CaseIds, Held

KEEPERS = ("keeper", "second_keeper")
STREAM, RECORD, GIVEN_UP = "partners/partner/parked-here", "elsewhere/0", "partners/partner/given-up-here"
PLACE = 3


class World(Network):
    """A house of all rooms with a story of its own, held at its end; `at` names what a path can lead to."""

    def __init__(self, house: House, clock: HandClock, ids: CaseIds) -> None:
        super().__init__(house, clock, ids, [])
        self.case_ids = ids
        self.at: dict[str, str] = {}
        self._tell()
        self.held = Held(house)

    # ---- the story

    def _tell(self) -> None:
        self.begin()
        people = self.people
        people["privacy"], people["nobody"] = self.as_("privacy_officer"), self.as_nobody()
        for keeper in KEEPERS:
            people[keeper] = self.as_("network_lead")
        kindred = people["kindred_lead"].who.partner_id or ""
        self.at |= {"partner": people["referrer"].who.partner_id or "", "kindred": kindred}
        for name in ("bela", "chidi", "dana", "edda", "farid"):
            self._account(name, kindred, "peer")
            self._peer(name, {"depression": "shown_at_match"})
        self._account("gwen", kindred, "peer")
        waits = {"called": "Hal", "roles": ["referrer"]}
        at = f"/api/v1/partners/{self.at['partner']}/accounts"
        self.at["asking"] = self.post("lead", at, waits, Idempotency_Key="an account that waits")["asking_id"]
        both = self.post("lead", at, {**waits, "roles": ["referrer", "partner_lead"]}, Idempotency_Key="two roles")
        self.post("second", f"{at.removesuffix('/accounts')}/askings/{both['asking_id']}/confirmation")
        self.at["two_roles"] = both["account_id"]
        conduct = {"words": "We walk beside each other.", "in_force_on": MORNING.date().isoformat()}
        self.post("lead", "/api/v1/partners/conduct", conduct, Idempotency_Key="the code of conduct")
        self.at |= {name: people[name].who.id for name in ("referrer", "safeguarding")}
        self.quiet()
        self._referrals()
        self._matches()
        self._supports()
        self._supervision()
        signing_in.tell(self)
        self._look()
        for service in self.house.services.values():
            self._sets_aside(service)
        self.quiet()

    def _referrals(self) -> None:
        for name in (
            "received",
            "acknowledged",
            "undated",
            "accepted",
            "offered",
            "could",
            "chosen",
            "met",
            "agreed",
            "active",
            "resting",
            "protected",
        ):
            person = {"name": f"{name.title()} Okafor", "called": name.title()}
            asked = a_referral(person={**person, "birth_date": None} if name == "undated" else person)
            made = self.post("system", "/api/v1/referrals", asked, Idempotency_Key=f"referral-{name}")
            at = f"/api/v1/referrals/{made['referral_id']}"
            self.at[name] = made["referral_id"]
            self.at[f"{name}_person"] = self.get("coordinator", at)["person_id"]
            people = self.people
            people[f"{name}_person"] = self.as_person(self.at[f"{name}_person"])
            if name != "received":
                self.post("coordinator", f"{at}/acknowledgement")
            if name not in {"received", "acknowledged", "undated"}:
                self.post("coordinator", f"{at}/acceptance")
        self.post("coordinator", f"/api/v1/referrals/people/{self.at['protected_person']}/protection")
        self.clock.advance(days=1)
        self.quiet()

    def _matches(self) -> None:
        for name, peer in (
            ("offered", "asha"),
            ("could", "asha"),
            ("chosen", "bela"),
            ("met", "chidi"),
            ("agreed", "dana"),
            ("active", "edda"),
            ("resting", "farid"),
        ):
            peer_id = self.people[peer].who.id
            self.at[f"{name}_peer"] = peer_id
            asked = {"referral_id": self.at[name], "peer_ids": [peer_id], "has_asked": True}
            self.at[f"{name}_match"] = self.post("coordinator", "/api/v1/matches", asked)["match_id"]
            self._goes_on(name, peer_id, f"/api/v1/matches/{self.at[f'{name}_match']}")
        self.quiet()

    def _goes_on(self, name: str, peer_id: str, at: str) -> None:
        if name == "offered":
            return
        self.post("coordinator", f"{at}/answers", {"peer_id": peer_id, "side": "peer", "answer": "could"})
        if name == "could":
            return
        self.post("coordinator", f"{at}/answers", {"peer_id": peer_id, "side": "person", "answer": "yes"})
        if name == "chosen":
            return
        self.post("coordinator", f"{at}/taster", {"peer_id": peer_id})
        if name != "met":
            self.post("coordinator", f"{at}/agreement", {"person_yes": True, "peer_yes": True})

    def _supports(self) -> None:
        for name, peer in (("agreed", "dana"), ("active", "edda"), ("resting", "farid")):
            (support,) = self.get(peer, "/api/v1/supports")
            at = f"/api/v1/supports/{support['support_id']}"
            self.at[f"{name}_support"] = support["support_id"]
            if name != "agreed":
                self.post(peer, f"{at}/start", {})
            if name == "active":
                moment = (self.clock.now() + timedelta(days=3)).isoformat()
                planned = self.post(peer, f"{at}/meetings", {"starts_at": moment, "mode": "phone"})
                found = self.post(peer, f"{at}/connections", {"kind": "group", "what": "A choir"})
                self.at |= {"meeting": planned["meeting_id"], "connection": found["connection_id"]}
            if name == "resting":
                self.post(peer, f"{at}/pause", {})
        self.quiet()

    def _supervision(self) -> None:
        for name, peer, days in (("past", "asha", -1), ("coming", "bela", 5)):
            moment = (self.clock.now() + timedelta(days=days)).isoformat()
            at = f"/api/v1/supervision/peers/{self.people[peer].who.id}/sessions"
            self.at[f"{name}_session"] = self.post("supervisor", at, {"starts_at": moment})["session_id"]
            self.at[f"{name}_peer"] = self.people[peer].who.id
        asked = {"level": 3, "about": "other", "words": "Something does not feel right."}
        for name in ("raised", "taken"):
            self.at[f"{name}_concern"] = self.post("referrer", "/api/v1/concerns", asked)["concern_id"]
        self.post("safeguarding", f"/api/v1/concerns/{self.at['taken_concern']}/acknowledgement")
        # Whoever is asked to take a worry over.
        self._account("second_safeguarding", self.at["kindred"], "safeguarding_lead")
        self.quiet()

    def _look(self) -> None:
        """A look that stands out, which the privacy officer may settle."""
        self.at["look"] = self.ids.new()
        row = {
            "look_id": self.at["look"], "pattern": "colleague", "account_id": self.people["coordinator"].who.id,
            "partner_id": self.at["partner"], "roles": "coordinator", "person_id": self.at["accepted_person"],
            "purpose": "referral.read", "state": "open",
            **dict.fromkeys(("seen_at", "last_seen_at", "flagged_at"), self.clock.now()),
        }  # fmt: skip
        with self.house.services["referrals"].database.writing("network") as connection:
            connection.execute(sa.insert(looks).values(**row))

    def _sets_aside(self, service: Service) -> None:
        """Something of each kind is set aside, and something is asked about one of it that another may confirm."""
        now, of = self.clock.now(), service.name
        fact = {"fact_id": "a fact", "type": "partner.joined.v1", "subject": "somebody"}
        stuck = {**fact, "reason": "VersionUnknown", "detail": "x", "fences": True}
        unread = {
            "reason": "EnvelopeUnreadable",
            "headers": "[]",
            "body": b"x",
            "since": now,
            "partition": 0,
            "topic": "elsewhere",
        }
        rows: list[tuple[sa.Table, dict[str, Any]]] = [
            *((tables.parked,
            {**stuck, "stream": stream, "number": PLACE, "is_urgent": True, "attempts": 1,
            "since": now}) for stream in (STREAM, f"{STREAM}-2")),
            *((tables.unreadable, {**unread, "place": place}) for place in (PLACE, PLACE + 1)),
            (tables.given_up,
            {**stuck, "stream": GIVEN_UP, "number": PLACE, "headers": "{}", "body": b"x", "asking_id": self.ids.new(),
            "at": now}),
        ]  # fmt: skip
        with service.database.writing() as connection:
            for table, row in rows:
                connection.execute(sa.insert(table), {"consumer": of, **row})
        asked = {"on": f"{STREAM}-2", "number": str(PLACE), "reason": "mended", "words": "What made it fail is mended."}
        answer = self.people[KEEPERS[0]].form(f"/services/{of}/set-aside/ask/try-again", asked)
        assert answer.status_code == 303, answer.text
        self.at[f"{of}_asking"] = answer.headers["Location"].rpartition("/")[2]

    def caller(self, name: str) -> Caller:
        """Somebody of the story."""
        return self.people[name]


def a_world(folder: Path, **settings: Any) -> World:
    """Opens the house and tells its story; close it at the end."""
    clock, ids = HandClock(MORNING), CaseIds()
    house = open_house(a_settings(folder, **settings), ROOMS, owner_of, **believing(clock=clock, ids=ids))
    return World(house, clock, ids)


__all__ = ["SERVICES", "World", "a_world"]
