"""A person is forgotten: nothing of theirs opens or stands anywhere in clear, they are there for nobody, counts stand.

The made-up words of a referral come in by each door and go all the way through support, with notes and a worry. They
are found before, on the screens that open them; and words that are no secret are found in the very same files, in each
form that is looked for, so that finding nothing says something.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.access import service_scope
from chassis.events import reading_back
from chassis.granted import OwnerForgotten
from chassis.rebuilding import rebuild
from chassis.sealing import REDACTED
from chassis.service import Service, pump_all
from contracts.classes import OPENS
from services.__main__ import ROOMS
from services.home.store import counts_heard
from services.matching.store import waits
from services.referrals.store import people, referrals
from services.reporting.actions import drawing
from services.reporting.store.tables import events_counted, groups, pairs, severed
from services.support.store import contacts, supports
from tests.builders import MORNING
from tests.end_to_end.conftest import Network
from tests.end_to_end.one_person import (
    CANARY,
    CONTROL,
    CONTROLS,
    NOTE,
    PLACE,
    WORDS,
    WORRY,
    Lived,
    by_api,
    by_events,
    by_fhir,
    by_web,
    the_referral,
)
from tests.parts.scanning import files_of, found_in, places_of

SEALED = {"called", "contact", "needs", "safety", "notes", "raw", "reporting", "support_notes", "worry"}
DOORS = [by_web, by_api, by_fhir, by_events]


def metrics_of(network: Network) -> bytes:
    return bytes(network.as_nobody().api("GET", "/metrics").data)


@pytest.mark.parametrize("door", DOORS)
def test_whoever_is_forgotten_stands_nowhere_and_what_was_counted_stays(
    tmp_path: Path, told: io.StringIO, door: Callable[[Network, dict[str, Any]], str]
) -> None:
    lived = Lived(tmp_path)
    lived.goes_all_the_way(door)
    network = lived.network
    # Before: the screens that may open them show the words, and nothing else holds any in clear.
    seen, tokens, wrapped, counted = lived.seen(), lived.tokens(), lived.wrapped(), lived.counted()
    shown = [word for word in WORDS if word in seen]
    assert len(shown) >= (10 if door is by_fhir else 15), set(WORDS) - set(shown)
    assert {NOTE, PLACE, WORRY, "Goldammer"} <= set(shown)
    assert set(tokens) >= {
        "called",
        "contact",
        "needs",
        "safety",
        "notes",
        "raw",
        "reporting",
        "support_notes",
        "worry",
    }
    _opens(lived, tokens, is_gone=False)
    files = files_of(tmp_path)
    assert len(wrapped) >= 9
    assert places_of(files, wrapped) <= {"keys.sqlite", "keys.sqlite-wal"}
    assert places_of(files, wrapped)
    _controls_are_found(files)
    if door is by_events:
        # A sender's own id is told back to it in clear, until then.
        assert {name.partition("-")[0] for name in found_in(files, [CANARY])} == {"referrals.sqlite"}
    # Only whoever may forgets; asking again changes nothing.
    assert lived.forget(network.people["coordinator"]) == 403
    assert [lived.forget(), lived.forget()] == [204, 204]
    network.quiet()
    # After: the keys are gone, no file, log line or metric holds a word in any form.
    files = files_of(tmp_path)
    assert lived.wrapped() == []
    assert places_of(files, wrapped) == set()
    assert found_in(files, WORDS) == {}
    assert found_in({"log": told.getvalue().encode(), "metrics": metrics_of(network)}, WORDS) == {}
    assert len(told.getvalue().splitlines()) > 50
    _controls_are_found(files)
    _opens(lived, tokens, is_gone=True)
    _is_there_for_nobody(lived)
    _leaves_codes_alone(lived)
    assert lived.counted() == counted
    _is_heard_anew_as_redacted(lived)
    for room in (room for room in network.house.services.values() if room.parts.projections):
        assert rebuild(room).is_same, room.name
    assert lived.counted() == counted
    if door is by_api:
        _is_not_made_again(lived)
    if door is by_events:
        (message,) = network.get("system", "/api/v1/events")["messages"]
        assert (message["type"], message["data"]["answers"]) == ("message.acknowledged.v1", None)
    network.close()
    assert found_in(files_of(tmp_path), WORDS) == {}


def _controls_are_found(files: dict[str, bytes]) -> None:
    for form, name in CONTROLS.items():
        hits = found_in(files, [CONTROL])
        assert {"partners.sqlite", "log.sqlite"} <= {file.removesuffix("-wal") for file in hits}, form
        assert places_of(files, [name.encode()]) != set(), form


def _opens(lived: Lived, tokens: dict[str, str], *, is_gone: bool) -> None:
    """Each sealed text in each room that may open its class."""
    for service in lived.network.house.services.values():
        for name, token in tokens.items():
            if service.name in OPENS[name]:
                field = token.split(".")[1].partition("~")[2]
                assert (service.vault.ring([token]).open(token, field=field) is REDACTED) is is_gone, (
                    service.name,
                    name,
                )
    if is_gone:
        with pytest.raises(OwnerForgotten):
            lived.network["referrals"].vault.make(lived.person_id, ["contact"])


def _is_there_for_nobody(lived: Lived) -> None:
    screens = lived.screens()
    for name in ("referral", "of the partner", "timeline", "support"):
        assert screens[name].status_code == 404, name
    assert [word for word in WORDS if word in lived.seen()] == []
    for name in ("referrals", "supports", "demo", "own"):
        assert screens[name].status_code == 200, name
        assert lived.referral_id not in screens[name].text, name
        assert lived.person_id not in screens[name].text, name
    # An open worry stays open with its owner, without its words.
    assert screens["worry"].status_code == 200
    assert "forgotten" in screens["worry"].text
    (worry,) = lived.network.get("safeguarding", "/api/v1/concerns")
    assert worry["state"] == "raised"
    assert lived.network.get("coordinator", "/api/v1/matches/waiting") == []


def _leaves_codes_alone(lived: Lived) -> None:
    network = lived.network
    with network["referrals"].reading() as unit:
        person = unit.connection.execute(sa.select(people).where(people.c.person_id == lived.person_id)).one()
        referral = unit.connection.execute(sa.select(referrals).where(referrals.c.person_id == lived.person_id)).one()
        audit = sa.select(tables.audit).where(
            tables.audit.c.action == "person.forget", tables.audit.c.outcome == "done"
        )
        (noted,) = unit.connection.execute(audit).all()
        kept = unit.connection.execute(sa.select(tables.answers.c.body_hash, tables.answers.c.record)).all()
    assert (person.called, person.contact, person.consent, person.reporting_id) == ("", "", {}, "")
    assert (referral.needs, referral.notes, referral.raw, referral.raw_hash, referral.incomplete) == (
        "",
        "",
        "",
        "",
        [],
    )
    assert (noted.subject, noted.who_id) == (lived.person_id, lived.second.who.id)
    assert {row.body_hash for row in kept if row.record == lived.referral_id} == {""}
    with network["support"].reading() as unit:
        assert set(unit.connection.execute(sa.select(contacts.c.note)).scalars()) == {None}
    for room in ("referrals", "home", "support"):
        with network[room].reading() as unit:
            of_them = sa.select(tables.kept_from).where(tables.kept_from.c.person_id == lived.person_id)
            assert unit.connection.execute(of_them).all() == [], room
    # While a worry about them is open it never comes to whoever must not be told of it; a message names nobody.
    with network["supervision"].reading() as unit:
        assert [row.account_id for row in unit.connection.execute(sa.select(tables.kept_from))] == lived.named
    with network["reporting"].reading() as unit:
        told_by = set(unit.connection.execute(sa.select(tables.facts.c.fact_id)).scalars())
        rows = unit.connection.execute(sa.select(events_counted).where(events_counted.c.is_severed)).all()
        assert len(rows) == len(unit.connection.execute(sa.select(severed)).all()) >= 8
        assert unit.connection.execute(sa.select(pairs).where(pairs.c.person_id == lived.person_id)).all() == []
        (reporting_id,) = {row.referral_id for row in rows if row.referral_id}
        found = unit.connection.execute(sa.select(groups.c.reporting_id)).scalars().all()
        assert not {row.fact_id for row in rows} & told_by
    assert reporting_id != lived.referral_id
    # What the network knows of the person ties nothing to what was counted of them.
    known = set().union(*(_ids_in(service) for name, service in network.house.services.items() if name != "reporting"))
    assert not known & {row.fact_id for row in rows}
    assert not known & {value for row in rows for value in (row.match_id, row.support_id) if value}
    assert found == [reporting_id]


def _ids_in(service: Service) -> set[str]:
    with service.reading() as unit:
        rows = unit.connection.execute(sa.select(tables.facts.c.fact_id, tables.facts.c.stream)).all()
    return {row.fact_id for row in rows} | {row.stream.rpartition("/")[2] for row in rows}


def _is_not_made_again(lived: Lived) -> None:
    """A key by which the referral came in makes nothing else, though nobody knows any more what came with it."""
    same = the_referral(lived.feared)
    again = lived.network.people["system"].api(
        "POST", "/api/v1/referrals", same, Idempotency_Key=f"{quote(CANARY)} once"
    )
    assert (again.status_code, again.get_json()["rule"]) == (422, "KeyReused")


def _is_heard_anew_as_redacted(lived: Lived) -> None:
    """Rooms that hear all of it for the first time do what needs no person, and count the same."""
    network = lived.network
    shared, settings = network.house.shared, network["home"].settings
    anew = {
        name: ROOMS[name](replace(settings, data=lived.folder / "anew"), replace(shared, lags={}))
        for name in ("home", "reporting")
    }
    try:
        # To its own topic a room that knows nothing of what it stated is an older copy, until a person says otherwise.
        for service in anew.values():
            assert not service.standing.is_sound(), service.name
            with service.writing() as unit:
                reading_back.settle(unit.connection, lived.officer.who.id, unit.now)
            service.standing._asked_at = 0.0
        pump_all(anew)
        for name, service in anew.items():
            with service.reading() as unit, network[name].reading() as known:
                assert unit.connection.execute(sa.select(tables.parked)).all() == []
                assert {row.number for row in unit.connection.execute(sa.select(tables.waiting))} == {99}
                assert _counts(name, unit) == _counts(name, known), name
    finally:
        for service in anew.values():
            service.close()


def _counts(room: str, unit: Any) -> Any:
    if room == "home":
        return {kind: row.count for kind, row in counts_heard(service_scope("home"), unit, ()).items()}
    by_kind = sa.select(events_counted.c.kind, sa.func.count()).group_by(events_counted.c.kind)
    return dict(unit.connection.execute(by_kind).tuples().all())


def test_whoever_is_forgotten_in_the_middle_ends_everywhere_and_is_counted_to_the_end(tmp_path: Path) -> None:
    lived = Lived(tmp_path)
    lived.goes_as_far_as_support(by_api)
    network = lived.network
    assert lived.forget() == 204
    network.quiet()
    states = {
        "referrals": sa.select(referrals.c.state).where(referrals.c.person_id == lived.person_id),
        "support": sa.select(supports.c.state).where(supports.c.person_id == lived.person_id),
        "matching": sa.select(waits.c.state).where(waits.c.person_id == lived.person_id),
    }
    found = {}
    for room, query in states.items():
        with network[room].reading() as unit:
            found[room] = unit.connection.execute(query).scalars().all()
    assert found == {"referrals": ["closed"], "support": ["ended"], "matching": ["gone"]}
    for service in network.house.services.values():
        with service.reading() as unit:
            assert unit.connection.execute(sa.select(tables.parked)).all() == [], service.name
            assert unit.connection.execute(sa.select(tables.waiting)).all() == [], service.name
    for who in ("asha", "coordinator", "person"):
        assert "Goldammer" not in network.page(who, "/work")
    # The end came after, found the rows it belongs to, and was the last: nothing ties them to anybody now.
    with network["reporting"].reading() as unit:
        pictures = drawing.look(unit, unit.now).pictures
        assert unit.connection.execute(sa.select(pairs)).all() == []
        of_them = sa.select(sa.func.count()).select_from(events_counted)
        assert unit.connection.execute(of_them.where(events_counted.c.is_severed)).scalar_one() >= 9
        known = sa.or_(
            events_counted.c.referral_id == lived.referral_id, events_counted.c.support_id == lived.support_id
        )
        assert unit.connection.execute(of_them.where(known)).scalar_one() == 0
    for area in ("region", "north"):
        (journey,), (support,) = pictures[area].journeys, pictures[area].supports
        assert journey.closed_on == support.ended_on == MORNING.date() + timedelta(days=1)
        assert support.ending == "early_by_choice"
    network.close()
