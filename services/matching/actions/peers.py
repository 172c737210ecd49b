"""What peers do for themselves: join, say what they take and what they have lived through, take a break, come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.access import service_scope
from chassis.errors import Fault, Invalid
from chassis.unit import Unit
from contracts.matching import CapacityStated, PeerJoined, PeerPaused, PeerResumed
from services.matching import store
from services.matching.actions import releasing
from services.matching.domain import moves

ABOUT_CLASS = "experience"
# The limits kept as they are; topics not taken and gender are sealed with the experience.
OPEN_LIMITS = ("areas", "modes", "times", "languages", "age_bands")


class AccountNotKnown(Invalid):
    """There is no account with the role peer under this id, or it belongs to another partner."""

    where = "account_id"
    says = "No account with the role peer is known under this id. Open the account first, then try again."


class TooManyPlaces(Invalid):
    """More places than the network lets one peer offer."""

    where = "places"


def join(unit: Unit, account_id: str) -> Any:
    """Makes an account with the role peer a peer of the network, with no places until they say how many.

    Joining again changes nothing. Gives the peer's row; the peer's id is their account's id.
    """
    account = store.account(unit.scope, unit, account_id)
    if account is None:
        raise AccountNotKnown()
    known = store.peers_listed(unit.scope, unit, [account_id])
    if not known:
        row = {
            "peer_id": account_id,
            "partner_id": account.partner_id,
            "called": account.called,
            "places": 0,
            "limits": {name: [] for name in OPEN_LIMITS},
            "about": None,
            "is_paused": False,
            "joined_at": unit.now,
        }
        store.add(unit, store.peers, row)
        fact = PeerJoined(peer_id=account_id, partner_id=account.partner_id, called=account.called, joined_at=unit.now)
        unit.state(stream(account_id), fact)
        unit.note("peer.join", subject=account_id, record=account_id)
        known = store.peers_listed(unit.scope, unit, [account_id])
    return known[0]


def set_limits(unit: Unit, asked: Mapping[str, Any]) -> None:
    """Takes in what the peer says they take: places, areas, ways, times, languages, age groups, and topics they do not.

    Fewer places than are used give up the newest holds; nobody already chosen or supported is let go.
    """
    peer_id = unit.who.id
    if asked["places"] > unit.policy.most_places:
        says = f"Offer {unit.policy.most_places} places or fewer."
        raise TooManyPlaces(says, (Fault("places", says),))
    row = store.peer(unit.scope, unit, peer_id, to_change=True)
    about = {**opened(unit, row), "gender": asked["gender"], "not_taken": list(asked["topics_not_taken"])}
    store.change_peer(
        unit,
        peer_id,
        places=asked["places"],
        limits={name: list(asked[name]) for name in OPEN_LIMITS},
        about=unit.ring.seal(peer_id, ABOUT_CLASS, about),
    )
    if asked["places"] != row.places:
        unit.state(stream(peer_id), CapacityStated(peer_id=peer_id, places=asked["places"], stated_at=unit.now))
        _give_up_holds(unit, peer_id, asked["places"])
    unit.note("peer.set_limits", subject=peer_id, record=peer_id)


def _give_up_holds(unit: Unit, peer_id: str, places: int) -> None:
    used = store.places_used(unit.scope, unit, [peer_id]).get(peer_id, 0)
    held = [one for one in store.open_options_of_peers(unit.scope, unit, [peer_id]) if one.state == moves.COULD]
    for match_id in moves.holds_to_give_up(places, used, [one.match_id for one in held]):
        releasing.let_go(unit, match_id, [peer_id], "peer_not_this_time")


def set_experience(unit: Unit, entries: Sequence[Mapping[str, str]]) -> None:
    """Takes in the peer's lived-experience entries, each a theme with its level; the text stays sealed in this room."""
    peer_id = unit.who.id
    row = store.peer(unit.scope, unit, peer_id, to_change=True)
    about = {**opened(unit, row), "entries": [[entry["theme"], entry["level"]] for entry in entries]}
    store.change_peer(unit, peer_id, about=unit.ring.seal(peer_id, ABOUT_CLASS, about))
    unit.note("peer.set_experience", subject=peer_id, record=peer_id)


def pause(unit: Unit) -> None:
    """The peer takes a break, without a reason; what is not settled is let go at once, people supported are kept."""
    row = store.peer(unit.scope, unit, unit.who.id, to_change=True)
    if row.is_paused:
        return
    store.change_peer(unit, row.peer_id, is_paused=True)
    unit.state(stream(row.peer_id), PeerPaused(peer_id=row.peer_id, paused_at=unit.now))
    releasing.let_go_of_peers(unit, [row.peer_id], "peer_paused")
    unit.note("peer.pause", subject=row.peer_id, record=row.peer_id)


def stop_offering(unit: Unit, peer_id: str) -> None:
    """Pauses somebody who may not be a peer any more, until they may again and come back themselves."""
    for row in store.peers_listed(service_scope(unit.service), unit, [peer_id]):
        if not row.is_paused:
            store.change_peer(unit, peer_id, is_paused=True)
            unit.state(stream(peer_id), PeerPaused(peer_id=peer_id, paused_at=unit.now))
            unit.note("peer.pause", subject=peer_id, record=peer_id)
        releasing.let_go_of_peers(unit, [peer_id], "peer_paused")


def resume(unit: Unit) -> None:
    """The peer is back."""
    row = store.peer(unit.scope, unit, unit.who.id, to_change=True)
    if not row.is_paused:
        return
    store.change_peer(unit, row.peer_id, is_paused=False)
    unit.state(stream(row.peer_id), PeerResumed(peer_id=row.peer_id, resumed_at=unit.now))
    unit.note("peer.resume", subject=row.peer_id, record=row.peer_id)


def opened(unit: Unit, row: Any) -> dict[str, Any]:
    """What a peer keeps sealed of themselves; nothing when they said nothing yet or are forgotten."""
    return dict(unit.ring.open(row.about, owner_id=row.peer_id) or {}) if row.about else {}


def is_available(unit: Unit, row: Any) -> bool:
    """Whether a new match may be asked of a peer: cleared, not held back, not on a break, partner not suspended."""
    if row.is_paused or "peer_held_back" in unit.braked(row.peer_id):
        return False
    return store.is_cleared(unit.scope, unit, row.peer_id) and "partner_suspended" not in unit.braked(row.partner_id)


def stream(peer_id: str) -> str:
    """The stream of one peer's facts."""
    return f"matching/peer/{peer_id}"
