"""The code of conduct: anybody reads it, the network lead publishes it, peers and supervisors say yes to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.ids import new_token
from chassis.web import PUBLIC, door, here
from chassis.web.forms import Faults, read_form
from chassis.web.look import page
from services.partners import schemas, store
from services.partners.actions import conduct as actions
from services.partners.pages import organisations
from services.partners.routes import conduct as routes

blueprint = Blueprint("conduct_pages", __name__)


@blueprint.get("/partners/conduct")
@door(PUBLIC)
def newest() -> Any:
    """The newest version, and whether whoever reads it has said yes to it."""
    with here().reading() as unit:
        rows = store.conduct_versions(unit.scope, unit)
        accepted = actions.accepted(unit)
    return page("partners/conduct.jinja", title="Code of conduct", row=rows[0] if rows else None, rows=rows,
        accepted=accepted, is_newest=True)  # fmt: skip


@blueprint.get("/partners/conduct/<int:version>")
@door(PUBLIC)
def one(version: int) -> Any:
    """One version as it was published."""
    with here().reading() as unit:
        rows = store.conduct_versions(unit.scope, unit)
        accepted = actions.accepted(unit)
    row = next((row for row in rows if row.version == version), None)
    return page("partners/conduct.jinja", title="Code of conduct", row=row, rows=rows, accepted=accepted,
        is_newest=bool(rows) and row is rows[0], status=200 if row else 404)  # fmt: skip


@blueprint.post("/partners/conduct/acceptance")
@door("conduct.accept")
def accept() -> Any:
    """Says yes to the newest version."""
    given = organisations.said(schemas.AcceptSchema())
    with here().writing() as unit:
        actions.accept(unit, given["version"])
    return redirect("/partners/conduct", 303)


@blueprint.get("/partners/conduct/new")
@door("conduct.publish")
def new() -> Any:
    """The form of the next version, with the words of the newest."""
    with here().reading() as unit:
        row = actions.newest(unit)
    return _form({"words": row.words} if row else {}, new_token())


@blueprint.post("/partners/conduct/new")
@door("conduct.publish")
def publish() -> Any:
    """Publishes it; the same form sent twice publishes one."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.PublishSchema(), request.form, beside=["key"])
    if not faults:
        answer, faults = organisations.once(lambda: routes.publish_once("web", key, organisations.sent_body(), asked))
        if answer:
            return redirect("/partners/conduct", 303)
    return _form(request.form, key, 422, faults)


def _form(form: Any, key: str, status: int = 200, faults: Faults | None = None) -> Any:
    return page("partners/conduct_new.jinja", title="Publish the code of conduct", status=status, form=form, key=key,
        faults=faults or {})  # fmt: skip
