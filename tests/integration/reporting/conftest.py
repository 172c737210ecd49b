"""A house of the reporting room alone; other rooms are tellers that only state facts, sealed and carried as usual."""

from __future__ import annotations

import json
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
from chassis.tables import facts
from contracts import matching, referrals, supervision, support
from services.reporting.app import create
from services.reporting.store.tables import events_counted
from tests.builders import MORNING, TestHouse, a_settings, believing
from tests.tellers import SAFE, tellers

# The rooms this one hears, here as tellers.
HEARD = ("partners", "referrals", "matching", "support", "supervision")


@dataclass(frozen=True)
class Told:
    """The ids of one referral told of."""

    referral_id: str
    person_id: str
    reporting_id: str
    match_id: str
    support_id: str
    peer_id: str


class Reporting(TestHouse):
    """The reporting room, told of ordinary journeys by the other rooms."""

    def __init__(self, house: Any, clock: HandClock, ids: SeededIds) -> None:
        super().__init__(house, clock, ids)
        self.commissioner = self.as_("commissioner")
        self.partner_id = ids.new()
        self.at_once = False

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def tell(self, room: str, stream: str, fact: Any, requires: tuple[str, ...] = ()) -> str:
        """States a fact as another room would, and carries it unless many are told at once; gives its place."""
        with self[room].writing() as unit:
            place: str = unit.state(stream, fact, requires=requires)
        if not self.at_once:
            self.quiet()
        return place

    def new(self) -> Told:
        return Told(*(self.ids.new() for _ in range(6)))

    # ---- what the other rooms tell ----

    def a_referral(self, area: str = "north", *, told: Told | None = None, equity: str = "after") -> Told:
        """A referral that came in now; its group codes are stated `after`, `before` or `never`."""
        told = told or self.new()
        ring = self["referrals"].vault.make(told.person_id, ["called", "reporting", "safety"])
        received = referrals.ReferralReceived(
            referral_id=told.referral_id, person_id=told.person_id, partner_id=self.partner_id, door="api",
            received_at=self.now, called=ring.seal(told.person_id, "called", "Jordan"),
            reporting_id=ring.seal(told.person_id, "reporting", told.reporting_id),
            safety=ring.seal(told.person_id, "safety", SAFE), is_incomplete=False,
        )  # fmt: skip
        if equity == "before":
            self.state_groups(told, area)
        self.referral_fact(told, received)
        if equity == "after":
            self.state_groups(told, area)
        return told

    def state_groups(self, told: Told, area: str) -> None:
        fact = referrals.EquityStated(
            reporting_id=told.reporting_id, stated_on=self.now.date(), area=area, age_band="35-44", ethnicity="black",
            gender="woman",
        )  # fmt: skip
        self.tell("referrals", f"referrals/equity/{told.reporting_id}", fact)

    def referral_fact(self, told: Told, fact: Any) -> str:
        return self.tell("referrals", f"referrals/referral/{told.referral_id}", fact)

    def acknowledged(self, told: Told) -> None:
        self.referral_fact(told, referrals.ReferralAcknowledged(
            referral_id=told.referral_id, person_id=told.person_id, acknowledged_at=self.now, by_account_id="someone",
        ))  # fmt: skip

    def declined(self, told: Told, reason: str = "outside_our_area") -> None:
        self.referral_fact(told, referrals.ReferralDeclined(
            referral_id=told.referral_id, person_id=told.person_id, declined_at=self.now, declined_by="service",
            reason=reason,
        ))  # fmt: skip

    def agreed(self, told: Told) -> None:
        self.tell("matching", f"matching/match/{told.match_id}", matching.MatchAgreed(
            match_id=told.match_id, referral_id=told.referral_id, person_id=told.person_id, peer_id=told.peer_id,
            partner_id=self.partner_id, agreed_at=self.now,
        ))  # fmt: skip

    def supported(self, told: Told) -> None:
        day = self.now.date()
        self.tell("support", f"support/support/{told.support_id}", support.SupportStarted(
            support_id=told.support_id, match_id=told.match_id, referral_id=told.referral_id, person_id=told.person_id,
            peer_id=told.peer_id, started_on=day, agreed_end_on=day + timedelta(days=120),
        ))  # fmt: skip

    def a_contact(self, told: Told, kind: str = "made") -> None:
        self.tell("support", f"support/support/{told.support_id}", support.ContactRecorded(
            support_id=told.support_id, contact_id=self.ids.new(), person_id=told.person_id, peer_id=told.peer_id,
            kind=kind, mode="phone", held_on=self.now.date(),
        ))  # fmt: skip

    def a_worry(self, level: int = 3) -> None:
        concern_id = self.ids.new()
        self.tell("supervision", f"supervision/concern/{concern_id}", supervision.ConcernRaised(
            concern_id=concern_id, level=level, owner_id=None, raised_by_id=self.ids.new(), acknowledge_by=self.now,
            raised_at=self.now,
        ))  # fmt: skip

    # ---- what reporting answers ----

    def tick(self) -> int:
        """Runs reporting's routines once, after everything that was said is carried."""
        self.quiet()
        done: int = self["reporting"].tick()
        return done

    def later(self, **parts: float) -> None:
        """Moves the clock on and carries, so that reporting knows it has read everything up to then."""
        self.clock.advance(**parts)
        self.quiet()

    def report(self, period_id: str) -> Any:
        answer = self.commissioner.api("GET", f"/api/v1/reports/{period_id}")
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def figure(self, period_id: str, code: str, area: str = "region") -> Any:
        """One figure's value as the API shows it."""
        found = [one for one in self.report(period_id)["figures"] if (one["code"], one["area"]) == (code, area)]
        assert len(found) == 1, (code, area)
        return found[0]["value"]

    # ---- what it keeps and says ----

    def counted(self, kind: str, **columns: Any) -> int:
        """How many rows of one kind the counting store holds."""
        query = sa.select(sa.func.count()).where(events_counted.c.kind == kind)
        for name, value in columns.items():
            query = query.where(events_counted.c[name] == value)
        with self["reporting"].reading() as unit:
            return int(unit.connection.execute(query).scalar_one())

    def facts(self, kind: str) -> list[Any]:
        """What the room stated of one kind, as it travels."""
        with self["reporting"].reading() as unit:
            query = sa.select(facts).where(facts.c.type.like(f"{kind}.v%")).order_by(facts.c.stated_at, facts.c.stream)
            return [json.loads(row.body) for row in unit.connection.execute(query)]


def a_room(data: Path, **changes: Any) -> Reporting:
    """The reporting room alone, with tellers for the rooms it hears."""
    clock, ids = HandClock(MORNING), SeededIds(13)
    creators: dict[str, Any] = {"reporting": create, **tellers(*HEARD)}
    house = open_house(
        a_settings(data, **changes), creators, lambda _path: "reporting", **believing(clock=clock, ids=ids)
    )
    return Reporting(house, clock, ids)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Reporting]:
    """The reporting room on SQLite."""
    made = a_room(tmp_path)
    yield made
    made.close()


@pytest.fixture
def room_on_postgres(tmp_path: Path, postgres: Any) -> Iterator[Reporting]:
    """The reporting room on a real PostgreSQL."""
    made = a_room(tmp_path / "postgres", database_url=postgres.of("reporting", *HEARD))
    yield made
    made.close()
