"""The made-up region: every state is there, the same day makes the same region, and none is left half made."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.errors import Misbuilt
from chassis.house import House
from contracts import roles
from contracts.support import CONNECTION_STATES, ENDINGS
from demo import command, play
from demo.progress import Progress
from demo.tokens import partner_keys
from services.__main__ import a_house
from services.matching import store as matching
from services.partners import store as of_partners
from services.partners.store import tables as partners
from services.referrals import store as referrals
from services.supervision import store as supervision
from services.support import store as support
from tests.builders import a_settings

from .conftest import SMALL, TODAY, Region

TINY = play.Size(partners=2, peers=6, referrals=26, days=60)


def test_the_network_and_its_people_are_there(region: Region) -> None:
    assert region.count("partners", partners.partners) == SMALL.partners
    assert region.seen("partners", partners.partners.c.kind) == {"nhs_body", "voluntary"}
    assert region.count("matching", matching.peers) == SMALL.peers
    held = {role for given in _roles(region) for role in given}
    assert held == set(roles.ROLES) - {"person", "system"}


def _roles(region: Region) -> list[list[str]]:
    with region.house.services["partners"].reading() as unit:
        return list(unit.connection.execute(sa.select(partners.accounts.c.roles)).scalars())


def test_every_partner_has_a_referrer_and_a_lead(region: Region) -> None:
    with region.house.services["partners"].reading() as unit:
        rows = unit.connection.execute(sa.select(partners.accounts.c.partner_id, partners.accounts.c.roles)).all()
    for role in ("referrer", "partner_lead"):
        assert len({row.partner_id for row in rows if role in row.roles}) == SMALL.partners


def test_referrals_stand_at_every_state_and_came_by_every_door(region: Region) -> None:
    table = referrals.referrals
    assert region.count("referrals", table) == SMALL.referrals
    assert region.seen("referrals", table.c.state) == {
        "received",
        "acknowledged",
        "waiting",
        "offered",
        "matched",
        "supported",
        "declined",
        "closed",
    }
    assert region.seen("referrals", table.c.outcome) == {None, "declined", "withdrawn", "support_ended"}
    assert region.seen("referrals", table.c.door) == {"api", "web", "fhir"}
    assert region.seen("referrals", referrals.people.c.is_protected) == {True, False}
    assert region.seen("referrals", referrals.people.c.consent_state) == {"given", "withdrawn"}


def test_matches_and_their_options_stand_at_every_state(region: Region) -> None:
    assert region.seen("matching", matching.matches.c.state) == {
        "asking",
        "chosen",
        "taster_held",
        "agreed",
        "supported",
        "ended",
        "released",
    }
    assert region.seen("matching", matching.options.c.state) == {"asked", "could", "chosen", "released", "ended"}
    codes = region.seen("matching", matching.options.c.code)
    assert {"hold_lapsed", "taster_not_agreed", "not_needed_this_time", "consent_withdrawn", "swap"} <= codes
    assert region.seen("matching", matching.waits.c.state) == {"waiting", "offered", "matched", "gone"}


def test_some_peers_are_away_and_some_are_not_cleared(region: Region) -> None:
    assert region.seen("matching", matching.peers.c.is_paused) == {True, False}
    assert region.seen("supervision", supervision.peers.c.standing) == {"new", "cleared", "held_back"}


def test_supports_stand_at_every_state_and_end_in_every_way(region: Region) -> None:
    states = region.seen("support", support.supports.c.state)
    assert {"agreed", "active", "paused", "ended"} <= states
    assert region.seen("support", support.supports.c.ending) == {None, *ENDINGS}
    assert region.seen("support", support.connections.c.state) == set(CONNECTION_STATES)
    assert region.seen("support", support.contacts.c.kind) == {"made", "attempted"}


def test_supervision_was_planned_held_missed_and_late(region: Region) -> None:
    assert region.seen("supervision", supervision.sessions.c.state) == {"planned", "held", "missed", "declined"}
    stated = region.seen("supervision", tables.facts.c.type)
    assert {"supervision.overdue.v1", "peer.held_back.v1", "concern.escalated.v1", "concern.handed_on.v1"} <= stated


def test_worries_of_every_level_are_open_in_hand_and_closed(region: Region) -> None:
    seen = region.seen("supervision", supervision.concerns.c.level, supervision.concerns.c.state)
    assert {level for level, _ in seen} == {1, 2, 3, 4}
    assert {state for _, state in seen} == {"raised", "acknowledged", "closed"}


def test_reports_were_published_month_after_month(region: Region) -> None:
    stated = region.seen("reporting", tables.facts.c.type)
    assert {"period.opened.v1", "report.published.v1"} <= stated
    coordinator_cannot = region.house.services["reporting"]
    with coordinator_cannot.reading() as unit:
        published = tables.facts.c.type == "report.published.v1"
        count = unit.connection.execute(sa.select(sa.func.count()).where(published)).scalar_one()
    assert count >= SMALL.days // 31


def test_every_fact_arrived_everywhere_and_nothing_is_stuck(region: Region) -> None:
    for name, service in region.house.services.items():
        for table in (tables.outbox, tables.waiting, tables.parked, tables.unreadable):
            assert region.count(name, table) == 0, f"{name}: {table.name}"
        assert service.database.answers()


def test_nothing_was_refused_but_what_came_too_late(region: Region) -> None:
    refused: Counter[str] = Counter()
    for service in region.house.services.values():
        with service.reading() as unit:
            query = sa.select(tables.audit.c.rule).where(tables.audit.c.outcome == "refused")
            refused.update(unit.connection.execute(query).scalars())
    assert set(refused) <= {"OptionNotOpen", "PeerAtCapacity", "PeerNotAvailable", "NothingChosenYet", "TasterNotHeld"}


def test_everything_happened_before_today(region: Region) -> None:
    for name in region.house.services:
        with region.house.services[name].reading() as unit:
            last = unit.connection.execute(sa.select(sa.func.max(tables.facts.c.stated_at))).scalar()
        assert last is None or last.date() < TODAY


def test_each_partner_has_a_system_whose_key_is_the_same_at_every_start(region: Region) -> None:
    from werkzeug.test import Client

    settings = region.house.services["partners"].settings
    found, again = (partner_keys(region.house, settings) for _ in range(2))
    assert found == again
    assert len({key for _, key in found}) == len(found) == SMALL.partners
    door = Client(region.house)
    for _, key in found:
        form = {"grant_type": "client_credentials", "client_secret": key}
        token = door.post("/oauth/token", data=form).get_json()["access_token"]
        # Every room knows the key it was signed with before anything is carried by the house itself.
        who = region.house.services["referrals"].entry.read(token).who
        assert (who.kind, set(who.roles)) == ("system", {"system"})
    assert {name for name, _ in found} == region.seen("partners", partners.partners.c.name)


def test_a_key_that_was_revoked_is_followed_by_the_next_and_another_folder_has_others(region: Region) -> None:
    service: Any = region.house.services["partners"]
    (name, key), *others = partner_keys(region.house, service.settings)
    with service.writing() as unit:
        row = of_partners.api_key_by_prefix(unit.scope, unit, key.split("_")[1])
        of_partners.revoke_key(unit, row.system_id, row.prefix)
    (after_name, after), *rest = partner_keys(region.house, service.settings)
    assert (after_name, rest) == (name, others)
    assert after != key
    elsewhere = service.app.extensions["made_up_systems"]("the secret of another folder")
    assert {key for _, key in elsewhere} & {after, *(key for _, key in others)} == set()


# ---- the same day makes the same region; a stopped one leaves nothing


def _counts(data: Path) -> dict[str, int]:
    house = a_house(a_settings(data))
    found = {}
    for name, service in house.services.items():
        with service.reading() as unit:
            rows = unit.connection.execute(
                sa.select(tables.facts.c.type, sa.func.count()).group_by(tables.facts.c.type)
            ).all()
        found.update({f"{name} {type_}": int(count) for type_, count in rows})
    house.close()
    return found


def test_filling_twice_for_the_same_day_makes_the_same_region(tmp_path: Path, fill_into: Callable[..., None]) -> None:
    for name in ("once", "again"):
        fill_into(tmp_path / name, replace(TINY, days=60))
    once = _counts(tmp_path / "once")
    assert once == _counts(tmp_path / "again")
    assert once["referrals referral.received.v1"] == TINY.referrals


class StopsAfter(Progress):
    """Progress that asks for a stop after some days, as a signal would."""

    def __init__(self, stopping: threading.Event, days: int) -> None:
        super().__init__()
        self._stopping, self._left = stopping, days

    def step(self, count: int = 1) -> None:
        super().step(count)
        self._left -= count
        if self._left <= 0:
            self._stopping.set()


def test_stopped_while_filling_nothing_is_left_at_the_real_place(tmp_path: Path) -> None:
    stopping, front, data = threading.Event(), command.Front(), tmp_path / "var"
    front.progress = StopsAfter(stopping, 5)
    command._fill(a_house, a_settings(data), front, stopping, plain=True)
    assert not data.exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_filling_left_is_thrown_away_by_the_next(tmp_path: Path, monkeypatch: Any) -> None:
    data, left = tmp_path / "var", tmp_path / "var.filling"
    left.mkdir()
    (left / "referrals.sqlite").write_text("half a file")
    monkeypatch.setattr(command, "fill", lambda *given, **named: _fill_tiny(*given, **named))
    command._fill(a_house, a_settings(data), command.Front(), threading.Event(), plain=True)
    assert data.is_dir()
    assert not left.exists()
    assert _counts(data)["referrals referral.received.v1"] == TINY.referrals


def _fill_tiny(open_house: Callable[..., House], settings: Any, *rest: Any, **named: Any) -> bool:
    return play.fill(open_house, settings, *rest, **named, size=replace(TINY, days=40), today=TODAY)


def test_a_door_that_refuses_stops_the_play_with_its_words(region: Region) -> None:
    from chassis.access import Principal
    from demo.doors import DoorRefused, Hand

    nobody = Hand(region.house, Principal("account", "x", None, frozenset({"referrer"})))
    with pytest.raises(DoorRefused, match="POST /api/v1/partners was answered 4"):
        nobody.post("/api/v1/partners", {})
    assert issubclass(DoorRefused, Misbuilt)
