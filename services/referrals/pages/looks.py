"""The privacy officer's screens: the looks that were flagged, and one of them with what can be said of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Conflict, Invalid
from chassis.ids import short_code
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import schemas, store
from services.referrals.actions import watching
from services.referrals.pages import wording

blueprint = Blueprint("referrals_look_pages", __name__)


@blueprint.get("/referrals/looks")
@door("look.read")
def looks() -> Any:
    """The looks nobody has seen to yet, the oldest first; no name of anyone."""
    with here().writing() as unit:
        rows = store.looks_open(unit.scope, unit)
        for row in rows:
            if row.person_id:
                unit.disclose(row.person_id, record=row.look_id, is_opened=False)
        openings = store.glasses_unseen(unit.scope, unit)
        for row in openings:
            unit.disclose(row.person_id, record=row.glass_id, is_opened=False)
        partners = store.partner_names(unit.scope, unit)
    return page(
        "referrals/looks.jinja", title="Looks to see to", rows=rows, openings=openings, partners=partners,
        wording=wording,
    )  # fmt: skip


@blueprint.get("/referrals/looks/<uuid:look_id>")
@door("look.read")
def look(look_id: Any) -> Any:
    """One look: what made it stand out, in which role, when, and the ids by which more can be found out."""
    return _look(str(look_id))


def _look(look_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = store.look(unit.scope, unit, look_id)
        if row.person_id:
            unit.disclose(row.person_id, record=look_id)
        partners, is_own = store.partner_names(unit.scope, unit), row.account_id == unit.who.id
    return page(
        "referrals/look.jinja", title="A look to see to", status=status, row=row, partners=partners, is_own=is_own,
        wording=wording, code=short_code(look_id), faults=faults or {}, form=request.form,
    )  # fmt: skip


@blueprint.post("/referrals/looks/<uuid:look_id>/settling")
@door("look.settle")
def settle(look_id: Any) -> Any:
    """Says what came of it."""
    given, faults = read_form(schemas.LookSchema(), request.form)
    if faults:
        return _look(str(look_id), 422, faults)
    try:
        with here().writing() as unit:
            watching.settle(unit, str(look_id), given["outcome"])
    except (Conflict, Invalid) as refused:
        here().note_refusal(refused)
        return _look(str(look_id), refused.status, faults_of(refused))
    return redirect("/referrals/looks", 303)
