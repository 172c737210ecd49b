"""What takes two people: asking that somebody is forgotten, and confirming or refusing what another asked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request

from chassis import second
from chassis.errors import Conflict, Invalid
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import schemas
from services.referrals.actions import forgetting, two_people
from services.referrals.domain.two_people import FORGETTING, HANDING_OUT, REASONS

blueprint = Blueprint("referrals_confirmation_pages", __name__)
WHAT = {
    FORGETTING: "Forget a person for good",
    HANDING_OUT: "Hand out all that is on record about a person",
}
STATES = {
    second.ASKED: "Waits for a second person",
    second.CONFIRMED: "Confirmed",
    second.REFUSED: "Refused",
    second.RAN_OUT: "Nobody settled it in time",
    second.DONE: "Done",
}


@blueprint.get("/referrals/confirmations")
@door("confirmation.list")
def listed() -> Any:
    """What waits for a second person, the oldest first; by ids and codes."""
    with here().writing() as unit:
        rows = two_people.listed(unit)
        for row in rows:
            unit.disclose(row.about_id, record=row.asking_id, is_opened=False)
    return page("referrals/confirmations.jinja", title="Waiting for a second person", rows=rows, what=WHAT)


@blueprint.get("/referrals/people/<uuid:person_id>/asking")
@door("person.forget")
def form(person_id: Any) -> Any:
    """Says what it means, before it is asked."""
    return _form(str(person_id))


def _form(person_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        two_people.may_ask(unit, person_id)
        unit.disclose(person_id)
    return page(
        "referrals/asking.jinja", title="Ask for what takes two people", status=status, person_id=person_id, what=WHAT,
        reasons={code: words for known in REASONS.values() for code, words in known.items()},
        faults=faults or {}, form=request.form,
    )  # fmt: skip


@blueprint.post("/referrals/people/<uuid:person_id>/asking")
@door("person.forget")
def ask(person_id: Any) -> Any:
    """Asks; another person confirms or refuses it."""
    given, faults = read_form(schemas.AskingSchema(), request.form)
    if faults:
        return _form(str(person_id), 422, faults)
    try:
        with here().writing() as unit:
            asked = two_people.ask(unit, given["what"], str(person_id), given["reason"])
    except (Conflict, Invalid) as refused:
        here().note_refusal(refused)
        return _form(str(person_id), refused.status, faults_of(refused))
    return redirect(f"/referrals/confirmations/{asked['asking_id']}" if asked else "/referrals/confirmations", 303)


@blueprint.get("/referrals/confirmations/<uuid:asking_id>")
@door("confirmation.list")
def one(asking_id: Any) -> Any:
    """One asking: what, about whom by their id, why, and until when it waits."""
    return _one(str(asking_id))


def _one(asking_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = two_people.one(unit, asking_id)
        unit.disclose(row.about_id, record=asking_id)
        is_open = row.state == second.ASKED and row.ends_at > unit.now
    return page(
        "referrals/confirmation.jinja", title=WHAT[row.what], status=status, row=row, is_open=is_open,
        is_own=row.asked_by == g.who.id, reason=REASONS[row.what][row.details["reason"]], states=STATES,
        faults=faults or {},
    )  # fmt: skip


@blueprint.post("/referrals/confirmations/<uuid:asking_id>/confirmation")
@door("confirmation.settle")
def confirm(asking_id: Any) -> Any:
    """A second person confirms, and it is done."""
    try:
        with here().writing() as unit:
            two_people.confirm(unit, str(asking_id))
    except Conflict as refused:
        here().note_refusal(refused)
        return _one(str(asking_id), refused.status, faults_of(refused))
    forgetting.destroy_keys(here())
    return redirect("/referrals/confirmations", 303)


@blueprint.post("/referrals/confirmations/<uuid:asking_id>/refusal")
@door("confirmation.settle")
def refuse(asking_id: Any) -> Any:
    """A second person refuses, and nothing is done."""
    try:
        with here().writing() as unit:
            two_people.refuse(unit, str(asking_id))
    except Conflict as refused:
        here().note_refusal(refused)
        return _one(str(asking_id), refused.status, faults_of(refused))
    return redirect("/referrals/confirmations", 303)
