"""A person's private link on the screen of their referral: made and shown once, taken back, and its word chosen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from chassis.errors import Conflict, Invalid
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import routes, schemas
from services.referrals.actions import links
from services.referrals.pages import looking
from services.referrals.pages.coordinator import back_to, form_says

blueprint = Blueprint("referrals_link_pages", __name__)


@blueprint.post("/referrals/people/<uuid:person_id>/link")
@door("link.mint")
def mint(person_id: Any) -> Any:
    """Makes a private link and shows it, once; whoever makes it hands it over themselves."""
    asked = form_says(schemas.BackSchema())
    try:
        made = routes.mint_link(str(person_id))
    except Conflict as refused:
        return _again(asked["back"], refused)
    return page(
        "referrals/link.jinja", title="A private link", made=made, back=f"/referrals/{asked['back']}"
        if asked["back"] else "/referrals",
    )  # fmt: skip


@blueprint.post("/referrals/people/<uuid:person_id>/link/revocation")
@door("link.revoke")
def revoke(person_id: Any) -> Any:
    """Takes the private link back."""
    asked = form_says(schemas.BackSchema())
    with here().writing() as unit:
        links.revoke(unit, str(person_id))
    return back_to(asked["back"])


@blueprint.post("/referrals/people/<uuid:person_id>/word")
@door("word.choose")
def choose_word(person_id: Any) -> Any:
    """Keeps the word the person chose."""
    asked, faults = read_form(schemas.WordFormSchema(), request.form)
    if faults:
        back = form_says(schemas.BackSchema(unknown="exclude"))["back"]
        return looking.show(back, 422, faults) if back else back_to("")
    try:
        routes.choose_word_of(str(person_id), asked["word"])
    except (Conflict, Invalid) as refused:
        return _again(asked["back"], refused)
    return back_to(asked["back"])


def _again(referral_id: str, refused: Conflict | Invalid) -> Any:
    """The referral's page with what was refused; elsewhere it is told as it is."""
    if not referral_id:
        raise refused
    here().note_refusal(refused)
    return looking.show(referral_id, refused.status, faults_of(refused))
