"""Roles somebody gets or holds no more: who may own worries and peers follows, and what they had goes to others."""

from __future__ import annotations

from typing import Any

from contracts.partners import ItemsHandedOver, RoleEnded, RoleGranted
from tests.builders import Caller


def grant(room: Any, who: Caller, role: str) -> None:
    ring = room["partners"].vault.make(who.who.id, ["called"])
    room.tell("partners", f"partners/account/{who.who.id}", RoleGranted(
        account_id=who.who.id, partner_id=who.who.partner_id or "", called=ring.seal(who.who.id, "called", "Asha"),
        role=role, roles=(*sorted(who.who.roles), role), granted_at=room.now,
    ))  # fmt: skip


def end(room: Any, who: Caller, role: str) -> None:
    kept = tuple(sorted(who.who.roles - {role}))
    room.tell("partners", f"partners/account/{who.who.id}", RoleEnded(
        account_id=who.who.id, partner_id=who.who.partner_id or "", role=role, roles=kept, ended_at=room.now,
    ))  # fmt: skip


def supervisor_of(room: Any, peer: Caller) -> str | None:
    with room["supervision"].reading() as unit:
        from services.supervision import store

        return store.supervisor_of(unit.scope, unit, peer.who.id)


def test_a_new_supervisor_takes_the_peers_who_had_none_and_their_peers_go_on_when_they_are_one_no_more(
    room: Any,
) -> None:
    peer = room.a_peer()
    assert supervisor_of(room, peer) is None
    first = room.an_account("Nia", "referrer")
    grant(room, first, "supervisor")
    assert supervisor_of(room, peer) == first.who.id
    second = room.an_account("Ola", "supervisor")
    end(room, room.as_("referrer", "supervisor", partner_id=room.partner_id, id=first.who.id), "supervisor")
    assert supervisor_of(room, peer) == second.who.id
    end(room, second, "supervisor")
    assert supervisor_of(room, peer) is None


def test_worries_of_somebody_who_may_not_own_them_any_more_go_to_others(room: Any) -> None:
    first = room.an_account("Nia", "coordinator", "referrer")
    fact = room.a_worry(2)
    room.do(first, fact.worry_id, "acknowledgement")
    second = room.an_account("Ola", "coordinator")
    end(room, first, "coordinator")
    assert first.api("GET", "/api/v1/concerns").get_json()["rule"] == "SessionEnded"
    assert [one["concern_id"] for one in room.list_of(second)] == [fact.worry_id]
    third = room.a_worry(2)
    assert third.worry_id in {one["concern_id"] for one in room.list_of(second)}


def hand_over(room: Any, first: Caller, then: Caller) -> None:
    room.tell("partners", f"partners/account/{first.who.id}", ItemsHandedOver(
        from_id=first.who.id, to_id=then.who.id, partner_id=room.partner_id, handed_over_at=room.now,
    ))  # fmt: skip


def test_worries_and_peers_of_somebody_absent_become_anothers(room_on_each: Any) -> None:
    room = room_on_each
    first, then = room.an_account("Nia", "supervisor", "coordinator"), None
    peer = room.a_peer()
    fact = room.a_worry(2)
    room.do(first, fact.worry_id, "acknowledgement")
    session = room.plan(peer, first, in_days=3)
    then = room.an_account("Ola", "supervisor", "coordinator")
    hand_over(room, first, then)
    assert supervisor_of(room, peer) == then.who.id
    assert [one["concern_id"] for one in room.list_of(then)] == [fact.worry_id]
    assert room.list_of(first) == []
    assert room.facts("supervision.planned")[-1]["supervisor_id"] == then.who.id
    assert room.facts("concern.handed_on")[-1]["owner_id"] == then.who.id
    room.clock.advance(days=3, hours=1)
    assert room.confirm(session, then, peer)["state"] == "held"


def test_a_worry_about_whoever_takes_over_goes_to_somebody_else(room: Any) -> None:
    first = room.an_account("Nia", "coordinator")
    fact = room.a_worry(2, about="supervisor", raised_by="peer")
    assert [one["concern_id"] for one in room.list_of(first)] == [fact.worry_id]
    third = room.an_account("Pia", "coordinator")
    raiser = room.as_("coordinator", partner_id=room.partner_id, id=fact.raised_by_id)
    hand_over(room, first, raiser)
    assert [one["concern_id"] for one in room.list_of(third)] == [fact.worry_id]
