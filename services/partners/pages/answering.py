"""The critical questions of a partner, as a form for its lead."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.ids import new_token
from chassis.web import door, here
from chassis.web.forms import Faults, read_form
from chassis.web.look import page
from contracts import setup
from services.partners import schemas
from services.partners.actions import answering as actions
from services.partners.actions import organisations as of_partners
from services.partners.pages import organisations
from services.partners.routes import answering as routes

blueprint = Blueprint("answering_pages", __name__)
POSTS = ("first", "second", "third")


@blueprint.get("/partners/<uuid:partner_id>/questions")
@door("setup.answer")
def questions(partner_id: Any) -> Any:
    """The questions, with what was answered last."""
    with here().reading() as unit:
        row = actions.newest(unit, str(partner_id))
    return _form(str(partner_id), _flat(row.answers) if row else {}, new_token())


@blueprint.post("/partners/<uuid:partner_id>/questions")
@door("setup.answer")
def answer(partner_id: Any) -> Any:
    """Keeps the answers; the same form sent twice keeps them once."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.SetupSchema(), request.form, beside=["key"])
    if not faults:
        body = organisations.sent_body()
        answered, faults = organisations.once(lambda: routes.answer_once("web", key, body, str(partner_id), asked))
        if answered:
            return redirect(f"/partners/{partner_id}", 303)
    return _form(str(partner_id), request.form, key, 422, faults)


def _flat(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers by the dotted names of the form."""
    posts = {f"posts.{place}.{name}": value for place, post in answers["posts"].items() for name, value in post.items()}
    return {**{name: value for name, value in answers.items() if name != "posts"}, **posts}


def _form(partner_id: str, form: Any, key: str, status: int = 200, faults: Faults | None = None) -> Any:
    with here().reading() as unit:
        row = of_partners.see_partner(unit, partner_id)
    return page(
        "partners/questions.jinja", title="About your peer support", status=status, row=row, form=form, key=key,
        faults=faults or {}, setup=setup, posts=POSTS,
    )  # fmt: skip
