"""A supervisor's screens: their team, and one peer with what new matches need and the next session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Refused
from chassis.unit import Unit
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.supervision import routes, schemas, store
from services.supervision.actions import sessions, standing
from services.supervision.pages import wording

blueprint = Blueprint("supervision_pages", __name__)

# Refusals that belong beside the form rather than on a page of their own.
_BESIDE_FORM = (409, 422)


@blueprint.get("/supervision")
@door("team.read")
def team() -> Any:
    """The peers of whoever asks, whose supervision is due soonest first; the network lead sees all."""
    with here().writing() as unit:
        rows = store.team(unit.scope, unit)
        routes.disclose_peers(unit, rows)
        answers = routes.team_rows(unit, rows)
        partners = store.partner_names(unit.scope, unit)
        supervisors = store.called_of_accounts(unit.scope, unit, [row.supervisor_id for row in rows])
        is_network = unit.scope.reach == "network"
    ring = here().vault.ring([*(row.called for row in rows), *supervisors.values()])
    shown = [
        (answer, ring.open_text(row.called), ring.open_text(supervisors.get(row.supervisor_id)))
        for row, answer in zip(rows, answers, strict=True)
    ]
    return page(
        "supervision/team.jinja", title="Supervision across the network" if is_network else "Your team", shown=shown,
        partners=partners, wording=wording, is_network=is_network,
    )  # fmt: skip


@blueprint.get("/supervision/peers/<uuid:peer_id>")
@door("team.read")
def peer(peer_id: Any) -> Any:
    """One peer."""
    return _peer(str(peer_id))


def _peer(peer_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = store.peer_led(unit.scope, unit, peer_id)
        routes.disclose_peers(unit, [row], is_opened=True)
        answer = routes.peer_answer(unit, row)
        held = store.sessions_held(unit.scope, unit, peer_id)
        partners = store.partner_names(unit.scope, unit)
        supervisor = store.called_of_accounts(unit.scope, unit, [row.supervisor_id]).get(row.supervisor_id)
        now, is_mine = unit.now, row.supervisor_id == unit.who.id
    ring = here().vault.ring([row.called, supervisor])
    called = ring.open_text(row.called)
    return page(
        "supervision/peer.jinja", title=called, status=status, row=row, answer=answer, called=called, held=held,
        supervisor=ring.open_text(supervisor), partners=partners, wording=wording, now=now, is_mine=is_mine,
        form=request.form if faults else {**answer, "kind": standing.LINE}, faults=faults or {},
    )  # fmt: skip


@blueprint.post("/supervision/peers/<uuid:peer_id>/standing")
@door("peer.clear")
def record_standing(peer_id: Any) -> Any:
    """Records what new matches need of a peer."""
    given, faults = read_form(schemas.StandingSchema(), request.form)
    if faults:
        return _peer(str(peer_id), 422, faults)
    return _do(str(peer_id), lambda unit: standing.record(unit, str(peer_id), given))


@blueprint.post("/supervision/peers/<uuid:peer_id>/sessions")
@door("supervision.plan")
def plan(peer_id: Any) -> Any:
    """Plans a session, or moves the one planned."""
    given, faults = read_form(schemas.PlanFormSchema(), request.form)
    if faults:
        return _peer(str(peer_id), 422, faults)
    return _do(str(peer_id), lambda unit: sessions.plan(unit, str(peer_id), **given), {"starts_at": "on"})


def _do(peer_id: str, work: Callable[[Unit], Any], fields: dict[str, str] | None = None) -> Any:
    """Does one thing and comes back to the peer; a refusal stands on the peer's page, beside its `fields`."""
    try:
        with here().writing() as unit:
            work(unit)
    except Refused as refused:
        if refused.status not in _BESIDE_FORM:
            raise
        here().note_refusal(refused)
        names = fields or {}
        faults = {names.get(where, where): says for where, says in faults_of(refused).items()}
        return _peer(peer_id, refused.status, faults)
    return redirect(f"/supervision/peers/{peer_id}", 303)
