"""The coordinator's page for finding a person: what is looked for is sent in the body and stands in no address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from chassis.errors import Invalid
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import domain, schemas, store
from services.referrals.actions import glass, searching
from services.referrals.pages import looking

blueprint = Blueprint("referrals_searching_pages", __name__)


@blueprint.get("/referrals/search")
@door("referral.search")
def asked() -> Any:
    """The empty form."""
    return _form({}, {})


@blueprint.post("/referrals/search")
@door("referral.search")
def found() -> Any:
    """Whoever is known by exactly what was entered; each of them is one audit row."""
    given, faults = read_form(schemas.SearchSchema(), request.form)
    if faults:
        return _form(request.form, faults, 422)
    try:
        with here().writing(searching.mark_keys(here())) as unit:
            rows = searching.search(unit, given)
            mine = glass.relations(unit, [row.person_id for row in rows if row.is_protected])
            partners = store.partner_names(unit.scope, unit)
    except Invalid as refused:
        here().note_refusal(refused)
        return _form(request.form, faults_of(refused), refused.status)
    named = {row.referral_id for row in rows if looking.is_named(row) and looking.is_seen(row, mine)}
    ring = here().vault.ring(row.called for row in rows if row.referral_id in named)
    shown = [(row, ring.open_text(row.called) if row.referral_id in named else "") for row in rows]
    return page(
        "referrals/search.jinja", title="What was found", shown=shown, partners=partners,
        # What was looked for is not left standing on a screen.
        stages=domain.STAGES, form={}, faults={}, has_searched=True,
    )  # fmt: skip


def _form(form: Any, faults: dict[str, str], status: int = 200) -> Any:
    return page(
        "referrals/search.jinja", title="Find a person", status=status, form=form, faults=faults, shown=[], partners={},
        stages=domain.STAGES, has_searched=False,
    )  # fmt: skip
