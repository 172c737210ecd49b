"""JSON in and out: peers and what they say they take."""

from __future__ import annotations

from typing import Any

from chassis.web import ApiBlueprint, door, here
from services.matching import schemas, store
from services.matching.actions import peers as own
from services.matching.routes.asking import (
    disclose_peers,
    limits_of,
    own_ring,
    own_row,
    peer_answers,
)

blueprint = ApiBlueprint("peers", __name__, url_prefix="/api/v1/peers", description="Peers and what they say they take")


@blueprint.post("")
@door("peer.join")
@blueprint.arguments(schemas.JoinSchema)
@blueprint.response(201, schemas.PeerSchema)
def join(given: dict[str, str]) -> Any:
    """Make an account with the role peer a peer of the network; doing it again changes nothing."""
    with here().writing() as unit:
        return peer_answers(unit, [own.join(unit, given["account_id"])])[0]


@blueprint.get("")
@door("peer.list")
@blueprint.response(200, schemas.PeerSchema(many=True))
def listed() -> Any:
    """The peers you may see, in the order they joined."""
    with here().writing() as unit:
        rows = store.peers_listed(unit.scope, unit)
        disclose_peers(unit, (row.peer_id for row in rows))
        return peer_answers(unit, rows)


@blueprint.get("/me")
@door("peer.own_limits")
@blueprint.response(200, schemas.OwnPeerSchema)
def me() -> Any:
    """What you said of yourself."""
    row, about = own_row()
    return {
        "peer_id": row.peer_id,
        "is_paused": row.is_paused,
        "limits": limits_of(row, about),
        "entries": [{"theme": theme, "level": level} for theme, level in about.get("entries", [])],
    }


@blueprint.put("/me/limits")
@door("peer.own_limits")
@blueprint.arguments(schemas.LimitsSchema)
@blueprint.response(204)
def limits(given: dict[str, Any]) -> None:
    """Say how many places you offer, where, how, when and in which languages, and which topics you do not take."""
    with here().writing(own_ring()) as unit:
        own.set_limits(unit, given)


@blueprint.put("/me/experience")
@door("peer.own_limits")
@blueprint.arguments(schemas.ExperienceSchema)
@blueprint.response(204)
def experience(given: dict[str, Any]) -> None:
    """Say what you have lived through, each entry at the level you choose for it."""
    with here().writing(own_ring()) as unit:
        own.set_experience(unit, given["entries"])


@blueprint.post("/me/pause")
@door("peer.own_limits")
@blueprint.response(204)
def pause() -> None:
    """Take a break. No reason is asked."""
    with here().writing() as unit:
        own.pause(unit)


@blueprint.post("/me/resumption")
@door("peer.own_limits")
@blueprint.response(204)
def resumption() -> None:
    """Come back from a break."""
    with here().writing() as unit:
        own.resume(unit)
