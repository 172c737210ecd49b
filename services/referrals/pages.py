"""Screens of the referrals room: send a referral, see where it stands, open and decide, and the person's own page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request
from marshmallow import ValidationError

from chassis.access import Scope
from chassis.errors import Invalid
from chassis.ids import new_token
from chassis.web import door, here
from chassis.web.api import faults_in
from chassis.web.forms import faults_of, form_values, nest
from chassis.web.look import page
from contracts import needs as lists
from contracts.referrals import DECLINE_REASONS, DECLINED_BY

from . import actions, domain, routes, schemas, store

blueprint = Blueprint("referrals_pages", __name__)
LISTS = {
    "areas": lists.AREAS,
    "times": lists.TIMES,
    "modes": lists.MODES,
    "languages": lists.LANGUAGES,
    "peer_genders": lists.PEER_GENDERS,
    "themes": {code: words for code, (words, _) in lists.THEMES.items()},
    "ethnicities": lists.ETHNICITIES,
    "genders": lists.GENDERS,
    "channels": schemas.CHANNELS,
    "given_by": schemas.GIVEN_BY,
    "how_given": schemas.HOW_GIVEN,
}
REASON_WORDS = {
    "not_what_was_hoped_for": "Not what the person hoped for",
    "outside_our_area": "Outside our area",
    "too_young": "Too young",
    "unsafe_now": "Not safe just now",
    "duplicate": "The same referral came before",
    "other_help_found": "Other help was found",
}
BY_WORDS = {"person": "The person", "service": "Our service", "referrer": "The referrer"}


@blueprint.get("/referrals/new")
@door("referral.send")
def new() -> Any:
    """The empty form."""
    return page("referrals/new.jinja", title="Refer someone", lists=LISTS, form={}, faults={}, key=new_token())


@blueprint.post("/referrals/new")
@door("referral.send")
def send() -> Any:
    """Takes the form in; the same key sent twice makes one referral."""
    values = form_values(request.form, schemas.ReferralSchema())
    key = str(values.pop("key", "")) or new_token()
    try:
        asked = schemas.ReferralSchema().load(nest(values))
        answer = routes.receive("web", key, _body(key), asked)
    except ValidationError as error:
        return _again(faults_of(Invalid(faults=tuple(faults_in(error.messages)))), key)
    except Invalid as refused:
        here().note_refusal(refused)
        return _again(faults_of(refused), key)
    return redirect(f"/referrals/{answer.record}/sent", 303)


def _body(key: str) -> bytes:
    pairs = sorted((name, value) for name, values in request.form.lists() for value in values if name != "key")
    return repr((key, pairs)).encode()


def _again(faults: Any, key: str) -> Any:
    return page(
        "referrals/new.jinja", title="Refer someone", status=422, lists=LISTS, form=request.form, faults=faults, key=key
    )


@blueprint.get("/referrals/<uuid:referral_id>/sent")
@door("referral.send")
def sent(referral_id: Any) -> Any:
    """Says that the referral is kept, and what happens next."""
    with here().reading() as unit:
        row = store.referral(unit.scope, unit, str(referral_id))
    return page("referrals/sent.jinja", title="Referral sent", row=row)


@blueprint.get("/referrals")
@door("referral.read")
def listed() -> Any:
    """The referrals whoever asks may see; every person shown is one audit row."""
    state = request.args.get("state", "")
    if state not in domain.STAGES:
        state = ""
    with here().writing() as unit:
        rows = store.referrals_listed(unit.scope, unit, state=state)
        counts = store.count_by_state(unit.scope, unit)
        partners = store.partner_names(unit.scope, unit)
        for row in rows:
            unit.note("person.seen", subject=row.person_id, record=row.referral_id)
        now = unit.now
    ring = here().vault.ring(row.called for row in rows)
    shown = [(row, ring.open_text(row.called), _is_late(row, now)) for row in rows]
    return page(
        "referrals/list.jinja", title="Referrals", shown=shown, counts=counts, state=state, stages=domain.STAGES,
        partners=partners,
    )  # fmt: skip


def _is_late(row: Any, now: Any) -> bool:
    return domain.is_overdue(row.reply_due_at, now) or domain.is_overdue(row.decision_due_at, now)


@blueprint.get("/referrals/<uuid:referral_id>")
@door("referral.read")
def shown(referral_id: Any) -> Any:
    """One referral. A coordinator sees all of it; the partner that sent it sees where it stands."""
    return _shown(str(referral_id))


def _shown(referral_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = store.referral(unit.scope, unit, referral_id)
        partners = store.partner_names(unit.scope, unit)
        unit.note("person.seen", subject=row.person_id, record=referral_id)
        is_whole = unit.scope.reach == "network"
        now = unit.now
    tokens = [row.called, row.contact, row.notes, row.needs, row.safety] if is_whole else [row.called]
    ring = here().vault.ring(tokens)
    names = ("contact", "notes", "needs", "safety") if is_whole else ()
    opened = {name: ring.open(getattr(row, name)) for name in names}
    return page(
        "referrals/one.jinja", title=f"Referral {row.reference}", status=status, row=row,
        called=ring.open_text(row.called), opened=opened, stages=domain.STAGES, late=_is_late(row, now),
        partners=partners, lists=LISTS, faults=faults or {},
        form=request.form, reasons={code: REASON_WORDS[code] for code in DECLINE_REASONS},
        declined_by={code: BY_WORDS[code] for code in DECLINED_BY},
    )  # fmt: skip


@blueprint.post("/referrals/<uuid:referral_id>/acknowledgement")
@door("referral.decide")
def acknowledge(referral_id: Any) -> Any:
    """One button: somebody has opened it."""
    with here().writing() as unit:
        actions.acknowledge_referral(unit, str(referral_id))
    return redirect(f"/referrals/{referral_id}", 303)


@blueprint.post("/referrals/<uuid:referral_id>/acceptance")
@door("referral.decide")
def accept(referral_id: Any) -> Any:
    """One button: the person waits for a match from now."""
    with here().writing(routes.contact_ring(str(referral_id))) as unit:
        actions.accept_referral(unit, str(referral_id))
    return redirect(f"/referrals/{referral_id}", 303)


@blueprint.post("/referrals/<uuid:referral_id>/birth-date")
@door("referral.decide")
def birth_date(referral_id: Any) -> Any:
    """Adds the date of birth that was missing."""
    try:
        given = schemas.BirthDateSchema().load(form_values(request.form))
    except ValidationError as error:
        return _shown(str(referral_id), 422, faults_of(Invalid(faults=tuple(faults_in(error.messages)))))
    with here().writing(routes.sealing_ring(str(referral_id))) as unit:
        actions.add_birth_date(unit, str(referral_id), given["birth_date"])
    return redirect(f"/referrals/{referral_id}", 303)


@blueprint.post("/referrals/<uuid:referral_id>/decline")
@door("referral.decide")
def decline(referral_id: Any) -> Any:
    """Says why it will not go on."""
    try:
        given = schemas.DeclineSchema().load(form_values(request.form))
    except ValidationError as error:
        return _shown(str(referral_id), 422, faults_of(Invalid(faults=tuple(faults_in(error.messages)))))
    with here().writing() as unit:
        actions.decline_referral(unit, str(referral_id), **given)
    return redirect(f"/referrals/{referral_id}", 303)


@blueprint.post("/referrals/people/<uuid:person_id>/protection")
@door("person.protect")
def protect(person_id: Any) -> Any:
    """Protects a person, or lifts it."""
    with here().writing() as unit:
        actions.protect_person(unit, str(person_id), request.form.get("protect") == "yes")
    return redirect(f"/referrals/{request.form.get('back', '')}".rstrip("/"), 303)


@blueprint.get("/my/referral")
@door("my.referral")
def mine() -> Any:
    """The person's own page: where things stand, in plain words."""
    with here().reading() as unit:
        whole = Scope("own", unit.who)
        rows = store.of_person(whole, unit, unit.who.id)
    return page("referrals/mine.jinja", title="Your referral", rows=rows, stages=domain.STAGES)


@blueprint.post("/my/referral/withdrawal")
@door("consent.withdraw")
def withdraw() -> Any:
    """The person takes their consent back."""
    with here().writing() as unit:
        actions.withdraw_consent(unit, unit.who.id)
    return redirect("/my/referral", 303)
