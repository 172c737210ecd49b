"""The screens of whoever owns worries: the late ones first, and one worry with what can be done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request

from chassis.access import may, scope_for
from chassis.errors import Refused
from chassis.unit import Unit
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.supervision import routes, schemas, store
from services.supervision.actions import concerns
from services.supervision.pages import wording

blueprint = Blueprint("supervision_worry_pages", __name__)


@blueprint.get("/worries")
@door("worry.handle")
def listed() -> Any:
    """The open worries of whoever asks, not yet taken up first; for the network lead also those nobody owns."""
    with here().writing() as unit:
        found = store.concerns_open(unit.scope, unit)
        routes.disclose_concerns(unit, found)
        rows = [routes.concern_row(row, unit.now) for row in found]
        alone = _alone(unit)
    return page("supervision/worries/list.jinja", title="Worries", rows=rows, alone=alone, wording=wording)


def _alone(unit: Unit) -> list[dict[str, Any]] | None:
    """The worries nobody owns yet, for those who are to find somebody; None for everybody else."""
    if not may(here().rules, g.who, "worry.unowned"):
        return None
    scope = scope_for(here().rules, g.who, "worry.unowned")
    rows = store.concerns_unowned(scope, unit)
    routes.disclose_concerns(unit, rows)
    return [routes.concern_row(row, unit.now) for row in rows]


@blueprint.get("/worries/<uuid:concern_id>")
@door("worry.handle")
def opened(concern_id: Any) -> Any:
    """One worry with its words, for its owner; each opening is one audit row."""
    return _opened(str(concern_id))


def _opened(concern_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = store.concern(unit.scope, unit, concern_id)
        routes.disclose_opened(unit, row)
        others = concerns.may_be_handed_to(unit, row)
        tokens = store.called_of_accounts(unit.scope, unit, [*others, row.about_id, row.raised_by_id])
        person = _person(unit, row)
        if row.raised_by == "peer":
            unit.disclose(row.raised_by_id, record=concern_id, kind="peer", is_told=False)
        partners = store.partner_names(unit.scope, unit)
        answer = routes.concern_row(row, unit.now)
    ring = here().vault.ring([*tokens.values(), person.called if person else None])
    called = {key: ring.open_text(token) for key, token in tokens.items()}
    if person is not None:
        called[person.person_id] = ring.open_text(person.called)
    return page(
        "supervision/worries/one.jinja", title="A worry", status=status, row=row, answer=answer,
        words=routes.opened_words(row), called={**partners, **called}, person=person, wording=wording,
        faults=faults or {}, form=request.form,
        others={key: called[key] for key in others if key in called},
    )  # fmt: skip


def _person(unit: Unit, row: Any) -> Any | None:
    """The person a worry is about or comes from; its owner needs to know whom they are to care for."""
    person_id = row.about_id if row.about == "person" else row.raised_by_id if row.raised_by == "person" else None
    person = store.person_of_concern(unit.scope, unit, row.concern_id, person_id) if person_id else None
    if person is not None:
        unit.disclose(person.person_id, record=row.concern_id, is_told=False)
    return person


@blueprint.post("/worries/<uuid:concern_id>/acknowledgement")
@door("worry.handle")
def acknowledge(concern_id: Any) -> Any:
    """One button: I have read this and take it up."""
    return _do(str(concern_id), lambda unit: concerns.acknowledge(unit, str(concern_id)))


@blueprint.post("/worries/<uuid:concern_id>/handing-on")
@door("worry.handle")
def hand_on(concern_id: Any) -> Any:
    """Gives the worry to somebody else."""
    given, faults = read_form(schemas.HandOnSchema(), request.form)
    if faults:
        return _opened(str(concern_id), 422, faults)
    return _do(str(concern_id), lambda unit: concerns.hand_on(unit, str(concern_id), **given), then="/worries")


@blueprint.post("/worries/<uuid:concern_id>/closing")
@door("worry.handle")
def close(concern_id: Any) -> Any:
    """Brings the worry to its end."""
    given, faults = read_form(schemas.CloseSchema(), request.form)
    if faults:
        return _opened(str(concern_id), 422, faults)
    return _do(str(concern_id), lambda unit: concerns.close(unit, str(concern_id), **given), then="/worries")


def _do(concern_id: str, work: Any, then: str | None = None) -> Any:
    try:
        with here().writing() as unit:
            work(unit)
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        here().note_refusal(refused)
        return _opened(concern_id, refused.status, faults_of(refused))
    return redirect(then or f"/worries/{concern_id}", 303)
