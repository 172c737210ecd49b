"""Somebody becomes a peer by a role granted later, and is offered nobody new once it ended."""

from __future__ import annotations

from typing import Any

from contracts.partners import RoleEnded, RoleGranted


def test_an_account_that_became_a_peers_may_join(room: Any) -> None:
    account_id = room.an_account(role="referrer")
    assert room.lead.api("POST", "/api/v1/peers", {"account_id": account_id}).status_code != 201
    ring = room["partners"].vault.make(account_id, ["called"])
    room.tell("partners", f"partners/account/{account_id}", RoleGranted(
        account_id=account_id, partner_id=room.partner_id, called=ring.seal(account_id, "called", "Asha"), role="peer",
        roles=("referrer", "peer"), granted_at=room.now,
    ))  # fmt: skip
    assert room.lead.api("POST", "/api/v1/peers", {"account_id": account_id}).status_code == 201


def test_whoever_is_a_peer_no_more_is_offered_nobody_new(room: Any) -> None:
    peer = room.a_peer()
    person = room.a_person()
    asked = {"referral_id": person.referral_id, "peer_ids": [peer.who.id], "has_asked": True}
    assert room.coordinator.api("POST", "/api/v1/matches", asked).status_code == 201
    room.tell("partners", f"partners/account/{peer.who.id}", RoleEnded(
        account_id=peer.who.id, partner_id=room.partner_id, role="peer", roles=("referrer",), ended_at=room.now,
    ))  # fmt: skip
    assert [fact["peer_id"] for fact in room.facts("peer.paused")] == [peer.who.id]
    assert peer.who.id in {fact["peer_id"] for fact in room.facts("match.released")}
    refused = room.coordinator.api("POST", "/api/v1/matches", asked)
    assert 400 <= refused.status_code < 500
    other = room.a_peer("Femi")
    asked["peer_ids"] = [other.who.id]
    assert room.coordinator.api("POST", "/api/v1/matches", asked).status_code == 201
