"""Whoever must not be told of a person: for them there is no support of theirs, at any door, in any list."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.access import Scope
from chassis.tables import kept_from
from services.support import store
from tests.builders import Caller, without_ids

AT = "/api/v1/supports"
ENDING = {"ending": "planned", "agreed_by": "person"}
MEETING = {"starts_at": "2026-03-09T10:00:00+00:00", "mode": "phone"}
ON = {"on-day": "9", "on-month": "3", "on-year": "2026", "at": "10:00", "mode": "phone"}
GROUP = {"kind": "group", "what": "The choir on Tuesdays"}

# (how, path, body) of every door on one support: a coordinator's, then those of the peer alone
OF_ALL: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"{AT}/{{}}", None),
    ("POST", f"{AT}/{{}}/start", {}),
    ("POST", f"{AT}/{{}}/pause", {}),
    ("POST", f"{AT}/{{}}/resumption", None),
    ("POST", f"{AT}/{{}}/ending", ENDING),
    ("page", "/support/{}", None),
    ("page", "/support/{}/ending", None),
    ("form", "/support/{}/start", {}),
    ("form", "/support/{}/pause", {}),
    ("form", "/support/{}/resumption", {}),
    ("form", "/support/{}/ending", ENDING),
    ("form", "/support/{}/ending", {}),
)
OF_PEER: tuple[tuple[str, str, Any], ...] = (
    ("POST", f"{AT}/{{}}/meetings", MEETING),
    ("POST", f"{AT}/{{}}/contacts", {"kind": "made", "mode": "phone"}),
    ("POST", f"{AT}/{{}}/contacts", {"kind": "made", "mode": "phone", "note": "A good walk."}),
    ("POST", f"{AT}/{{}}/connections", GROUP),
    ("POST", f"{AT}/{{}}/worries", {"level": 2}),
    ("page", "/support/{}/contact?kind=made", None),
    ("page", "/support/{}/worry", None),
    ("form", "/support/{}/meetings", ON),
    ("form", "/support/{}/meetings", {}),
    ("form", "/support/{}/contacts", {"kind": "made", "mode": "phone"}),
    ("form", "/support/{}/connections", GROUP),
    ("form", "/support/{}/worry", {"level": "2", "about": "person"}),
)


def knock(by: Caller, how: str, path: str, body: Any, key: str) -> Any:
    if how == "page":
        return by.page(path)
    return by.form(path, body) if how == "form" else by.api(how, path, body, Idempotency_Key=key)


def knocks(room: Any, by: Caller, how: str, path: str, body: Any, *support_ids: str) -> list[Any]:
    return [knock(by, how, path.format(one), body, room.ids.new()) for one in support_ids]


def listed(by: Caller) -> set[str]:
    return {row["support_id"] for row in by.api("GET", AT).get_json()}


@pytest.fixture
def feared(room: Any) -> Caller:
    """A coordinator whom a person must not be told to."""
    made: Caller = room.as_("coordinator")
    return made


@pytest.mark.parametrize(("how", "path", "body"), OF_ALL)
def test_a_support_answers_a_coordinator_who_must_not_be_told_like_one_that_is_not_there(
    room: Any, feared: Caller, how: str, path: str, body: Any
) -> None:
    pair = room.begun(kept_from=(feared.who.id,))
    there, nowhere = knocks(room, feared, how, path, body, pair.support_id, room.ids.new())
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert there.headers.get("Content-Length") == nowhere.headers.get("Content-Length")
    assert room.shown(pair)["state"] == "active"
    assert room.audited(who_id=feared.who.id) == []
    (seen,) = knocks(room, room.coordinator, how, path, body, pair.support_id)
    assert seen.status_code in {200, 201, 303, 409, 422}


@pytest.mark.parametrize(("how", "path", "body"), [*OF_ALL, *OF_PEER])
def test_a_peer_who_must_not_be_told_any_more_finds_nothing_where_they_find_another_person(
    room: Any, how: str, path: str, body: Any
) -> None:
    pair, other_person = room.begun(), room.a_person("Kofi")
    other = room.agree(other_person, pair.peer_id)
    assert pair.peer.api("POST", f"{other.at}/start", {}).status_code == 200
    room.accept(pair.person_id, kept_from=(pair.peer_id,))
    there, nowhere = knocks(room, pair.peer, how, path, body, pair.support_id, room.ids.new())
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert there.headers.get("Content-Length") == nowhere.headers.get("Content-Length")
    (seen,) = knocks(room, pair.peer, how, path, body, other.support_id)
    assert seen.status_code in {200, 201, 303, 409, 422}


def test_lists_leave_the_person_out_for_them_alone_on_each_database(room_on_each: Any) -> None:
    room = room_on_each
    feared = room.as_("coordinator")
    hidden, other = room.begun("Jordan", "Asha", (feared.who.id,)), room.begun("Kofi", "Mei")
    waiting = room.agreed("Robin", "Ade", (feared.who.id,))
    assert listed(feared) == {other.support_id}
    assert listed(room.coordinator) == {hidden.support_id, other.support_id, waiting.support_id}
    text, whole = feared.page("/support").text, room.coordinator.page("/support").text
    assert [name for name in ("Jordan", "Kofi", "Robin") if name in text] == ["Kofi"]
    assert [name for name in ("Jordan", "Kofi", "Robin") if name in whole] == ["Jordan", "Kofi", "Robin"]
    assert {row.subject for row in room.audited(action="person.listed", who_id=feared.who.id)} == {other.person_id}
    # A change keeps the row from others until it is done, and finds nothing either.
    assert feared.api("POST", f"{hidden.at}/pause", {}).status_code == 404
    assert feared.api("POST", f"{other.at}/pause", {}).status_code == 200
    room.coordinator.api("POST", f"{hidden.at}/ending", ENDING)
    assert "Jordan" not in feared.page("/support?show=ended").text
    assert "Jordan" in room.coordinator.page("/support?show=ended").text


def test_a_list_of_nobody_reads_like_a_list_where_nobody_ever_was(room: Any, feared: Caller) -> None:
    before = feared.page("/support").text
    room.begun(kept_from=(feared.who.id,))
    assert without_ids(feared.page("/support").text) == without_ids(before)
    assert listed(feared) == set()


def test_the_pair_itself_goes_on_and_is_counted_among_all(room: Any, feared: Caller) -> None:
    pair = room.begun(kept_from=(feared.who.id,))
    assert room.contact(pair).status_code == 201
    assert "Asha" in pair.person.page("/my/support").text
    assert 'beenthere_support_supports{state="active"} 1.0' in feared.page("/ops/support/metrics").text


def test_meetings_connections_and_counts_of_such_a_support_are_nobodys_to_read(room: Any, feared: Caller) -> None:
    pair = room.begun(kept_from=(feared.who.id,))
    room.connection(pair)
    pair.peer.api("POST", f"{pair.at}/meetings", MEETING)
    asked = (
        lambda scope, unit: store.connections_of(scope, unit, [pair.support_id]),
        lambda scope, unit: store.meetings_ahead(scope, unit, [pair.support_id]),
        lambda scope, unit: store.supports_of_person(scope, unit, pair.person_id),
        lambda scope, unit: store.ids_of(scope, unit, match_id=pair.match_id),
        store.count_by_state,
    )
    for read in asked:
        for caller, is_there in ((feared, False), (room.coordinator, True)):
            with room["support"].reading() as unit:
                found = read(Scope("network", caller.who), unit)
            assert bool(found) == is_there


def test_whoever_is_named_later_is_not_told_from_then_on_and_whoever_was_named_before_still_not(
    room: Any, feared: Caller
) -> None:
    later = room.as_("coordinator")
    pair = room.begun(kept_from=(feared.who.id,))
    assert listed(later) == {pair.support_id}
    room.accept(pair.person_id, kept_from=(later.who.id,))
    assert listed(later) == listed(feared) == set()
    assert listed(room.coordinator) == {pair.support_id}


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_a_person_forgotten_before_they_were_heard_of_names_nobody_and_nothing_fails(
    room: Any, feared: Caller, is_forgotten: bool
) -> None:
    person_id = room.a_person("Jordan", (feared.who.id,), is_forgotten=is_forgotten)
    with room["support"].reading() as unit:
        assert list(unit.connection.execute(sa.select(store.people.c.person_id)).scalars()) == [person_id]
        kept = unit.connection.execute(sa.select(kept_from)).all()
    assert kept == ([] if is_forgotten else [(person_id, feared.who.id)])
