"""Whoever must not be told of a person never owns a worry about or from them, and finds nothing that tells of them."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import told
from chassis.tables import kept_from
from contracts.partners import PartnerSuspended
from services.supervision import store
from tests.builders import Caller, without_ids
from tests.tellers import SAFE

NEXT = {"supervisor": "coordinator", "coordinator": "safeguarding_lead", "safeguarding_lead": "network_lead"}
FIRST = [(1, "supervisor"), (2, "coordinator"), (3, "safeguarding_lead"), (4, "safeguarding_lead")]
# (how, path, body) of every door on one worry
OF_WORRY: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/api/v1/concerns/{}", None),
    ("POST", "/api/v1/concerns/{}/acknowledgement", None),
    ("POST", "/api/v1/concerns/{}/handing-on", {"owner_id": "0f6d3b52-0000-4000-8000-000000000001"}),
    ("POST", "/api/v1/concerns/{}/closing", {"code": "talked_through"}),
    ("page", "/worries/{}", None),
    ("form", "/worries/{}/acknowledgement", {}),
    ("form", "/worries/{}/handing-on", {"owner_id": "0f6d3b52-0000-4000-8000-000000000001"}),
    ("form", "/worries/{}/handing-on", {}),
    ("form", "/worries/{}/closing", {"code": "talked_through"}),
    ("form", "/worries/{}/closing", {}),
)


def knock(by: Caller, how: str, path: str, body: Any) -> Any:
    if how == "page":
        return by.page(path)
    return by.form(path, body) if how == "form" else by.api(how, path, body)


def owners(room: Any, *callers: Caller) -> list[int]:
    """How many open worries each of them owns."""
    return [len(room.list_of(one)) for one in callers]


def unowned(by: Caller) -> list[Any]:
    found: list[Any] = by.api("GET", "/api/v1/concerns/unowned").get_json()
    return found


# ---- who owns one


@pytest.mark.parametrize(("level", "first"), FIRST)
@pytest.mark.parametrize("side", ["about", "from"])
def test_a_worry_about_or_from_a_person_passes_over_whom_they_fear_and_another_persons_does_not(
    room: Any, staff: dict[str, Any], level: int, first: str, side: str
) -> None:
    feared, then = staff[first], staff[NEXT[first]]
    person, other = room.a_person(peer=room.a_peer(), kept_from=(feared.who.id,)), room.a_person(peer=room.a_peer())
    for person_id, owner in ((person, then), (other, feared)):
        if side == "about":
            fact = room.a_worry(level, about_id=person_id)
        else:
            fact = room.a_worry(level, room="support", about="other", raised_by="person", raised_by_id=person_id)
        assert [one["concern_id"] for one in room.list_of(owner)] == [fact.worry_id]
    assert all(one["owner_id"] for one in room.facts("concern.raised"))


def test_of_several_in_a_role_another_one_owns_it(room: Any) -> None:
    feared, other = room.an_account("Cora", "coordinator"), room.an_account("Second", "coordinator")
    for _ in range(3):
        room.a_worry(2, about_id=room.a_person(kept_from=(feared.who.id,)))
    assert owners(room, feared, other) == [0, 3]


def test_however_late_it_gets_it_never_comes_to_them(room: Any, staff: dict[str, Any]) -> None:
    feared = staff["safeguarding_lead"]
    fact = room.a_worry(2, about_id=room.a_person(kept_from=(feared.who.id,)))
    for _ in range(6):
        room.go(days=3)
        room.tick()
        assert room.list_of(feared) == []
    assert [one["concern_id"] for one in room.list_of(staff["network_lead"])] == [fact.worry_id]
    assert [one["owner_id"] for one in room.facts("concern.escalated")] == [staff["network_lead"].who.id]


def test_nobody_hands_it_to_them_and_they_stand_on_no_list_to_choose_from(room: Any, staff: dict[str, Any]) -> None:
    feared, owner = staff["network_lead"], staff["coordinator"]
    fact, other = room.a_worry(2, about_id=room.a_person(kept_from=(feared.who.id,))), room.a_worry(2)
    body = {"owner_id": feared.who.id}
    refused = owner.api("POST", f"/api/v1/concerns/{fact.worry_id}/handing-on", body)
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "OwnerMayNot")
    assert owner.form(f"/worries/{fact.worry_id}/handing-on", body).status_code == 422
    assert feared.who.id not in owner.page(f"/worries/{fact.worry_id}").text
    assert feared.who.id in owner.page(f"/worries/{other.worry_id}").text
    assert room.do(owner, other.worry_id, "handing-on", body) == 204
    assert [one["concern_id"] for one in room.list_of(feared)] == [other.worry_id]


def test_the_worries_of_a_suspended_partner_go_to_others_but_not_to_them(room: Any, staff: dict[str, Any]) -> None:
    north = room.a_partner("North House")
    feared, other = (room.an_account(called, "network_lead", partner_id=north) for called in ("Fay", "Other"))
    for _ in range(2):
        fact = room.a_worry(3, about_id=room.a_person(kept_from=(feared.who.id,)))
        assert room.do(staff["safeguarding_lead"], fact.worry_id, "acknowledgement") == 200
    room.tell("partners", f"partners/partner/{room.partner_id}", PartnerSuspended(
        partner_id=room.partner_id, suspended_at=room.now,
    ))  # fmt: skip
    assert owners(room, staff["safeguarding_lead"], staff["network_lead"], feared, other) == [0, 0, 0, 2]


# ---- nobody else


def test_with_nobody_else_it_waits_with_its_time_for_the_first_who_may_know_of_it(room_on_each: Any) -> None:
    room = room_on_each
    feared, looks = room.an_account("Nia", "network_lead"), room.as_("network_lead")
    before = without_ids(feared.page("/worries").text)
    fact = room.a_worry(2, about_id=room.a_person(kept_from=(feared.who.id,)))
    (stated,) = room.facts("concern.raised")
    assert (stated["owner_id"], stated["acknowledge_by"]) == (None, "2026-03-02T14:00:00Z")
    assert (unowned(feared), room.list_of(feared)) == ([], [])
    assert without_ids(feared.page("/worries").text) == before
    assert [(one["concern_id"], one["acknowledge_by"]) for one in unowned(looks)] == [
        (fact.worry_id, "2026-03-02T14:00:00+00:00")
    ]
    assert "Nobody owns these yet" in looks.page("/worries").text
    room.go(hours=5)
    assert room.tick() == 0
    then = room.an_account("Cora", "coordinator")
    assert room.tick() == 1
    assert owners(room, then, feared) == [1, 0]
    assert unowned(looks) == []


def test_whoever_is_named_once_they_own_it_loses_it_at_once_to_somebody_else(room: Any, staff: dict[str, Any]) -> None:
    feared, then = staff["coordinator"], staff["safeguarding_lead"]
    person = room.a_person()
    taken, closed = room.a_worry(2, about_id=person), room.a_worry(2, about_id=person)
    about_others = room.a_worry(2)
    for fact in (taken, closed):
        assert room.do(feared, fact.worry_id, "acknowledgement") == 200
    assert room.do(feared, closed.worry_id, "closing", {"code": "talked_through"}) == 200
    room.go(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    room.accept(person, kept_from=(feared.who.id,))
    assert [one["concern_id"] for one in room.list_of(feared)] == [about_others.worry_id]
    assert [(one["concern_id"], one["state"], one["acknowledge_by"]) for one in room.list_of(then)] == [
        (taken.worry_id, "raised", "2026-03-02T16:00:00+00:00")
    ]
    assert feared.page(f"/worries/{closed.worry_id}").status_code == 404
    given = room.facts("concern.handed_on")
    assert [(one["concern_id"], one["from_id"], one["owner_id"]) for one in given] == [
        (taken.worry_id, feared.who.id, then.who.id)
    ]
    # Its clock runs for the new owner, and for nobody else.
    room.go(datetime(2026, 3, 2, 16, 1, tzinfo=UTC))
    room.tick()
    assert [one["concern_id"] for one in room.list_of(staff["network_lead"])] == [taken.worry_id]


def test_taken_from_the_only_one_there_it_waits_and_everyone_learns_that_it_has_nobody(room_on_each: Any) -> None:
    room = room_on_each
    feared, looks = room.an_account("Sade", "safeguarding_lead"), room.as_("network_lead")
    person = room.a_person()
    fact = room.a_worry(3, about_id=person)
    room.accept(person, kept_from=(feared.who.id,))
    assert room.list_of(feared) == []
    given = room.facts("concern.handed_on")
    assert [(one["from_id"], one["owner_id"], one["acknowledge_by"]) for one in given] == [
        (feared.who.id, None, "2026-03-02T11:00:00Z")
    ]
    assert [one["concern_id"] for one in unowned(looks)] == [fact.worry_id]
    assert room.tick() == 0
    then = room.an_account("Nia", "network_lead")
    assert room.tick() == 1
    assert owners(room, then, feared) == [1, 0]


def test_where_both_came_at_the_same_moment_the_next_look_takes_it_away(room: Any, staff: dict[str, Any]) -> None:
    feared, person = staff["coordinator"], room.a_person()
    fact = room.a_worry(2, about_id=person)
    with room["supervision"].writing() as unit:
        told.keep_from(unit, person, {feared.who.id})
    assert room.list_of(feared) == []
    assert room.tick() == 1
    assert [one["concern_id"] for one in room.list_of(staff["safeguarding_lead"])] == [fact.worry_id]
    assert room.tick() == 0


# ---- a worry that comes before the person is known here


def sealed_safety(room: Any, person_id: str, *account_ids: str) -> str:
    ring = room["referrals"].vault.make(person_id, ["safety"])
    return str(ring.seal(person_id, "safety", {**SAFE, "conflicts": list(account_ids)}))


def test_a_worry_of_somebody_not_heard_of_yet_brings_whom_they_fear_with_it(room: Any, staff: dict[str, Any]) -> None:
    feared, person, other = staff["safeguarding_lead"], room.ids.new(), room.ids.new()
    fact = room.a_worry(4, about_id=person, safety=sealed_safety(room, person, feared.who.id))
    room.a_worry(4, about_id=other, safety=sealed_safety(room, other))
    assert [one["concern_id"] for one in room.list_of(staff["network_lead"])] == [fact.worry_id]
    assert owners(room, feared) == [1]
    room.a_person(person_id=person, kept_from=(feared.who.id,))
    assert room.facts("concern.handed_on") == []


def test_without_it_the_worry_is_taken_from_them_as_soon_as_the_person_is_heard_of(
    room: Any, staff: dict[str, Any]
) -> None:
    feared, person = staff["safeguarding_lead"], room.ids.new()
    fact = room.a_worry(4, about_id=person)
    assert owners(room, feared) == [1]
    room.a_person(person_id=person, kept_from=(feared.who.id,))
    assert owners(room, feared) == [0]
    assert [one["concern_id"] for one in room.list_of(staff["network_lead"])] == [fact.worry_id]


@pytest.mark.parametrize("what", ["forgotten", "altered", "of somebody else"])
def test_what_does_not_open_holds_no_worry_up(room: Any, staff: dict[str, Any], what: str) -> None:
    person = room.ids.new()
    sealed_for = room.ids.new() if what == "of somebody else" else person
    token = sealed_safety(room, sealed_for, staff["coordinator"].who.id)
    if what == "altered":
        token = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    if what == "forgotten":
        room.forget_keys_of(person)
        person_worry = room.a_worry(2, about="other", about_id=person, safety=token)
    else:
        person_worry = room.a_worry(2, about_id=person, safety=token)
    assert [one["concern_id"] for one in room.list_of(staff["coordinator"])] == [person_worry.worry_id]


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_a_person_forgotten_before_they_were_heard_of_names_nobody_and_nothing_fails(
    room: Any, staff: dict[str, Any], is_forgotten: bool
) -> None:
    feared = staff["coordinator"].who.id
    person = room.a_person("Jordan", kept_from=(feared,), is_forgotten=is_forgotten)
    with room["supervision"].reading() as unit:
        assert list(unit.connection.execute(sa.select(store.people.c.person_id)).scalars()) == [person]
        kept = unit.connection.execute(sa.select(kept_from)).all()
    assert kept == ([] if is_forgotten else [(person, feared)])


# ---- what they see


@pytest.mark.parametrize(("how", "path", "body"), OF_WORRY)
def test_a_worry_answers_whoever_must_not_be_told_like_one_that_is_not_there(
    room: Any, staff: dict[str, Any], how: str, path: str, body: Any
) -> None:
    feared, person = staff["coordinator"], room.a_person()
    fact, other = room.a_worry(2, about_id=person), room.a_worry(2)
    room.accept(person, kept_from=(feared.who.id,))
    there, nowhere = (knock(feared, how, path.format(one), body) for one in (fact.worry_id, room.ids.new()))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert without_ids(there.text) == without_ids(nowhere.text)
    assert there.headers.get("Content-Length") == nowhere.headers.get("Content-Length")
    assert [room.audited(one, feared) for one in ("worry.open", "person.seen", "person.listed")] == [[], [], []]
    assert [one["state"] for one in room.list_of(staff["safeguarding_lead"])] == ["raised"]
    assert knock(feared, how, path.format(other.worry_id), body).status_code != 404
    assert knock(staff["safeguarding_lead"], how, path.format(fact.worry_id), body).status_code != 404


def test_even_what_stands_under_their_name_is_not_shown_to_them(room: Any) -> None:
    feared, person = room.an_account("Cora", "coordinator"), room.a_person()
    about = room.a_worry(2, about_id=person)
    raised = room.a_worry(2, room="support", about="other", raised_by="person", raised_by_id=person)
    other = room.a_worry(2)
    with room["supervision"].writing() as unit:
        told.keep_from(unit, person, {feared.who.id})
    assert [one["concern_id"] for one in room.list_of(feared)] == [other.worry_id]
    text = feared.page("/worries").text
    assert [one.worry_id in text for one in (about, raised, other)] == [False, False, True]


def test_a_peer_who_must_not_be_told_any_more_is_offered_no_name_of_theirs(room: Any) -> None:
    peer = room.a_peer()
    person, other = room.a_person("Jordan", peer=peer), room.a_person("Kofi", peer=peer)
    room.accept(person, kept_from=(peer.who.id,))
    text = html.unescape(peer.page("/worries/new").text)
    assert "Kofi, whom I support" in text
    assert ("Jordan" in text, person in text) == (False, False)
    assert [row.subject for row in room.audited("person.listed", peer)] == [other]


def test_to_raise_a_worry_about_somebody_has_the_same_answer_whether_or_not_they_are_there(
    room: Any, staff: dict[str, Any]
) -> None:
    raiser = room.an_account("Raiser", "coordinator")
    person, nobody = room.a_person(kept_from=(raiser.who.id,)), room.ids.new()
    body = {"level": 3, "about": "person", "words": "Something is not right."}
    there, nowhere = (
        raiser.api("POST", "/api/v1/concerns", {**body, "about_id": about_id}) for about_id in (person, nobody)
    )
    assert (there.status_code, nowhere.status_code) == (201, 201)
    assert without_ids(there.text) == without_ids(nowhere.text)
    sent = [
        raiser.form("/worries/new", {"level": "3", "whom": f"person/{about_id}", "words": "Something."})
        for about_id in (person, nobody)
    ]
    pages = [without_ids(raiser.page(one.headers["Location"]).text) for one in sent]
    assert pages[0] == pages[1]
    forms = [
        without_ids(raiser.page(f"/worries/new?about=person&about_id={about_id}").text) for about_id in (person, nobody)
    ]
    assert forms[0] == forms[1]
    assert owners(room, staff["safeguarding_lead"]) == [4]


def test_alarms_ring_for_such_a_worry_whoever_asks_for_the_metrics(room: Any) -> None:
    feared = room.an_account("Nia", "network_lead")
    room.a_worry(3, about_id=room.a_person(kept_from=(feared.who.id,)))
    room.go(hours=2)
    for path in ("/metrics", "/ops/supervision/metrics"):
        lines = feared.page(path).text.splitlines()
        assert "beenthere_supervision_worry_late_seconds 3600.0" in lines
        assert "beenthere_supervision_worry_unowned_seconds 7200.0" in lines


def test_whom_a_person_fears_is_on_no_page_and_in_no_fact_beside_their_worry(room: Any, staff: dict[str, Any]) -> None:
    feared, owner = staff["network_lead"], staff["coordinator"]
    fact = room.a_worry(2, about_id=room.a_person(kept_from=(feared.who.id,)))
    seen = owner.page(f"/worries/{fact.worry_id}").text + owner.api("GET", f"/api/v1/concerns/{fact.worry_id}").text
    assert feared.who.id not in seen
    assert feared.who.id not in room.all_that_was_said()
