"""Another organisation whose every text carries a word: no role of ours ever reads it, also where a guard is gone."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contracts import roles
from contracts.addresses import SERVICES
from services.referrals import store as referrals_store
from services.referrals.store import of_partners
from tests.builders import Caller, a_referral
from tests.matrix import table
from tests.matrix.asking import Asking, Route, routes
from tests.matrix.table import Cell
from tests.matrix.world import MatrixWorld, a_matrix_world
from tests.parts.second_net import without_conditions, without_net

WORD = "Kanarienvogel"
# Of ours: those whose reach is their organisation's, then those whose reach is their own.
OF_PARTNER = (roles.REFERRER, roles.PARTNER_LEAD, roles.SYSTEM)
OF_THEIR_OWN = (roles.PEER, roles.SUPERVISOR, roles.SAFEGUARDING_LEAD, roles.COMMISSIONER, roles.PERSON)
# Where somebody chooses whom to be in a house of made-up people: a network of real people has no such page.
_OF_A_DEMO = frozenset({"/demo"})
# Every text has a word of its own behind that word, by which tests/fields.csv knows it.
_TEXTS: dict[str, Any] = {
    "strengths": f"{WORD}-strengths", "hopes": f"{WORD}-hopes", "why_peer_support": f"{WORD}-why",
    "your_reference": f"{WORD}-reference",
    "person": {
        "name": f"{WORD}-name", "called": f"{WORD}-called", "address": f"{WORD}-address",
        "email": f"{WORD}-email@example.org",
    },
    "safety": {"note": f"{WORD}-safety", "present_danger": True},
    "referrer": {"name": f"{WORD}-referrer", "role": f"{WORD}-job"},
}  # fmt: skip


@dataclass
class Seen:
    """How many answers were looked through, and which held the word."""

    asked: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    at: list[str] = field(default_factory=list)


class Theirs:
    """What the other organisation has, in every room."""

    def __init__(self, world: MatrixWorld) -> None:
        self.world = world
        self.at: dict[str, str] = {}
        self._tell()

    def _tell(self) -> None:
        world, people = self.world, self.world.people
        self.partner_id = partner_id = world._partner("kanarienvogel", f"{WORD}-organisation", "voluntary", None)
        of = f"/api/v1/partners/{partner_id}"
        for name, role in (("their_supervisor", "supervisor"), ("their_peer", "peer"), ("their_referrer", "referrer")):
            body = {"called": f"{WORD}-works-as-{role}", "roles": [role]}
            asked = world.post("lead", f"{of}/accounts", body, Idempotency_Key=f"account-{name}")
            made = world.post("second", f"{of}/askings/{asked['asking_id']}/confirmation")
            people[name] = world.as_(role, partner_id=partner_id, id=made["account_id"])
        self.account_id = people["their_referrer"].who.id
        people["their_lead"] = world.as_("partner_lead", partner_id=partner_id)
        people["their_system"] = world.as_system(partner_id)
        system = {"name": f"{WORD}-system", "purpose": f"{WORD}-purpose", "way": "api_key"}
        asked = world.post("lead", f"{of}/systems", system, Idempotency_Key="their records")
        world.post("second", f"{of}/askings/{asked['asking_id']}/confirmation")
        self.system_id = asked["system_id"]
        waits = {
            "name": f"{WORD}-next-system",
            "purpose": f"{WORD}-purpose",
            "way": "api_key",
            "words": f"{WORD}-asking",
        }
        world.post("lead", f"{of}/systems", waits, Idempotency_Key="their next records")
        world.quiet()
        self._a_peer(people["their_peer"].who.id)
        self._a_journey()
        asked = {"level": 3, "about": "other", "words": f"{WORD}-worry"}
        made = world.post("their_referrer", "/api/v1/concerns", asked, Idempotency_Key="their worry")
        self.concern_id = made["concern_id"]
        world.quiet()

    def _a_peer(self, peer_id: str) -> None:
        world = self.world
        world.post("their_lead", "/api/v1/peers", {"account_id": peer_id})
        limits = {
            "places": 2, "areas": ["north", "city"], "modes": ["in_person", "phone"], "languages": ["en"],
            "times": ["weekday_morning", "weekend"],
        }  # fmt: skip
        world.post("their_peer", "/api/v1/peers/me/limits", limits, put=True)
        world.quiet()
        self.peer_id = peer_id
        standing = {
            "conduct_accepted_on": "2026-03-02", "check_valid_until": "2028-01-01",
            "training_valid_until": "2028-01-01",
        }  # fmt: skip
        world.post("lead", f"/api/v1/supervision/peers/{peer_id}/standing", standing, put=True)
        world.quiet()

    def _a_journey(self) -> None:
        world = self.world
        body = a_referral(**_TEXTS)
        made = world.post("their_system", "/api/v1/referrals", body, Idempotency_Key="their referral")
        self.referral_id = made["referral_id"]
        at = f"/api/v1/referrals/{self.referral_id}"
        self.person_id = world.get("coordinator", at)["person_id"]
        world.people["their_person"] = world.as_person(self.person_id)
        world.post("coordinator", f"{at}/acknowledgement")
        world.post("coordinator", f"{at}/acceptance")
        world.quiet()
        asked = {"referral_id": self.referral_id, "peer_ids": [self.peer_id], "has_asked": True}
        self.match_id = world.post("coordinator", "/api/v1/matches", asked)["match_id"]
        world._goes_on("active", self.peer_id, f"/api/v1/matches/{self.match_id}")
        world.quiet()
        (support,) = world.get("their_peer", "/api/v1/supports")
        self.support_id = support["support_id"]
        of = f"/api/v1/supports/{self.support_id}"
        world.post("their_peer", f"{of}/start", {})
        found = world.post("their_peer", f"{of}/connections", {"kind": "group", "what": f"{WORD}-connection"})
        self.connection_id = found["connection_id"]
        meeting = {"starts_at": "2026-03-20T10:00:00+00:00", "mode": "phone"}
        world.post("their_peer", f"{of}/meetings", meeting, Idempotency_Key="their meeting")
        note = {"kind": "made", "mode": "phone", "held_on": "2026-03-03", "meeting_id": None, "note": f"{WORD}-note"}
        world.post("their_peer", f"{of}/contacts", note, Idempotency_Key="their contact")

    def ids(self) -> dict[str, str]:
        """What stands in addresses."""
        return {name: text for name, text in vars(self).items() if name.endswith("_id")}


class CanaryWorld(MatrixWorld):
    """The network of the matrix, with that organisation in it."""

    theirs: Theirs

    def _more(self) -> None:
        super()._more()
        self.quiet()
        self.theirs = Theirs(self)


def a_canary_world(folder: Path, **settings: Any) -> CanaryWorld:
    """Opens it; close it at the end."""
    made = a_matrix_world(folder, table.ORDINARY, kind=CanaryWorld, **settings)
    assert isinstance(made, CanaryWorld)
    return made


def look(asking: Asking, theirs: Theirs, whom: Iterable[str], which: Iterable[Route]) -> Seen:
    """Asks every route, with their ids and with ours, as each role of ours; gives where the word was read."""
    seen = Seen()
    for route in which:
        for role in whom:
            who = _ours(asking, role)
            for ids in _addresses(asking, theirs, route):
                cell = Cell(route.action, route.rule, route.method, role, table.NONE, table.ORDINARY)
                answer = asking.answer(route, cell, by=who, ids=ids)
                seen.asked += 1
                seen.answers[answer.status] += 1
                told = answer.body + repr(answer.headers).encode()
                if WORD.lower().encode() in told.lower():
                    seen.at.append(f"{route.name} as {role} ({answer.status})")
    return seen


def _ours(asking: Asking, role: str) -> Caller:
    return asking.world.at_home.get(role) or asking.world.cast[role]["partner"]


def _addresses(asking: Asking, theirs: Theirs, route: Route) -> Iterator[dict[str, str]]:
    ours = asking.ids(route)
    yield ours
    if route.things:
        yield {**ours, **theirs.ids()}


def shown_routes(world: MatrixWorld) -> list[Route]:
    """Every GET route but those of a demo, and the writes that name a thing."""
    return [
        route for route in routes(world) if route.rule not in _OF_A_DEMO and (route.method == "GET" or route.things)
    ]


def run(world: CanaryWorld) -> dict[str, Seen]:
    """Both guards there; the reads' own conditions gone; then the database's net gone too, which is the control."""
    asking, which = Asking(world), shown_routes(world)
    found = {"both guards": look(asking, world.theirs, (*OF_PARTNER, *OF_THEIR_OWN), which)}
    patched = pytest.MonkeyPatch()
    try:
        reads = 0
        for room in SERVICES:
            reads += without_conditions(importlib.import_module(f"services.{room}.store"), patched)
        assert reads > 100, reads
        every = sa.select(referrals_store.outbound).where(referrals_store.outbound.c.number > sa.bindparam("after"))
        patched.setattr(of_partners, "_AFTER", every.limit(sa.bindparam("most")))
        # What is bound to the whole network, since it is one's own, has the read's own condition alone (0027).
        gets = [route for route in which if route.method == "GET" and _is_bound(route)]
        found["without the reads' own conditions"] = look(asking, world.theirs, OF_PARTNER, gets)
        world.held.begin_anew()
        for service in world.house.services.values():
            if _is_guarded(service):
                without_net(service, patched)
        found["with neither"] = look(asking, world.theirs, OF_PARTNER, gets)
    finally:
        patched.undo()
    return found


def _is_bound(route: Route) -> bool:
    return roles.PARTNER in roles.RULES.get(route.action, {}).values()


def _is_guarded(service: Any) -> bool:
    return service.name not in {"reporting"}


__all__ = ["OF_PARTNER", "WORD", "Seen", "a_canary_world", "look", "run", "shown_routes"]
