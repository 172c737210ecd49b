"""A version of the conduct that is in force holds back whoever accepted an older one, until they accept it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.access import Scope
from contracts.matching import PeerJoined
from contracts.partners import ConductAccepted, ConductPublished
from services.supervision import store


def publish(room: Any, version: int, in_days: int) -> str:
    conduct_id = str(room.ids.new())
    room.tell("partners", f"partners/conduct/{conduct_id}", ConductPublished(
        conduct_id=conduct_id, version=version, published_on=room.now.date(),
        in_force_on=room.now.date() + timedelta(days=in_days),
    ))  # fmt: skip
    return conduct_id


def accept(room: Any, account_id: str, conduct_id: str, version: int) -> None:
    room.tell("partners", f"partners/account/{account_id}", ConductAccepted(
        account_id=account_id, conduct_id=conduct_id, version=version, accepted_on=room.now.date(),
    ))  # fmt: skip


def held_back(room: Any) -> list[str]:
    return [fact["code"] for fact in room.facts("peer.held_back")]


def test_an_older_version_is_enough_until_the_new_one_is_in_force(room_on_each: Any) -> None:
    room = room_on_each
    supervisor = room.an_account("Nia", "supervisor")
    peer = room.a_peer()
    room.clear(peer, supervisor)
    assert len(room.facts("peer.cleared")) == 1
    conduct_id = publish(room, 1, in_days=14)
    room.clock.advance(days=13)
    room.tick()
    assert held_back(room) == []
    room.clock.advance(days=1)
    room.tick()
    assert held_back(room) == ["conduct"]
    accept(room, peer.who.id, conduct_id, 1)
    assert len(room.facts("peer.cleared")) == 2


def test_whoever_accepts_in_time_is_never_held_back(room: Any) -> None:
    supervisor = room.an_account("Nia", "supervisor")
    peer = room.a_peer()
    room.clear(peer, supervisor)
    conduct_id = publish(room, 1, in_days=14)
    room.clock.advance(days=2)
    accept(room, peer.who.id, conduct_id, 1)
    room.clock.advance(days=20)
    room.tick()
    assert held_back(room) == []


def test_what_was_accepted_before_joining_counts(room: Any) -> None:
    conduct_id = publish(room, 1, in_days=0)
    early = room.an_account("Asha", "peer")
    accept(room, early.who.id, conduct_id, 1)
    ring = room["partners"].vault.make(early.who.id, ["called"])
    room.tell("matching", f"matching/peer/{early.who.id}", PeerJoined(
        peer_id=early.who.id, partner_id=room.partner_id, called=ring.seal(early.who.id, "called", "Asha"),
        joined_at=room.now,
    ))  # fmt: skip
    with room["supervision"].reading() as unit:
        known = store.peer_themselves(Scope("own", early.who), unit, early.who.id)
    assert known.conduct_accepted_on == room.now.date()
