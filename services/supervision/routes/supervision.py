"""JSON in and out: teams, what new matches need of a peer, and sessions."""

from __future__ import annotations

from typing import Any

from chassis.web import ApiBlueprint, door, here
from services.supervision import schemas, store
from services.supervision.actions import sessions, standing
from services.supervision.routes.asking import disclose_peers, peer_answer, team_rows

blueprint = ApiBlueprint(
    "supervision", __name__, url_prefix="/api/v1/supervision", description="Supervision, and who is cleared"
)


@blueprint.get("/team")
@door("team.read")
@blueprint.response(200, schemas.PeerRowSchema(many=True))
def team() -> Any:
    """Your peers, whoever's supervision is due soonest first; the network lead sees all."""
    with here().writing() as unit:
        rows = store.team(unit.scope, unit)
        disclose_peers(unit, rows)
        return team_rows(unit, rows)


@blueprint.get("/peers/<uuid:peer_id>")
@door("team.read")
@blueprint.response(200, schemas.PeerSchema)
def peer(peer_id: Any) -> Any:
    """One of your peers: what new matches need of them, and what is lacking."""
    with here().writing() as unit:
        row = store.peer_led(unit.scope, unit, str(peer_id))
        disclose_peers(unit, [row], is_opened=True)
        return peer_answer(unit, row)


@blueprint.put("/peers/<uuid:peer_id>/standing")
@door("peer.clear")
@blueprint.arguments(schemas.StandingSchema)
@blueprint.response(200, schemas.PeerSchema)
def put_standing(given: dict[str, Any], peer_id: Any) -> Any:
    """Record what new matches need: the conduct accepted on a day, check and training valid until a day."""
    with here().writing() as unit:
        standing.record(unit, str(peer_id), given)
        return peer_answer(unit, store.peer_led(unit.scope, unit, str(peer_id)))


@blueprint.post("/peers/<uuid:peer_id>/sessions")
@door("supervision.plan")
@blueprint.arguments(schemas.PlanSchema)
@blueprint.response(201, schemas.SessionSchema)
def plan(given: dict[str, Any], peer_id: Any) -> Any:
    """Plan a session with one of your peers. The same time again changes nothing; another time moves it."""
    with here().writing() as unit:
        session_id = sessions.plan(unit, str(peer_id), **given)
        return store.session(unit.scope, unit, session_id)


@blueprint.post("/sessions/<uuid:session_id>/confirmation")
@door("supervision.confirm")
@blueprint.response(200, schemas.SessionSchema)
def confirm(session_id: Any) -> Any:
    """Say that a session was held. It is held once supervisor and peer have both said so."""
    with here().writing() as unit:
        sessions.confirm(unit, str(session_id))
        return store.session(unit.scope, unit, str(session_id))


@blueprint.post("/sessions/<uuid:session_id>/missed")
@door("supervision.confirm")
@blueprint.arguments(schemas.MissedSchema)
@blueprint.response(200, schemas.SessionSchema)
def missed(given: dict[str, str], session_id: Any) -> Any:
    """Say that a session did not take place, and because of whom. It is made up for, and is no mark on anyone."""
    with here().writing() as unit:
        sessions.miss(unit, str(session_id), **given)
        return store.session(unit.scope, unit, str(session_id))


@blueprint.post("/sessions/<uuid:session_id>/declining")
@door("supervision.own")
@blueprint.arguments(schemas.DeclineSchema)
@blueprint.response(200, schemas.SessionSchema)
def decline(given: dict[str, str], session_id: Any) -> Any:
    """Do not take an offered time: `not_possible` needs no more words, `own_choice` says you would rather not now."""
    with here().writing() as unit:
        sessions.decline(unit, str(session_id), **given)
        return store.session(unit.scope, unit, str(session_id))


@blueprint.get("/mine")
@door("supervision.own")
@blueprint.response(200, schemas.PeerSchema)
def mine() -> Any:
    """Your own supervision: when it is due, what is planned, and what new matches need of you."""
    with here().reading() as unit:
        return peer_answer(unit, store.peer_themselves(unit.scope, unit, unit.who.id))
