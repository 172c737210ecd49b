"""What a coordinator does on the screen of one referral: open it, decide, protect, heed consent taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers.response import Response

from chassis.access import may
from chassis.errors import Conflict, Fault, Invalid
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import routes, schemas, store
from services.referrals.actions import deciding, protecting
from services.referrals.pages import looking

blueprint = Blueprint("referrals_coordinator_pages", __name__)


def _do(referral_id: str, work: Callable[[Unit], None], ring: Ring | None = None) -> Any:
    """Does one thing with a referral and shows it again; what is refused is said on its page."""
    try:
        with here().writing(ring) as unit:
            work(unit)
    except (Conflict, Invalid) as refused:
        here().note_refusal(refused)
        return looking.show(referral_id, refused.status, faults_of(refused))
    return redirect(f"/referrals/{referral_id}", 303)


@blueprint.post("/referrals/<uuid:referral_id>/acknowledgement")
@door("referral.decide")
def acknowledge(referral_id: Any) -> Any:
    """One button: somebody has opened it."""
    return _do(str(referral_id), partial(deciding.acknowledge_referral, referral_id=str(referral_id)))


@blueprint.post("/referrals/<uuid:referral_id>/acceptance")
@door("referral.decide")
def accept(referral_id: Any) -> Any:
    """One button: the person waits for a match from now."""
    work = partial(deciding.accept_referral, referral_id=str(referral_id))
    return _do(str(referral_id), work, routes.contact_ring(str(referral_id)))


@blueprint.post("/referrals/<uuid:referral_id>/birth-date")
@door("referral.decide")
def birth_date(referral_id: Any) -> Any:
    """Adds the date of birth that was missing."""
    given, faults = read_form(schemas.BirthDateSchema(), request.form)
    if faults:
        return looking.show(str(referral_id), 422, faults)
    work = partial(deciding.add_birth_date, referral_id=str(referral_id), **given)
    return _do(str(referral_id), work, routes.sealing_ring(str(referral_id)))


@blueprint.post("/referrals/<uuid:referral_id>/decline")
@door("referral.decide")
def decline(referral_id: Any) -> Any:
    """Says why it will not go on."""
    given, faults = read_form(schemas.DeclineSchema(), request.form)
    if faults:
        return looking.show(str(referral_id), 422, faults)
    return _do(str(referral_id), partial(deciding.decline_referral, referral_id=str(referral_id), **given))


@blueprint.post("/referrals/people/<uuid:person_id>/protection")
@door("person.protect")
def protect(person_id: Any) -> Any:
    """Protects a person, or lifts it; what says neither changes nothing."""
    given = form_says(schemas.ProtectionSchema())
    work = protecting.protect_person if given["protect"] else protecting.lift_protection
    with here().writing() as unit:
        work(unit, str(person_id))
    return back_to(given["back"])


@blueprint.get("/referrals/<uuid:referral_id>/consent-withdrawal")
@door("referral.decide")
def withdrawal_asked(referral_id: Any) -> Any:
    """Asks whether the person said so, and says what it does, before it is done."""
    with here().writing() as unit:
        row = store.referral(unit.scope, unit, str(referral_id))
        unit.disclose(row.person_id, record=row.referral_id)
    title = "Has this person taken their consent back?"
    return page("referrals/withdrawal.jinja", title=title, row=row, back=f"/referrals/{referral_id}")


@blueprint.post("/referrals/people/<uuid:person_id>/consent-withdrawal")
@door("consent.withdraw")
def withdraw(person_id: Any) -> Any:
    """The person told a coordinator that they take their consent back."""
    given = form_says(schemas.BackSchema())
    with here().writing() as unit:
        protecting.withdraw_consent(unit, str(person_id))
    return back_to(given["back"])


def form_says(schema: Any) -> Any:
    """What a form of one button says; refuses (Invalid) what cannot be read."""
    given, faults = read_form(schema, request.form)
    if faults:
        raise Invalid(faults=tuple(Fault(where, says) for where, says in faults.items()))
    return given


def back_to(referral_id: str) -> Response:
    """To the referral the form stood on, for whoever may read it."""
    is_there = referral_id and may(here().rules, g.who, "referral.read")
    return redirect(f"/referrals/{referral_id}" if is_there else "/work", 303)
