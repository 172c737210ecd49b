"""A peer's own supervision: when it is due, the time offered, their word that it was held; and what both may say."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid, NotFound
from chassis.web import door, here
from chassis.web.forms import read_form
from chassis.web.look import page
from services.supervision import routes, schemas, store
from services.supervision.actions import sessions
from services.supervision.pages import wording

blueprint = Blueprint("supervision_peer_pages", __name__)


@blueprint.get("/supervision/mine")
@door("supervision.own")
def mine() -> Any:
    """The peer's own supervision; whoever has not joined yet reads what will stand here."""
    try:
        with here().reading() as unit:
            row = store.peer_themselves(unit.scope, unit, unit.who.id)
            answer = routes.peer_answer(unit, row)
            held = store.sessions_held(unit.scope, unit, row.peer_id)
            supervisor = store.called_of_accounts(unit.scope, unit, [row.supervisor_id]).get(row.supervisor_id)
            now = unit.now
    except NotFound:
        return page("supervision/mine.jinja", title="Your supervision", answer=None)
    ring = here().vault.ring([supervisor])
    return page(
        "supervision/mine.jinja", title="Your supervision", answer=answer, held=held, now=now, wording=wording,
        supervisor=ring.open_text(supervisor), is_paused=row.is_paused,
    )  # fmt: skip


@blueprint.post("/supervision/sessions/<uuid:session_id>/confirmation")
@door("supervision.confirm")
def confirm(session_id: Any) -> Any:
    """One button: we met."""
    with here().writing() as unit:
        sessions.confirm(unit, str(session_id))
        return _back(unit, str(session_id))


@blueprint.post("/supervision/sessions/<uuid:session_id>/missed")
@door("supervision.confirm")
def missed(session_id: Any) -> Any:
    """It did not take place."""
    given = _read(schemas.MissedSchema())
    with here().writing() as unit:
        sessions.miss(unit, str(session_id), **given)
        return _back(unit, str(session_id))


@blueprint.post("/supervision/sessions/<uuid:session_id>/declining")
@door("supervision.own")
def decline(session_id: Any) -> Any:
    """The peer does not take an offered time."""
    given = _read(schemas.DeclineSchema())
    with here().writing() as unit:
        sessions.decline(unit, str(session_id), **given)
        return _back(unit, str(session_id))


def _read(schema: Any) -> Any:
    given, faults = read_form(schema, request.form)
    if faults:
        raise Invalid(next(iter(faults.values())))
    return given


def _back(unit: Any, session_id: str) -> Any:
    row = store.session(unit.scope, unit, session_id)
    is_peer = unit.who.id == row.peer_id
    return redirect("/supervision/mine" if is_peer else f"/supervision/peers/{row.peer_id}", 303)
