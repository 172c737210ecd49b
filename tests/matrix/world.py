"""The network of the matrix: the story of `tests/fuzz`, its things by whose they are, and callers of every role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import tables
from chassis.access import Principal
from chassis.clock import HandClock
from chassis.house import open_house
from chassis.ids import SeededIds
from chassis.watch import Itself
from contracts import roles
from contracts.addresses import owner_of
from services.__main__ import ROOMS
from tests.builders import MORNING, Caller, a_referral, a_settings, believing
from tests.fuzz.held import CaseIds
from tests.fuzz.world import World
from tests.matrix import table

ENDED_SESSION = "a session that ended"
# Whose callers are named as those who must not be told, in that state.
_NAMED = ("coordinator", "network_lead", "safeguarding_lead", "referrer", "partner_lead", "coordinator+partner_lead")
# What a role's caller wears beside: the two organisations, A who referred and B whose peers they are.
SIDES = ("partner", "kindred")


class HandWatch(Itself):
    """A watch set by hand: up to date or not; one session has ended."""

    fresh = True

    def is_up_to_date(self) -> bool:
        return self.fresh

    def has_ended(self, handle: str | None) -> bool:
        return handle == ENDED_SESSION


class MatrixWorld(World):
    """A house held in one state (`table.STATES`)."""

    def __init__(self, house: Any, clock: HandClock, ids: CaseIds, watch: HandWatch, state: str) -> None:
        self.watch, self.state = watch, state
        self.cast: dict[str, dict[str, Caller]] = {}
        self.at_home: dict[str, Caller] = {}
        # Ids of the callers, known before any referral names them.
        own = SeededIds(11)
        everyone = (*roles.STAFF, *("+".join(two) for two in table.TWO_ROLES))
        self.cast_ids = {role: {side: own.new() for side in SIDES} for role in everyone}
        super().__init__(house, clock, ids)

    def post(self, who: str, path: str, body: Any = None, *, put: bool = False, **headers: str) -> Any:
        """In the state `kept`, every person names the callers of the matrix as those who must not be told."""
        if self.state == table.KEPT and path == "/api/v1/referrals":
            named = [one for role in _NAMED for one in self.cast_ids[role].values()]
            body = {**body, "safety": {**body.get("safety", {}), "must_not_be_told": named}}
        return super().post(who, path, body, put=put, **headers)

    def _tell(self) -> None:
        super()._tell()
        self._cast()
        self._more()
        self.quiet()
        self.house.tick()
        self.quiet()
        self._come_to_state()
        self.quiet()
        for service in self.house.services.values():
            service.entry.forget_held()

    def _cast(self) -> None:
        for role in roles.STAFF:
            self.cast[role] = {
                side: self.as_(role, partner_id=self.at[side], id=self.cast_ids[role][side]) for side in SIDES
            }
        self.cast[roles.SYSTEM] = {side: self.as_system(self.at[side]) for side in SIDES}
        stranger = self.as_person(self.ids.new())
        self.cast[roles.PERSON] = dict.fromkeys(SIDES, stranger)
        for two in table.TWO_ROLES:
            ids = self.cast_ids["+".join(two)]
            self.cast["+".join(two)] = {side: self.as_(*two, partner_id=self.at[side], id=ids[side]) for side in SIDES}
        # Whoever has something of their own, where the address says nothing of whose.
        asha = self.people["asha"].who
        self.at_home = {
            roles.PEER: self.people["asha"],
            "referrer+peer": self.as_("referrer", "peer", partner_id=asha.partner_id, id=asha.id),
            roles.PERSON: self.people["active_person"],
        }
        self.cast[table.NOBODY] = dict.fromkeys(SIDES, self.as_nobody())

    def _more(self) -> None:
        """Accounts as things; callers whose pass is worth nothing any more."""
        of_a = f"/api/v1/partners/{self.at['partner']}"
        for name in ("target", "closing"):
            self._account(name, self.at["partner"], "referrer")
            self.at[f"{name}_account"] = self.people.pop(name).who.id
        theirs = self.as_system(self.at["kindred"])
        made = theirs.api("POST", "/api/v1/referrals", a_referral(), Idempotency_Key="of the others").get_json()
        self.at["theirs"] = made["referral_id"]
        coordinator = frozenset({"coordinator"})
        ended = Principal("account", self.ids.new(), self.at["partner"], coordinator, session=ENDED_SESSION)
        self.cast[table.ENDED] = dict.fromkeys(SIDES, Caller(self.house, ended))
        self.post("lead", f"{of_a}/accounts/{self.at['closing_account']}/closure")
        closed = self.as_("coordinator", partner_id=self.at["partner"], id=self.at["closing_account"])
        self.cast[table.CLOSED] = dict.fromkeys(SIDES, closed)
        self._calls_back()

    def _calls_back(self) -> None:
        """A role ended, and a system's key, as every room hears it."""
        changed = self.as_("coordinator", partner_id=self.at["partner"])
        key = Principal("system", self.ids.new(), self.at["partner"], frozenset({"system"}))
        self.cast[table.CHANGED] = dict.fromkeys(SIDES, changed)
        self.cast[table.REVOKED] = dict.fromkeys(SIDES, Caller(self.house, key))
        for kind, subject in (("role_ended", changed.who.id), ("system_key_revoked", key.id)):
            row = {"kind": kind, "subject": subject, "stream": "x", "number": 5, "is_on": True, "since": MORNING}
            for service in self.house.services.values():
                with service.database.writing("network") as connection:
                    connection.execute(sa.insert(tables.brakes).values(**row))

    def _come_to_state(self) -> None:
        if self.state in {table.PROTECTED, table.WITHDRAWN}:
            what = "protection" if self.state == table.PROTECTED else "consent-withdrawal"
            for name, person_id in self.at.items():
                if name.endswith("_person") and name != "protected_person":
                    self.post("coordinator", f"/api/v1/referrals/people/{person_id}/{what}")
        if self.state == table.HELD:
            for side in SIDES:
                self.post("lead", f"/api/v1/partners/{self.at[side]}/suspension")
        self.watch.fresh = self.state != table.STALE


def a_matrix_world(folder: Path, state: str, *, kind: type[MatrixWorld] = MatrixWorld, **settings: Any) -> MatrixWorld:
    """Opens the house, tells its story and brings it to a state; close it at the end."""
    clock, ids, watch = HandClock(MORNING), CaseIds(), HandWatch()
    handed = believing(clock=clock, ids=ids, watch=watch)
    house = open_house(a_settings(folder, log_level="critical", **settings), ROOMS, owner_of, **handed)
    return kind(house, clock, ids, watch, state)
