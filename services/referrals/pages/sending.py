"""Sending a referral by the form, and what the sender is told then."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid
from chassis.ids import new_token
from chassis.once import KeyReused
from chassis.web import door, here
from chassis.web.forms import faults_of, form_body
from chassis.web.look import page
from services.referrals import routes, schemas, store
from services.referrals.actions import changing
from services.referrals.pages import wording

blueprint = Blueprint("referrals_sending_pages", __name__)
# What is most often so; whoever fills in the form may say otherwise.
_BEGINNING = {
    "needs.language": "en",
    "needs.mode": "any",
    "needs.peer_gender": "",
    "safety.present_danger": "no",
    "equity.ethnicity": "unknown",
    "equity.gender": "unknown",
}
# Longer keys are not ours: the form brings one of 43 characters.
_LONGEST_KEY = 100


@blueprint.get("/referrals/new")
@door("referral.send")
def new() -> Any:
    """The empty form."""
    with here().reading() as unit:
        changing.heed_suspension(unit)
        changing.heed_conditions(unit)
    return _form(_BEGINNING, {}, new_token())


@blueprint.post("/referrals/new")
@door("referral.send")
def send() -> Any:
    """Takes the form in; the same key sent twice makes one referral."""
    key = request.form.get("key", "")
    key = key if 0 < len(key) <= _LONGEST_KEY else new_token()
    sent = form_body(schemas.ReferralSchema(), request.form, beside=("key",))
    try:
        answer = routes.receive("web", key, _as_sent(), sent)
    except KeyReused as refused:
        here().note_refusal(refused)
        says = (
            "You sent this form before, with other answers. To send this one too, as another referral, send it again."
        )
        return _form(request.form, {"": says}, new_token(), 422)
    except Invalid as refused:
        here().note_refusal(refused)
        return _form(request.form, faults_of(refused), key, 422)
    return redirect(f"/referrals/{answer.record}/sent", 303)


def _as_sent() -> bytes:
    """The answers as they came, in one order, without the key: by them a repeat is known."""
    pairs = sorted((name, text) for name, texts in request.form.lists() for text in texts if name != "key")
    return json.dumps(pairs, ensure_ascii=False).encode()


def _form(form: Any, faults: dict[str, str], key: str, status: int = 200) -> Any:
    return page(
        "referrals/new.jinja", title="Refer someone", status=status, lists=wording.LISTS, places=wording.PLACES,
        form=form, faults=faults, key=key,
    )  # fmt: skip


@blueprint.get("/referrals/<uuid:referral_id>/sent")
@door("referral.send")
def sent(referral_id: Any) -> Any:
    """Says that the referral is kept, and what happens next."""
    with here().writing() as unit:
        changing.heed_suspension(unit)
        row = store.referral(unit.scope, unit, str(referral_id))
        unit.disclose(row.person_id, record=row.referral_id)
    notes = here().vault.ring([row.notes]).open(row.notes) or {}
    return page(
        "referrals/sent.jinja", title="Referral sent", row=row, missing=wording.missing(row.incomplete),
        is_in_danger=notes.get("present_danger"),
    )  # fmt: skip
