"""What keeps everyone safe, for whoever works with a person; and opening it all the same."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Conflict, Invalid
from chassis.ids import short_code
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.referrals import schemas, store
from services.referrals.actions import glass
from services.referrals.pages import wording

blueprint = Blueprint("referrals_safety_pages", __name__)


@blueprint.get("/referrals/people/<uuid:person_id>/safety")
@door("safety.read")
def safety(person_id: Any) -> Any:
    """What keeps everyone safe; through broken glass also who the person is and how they are reached."""
    with here().writing() as unit:
        row, sight = glass.look(unit, str(person_id))
        broken = store.glass_open(unit.scope, unit, str(person_id)) if sight.is_broken else None
    parts = ("contact", "needs") if sight.is_broken else ()
    ring = here().vault.ring([row.notes, row.called, *(row._mapping[name] for name in parts)])
    return page(
        "referrals/safety.jinja", title="To keep everyone safe", row=row, broken=broken, notes=ring.open(row.notes),
        opened={name: ring.open(row._mapping[name]) for name in parts}, lists=wording.LISTS,
        called=ring.open_text(row.called) if broken else "",
    )  # fmt: skip


@blueprint.get("/referrals/people/<uuid:person_id>/glass")
@door("glass.break")
def asked(person_id: Any) -> Any:
    """Says what breaking the glass means, and asks why."""
    return _ask(str(person_id))


def _ask(person_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = glass.may_break(unit, person_id)
        # Nothing is shown yet; that somebody has the form before them is on record, and told to nobody.
        unit.disclose(person_id, record=row.referral_id, is_told=False)
        minutes = unit.policy.glass_minutes
    return page(
        "referrals/glass.jinja", title="Open it all the same", status=status, row=row, minutes=minutes,
        reasons=wording.GLASS_REASONS, faults=faults or {}, form=request.form,
    )  # fmt: skip


@blueprint.post("/referrals/people/<uuid:person_id>/glass")
@door("glass.break")
def break_it(person_id: Any) -> Any:
    """Opens it for a time; the privacy officer is told at once."""
    given, faults = read_form(schemas.GlassSchema(), request.form)
    if faults:
        return _ask(str(person_id), 422, faults)
    with here().writing(glass.ring_for(here(), str(person_id))) as unit:
        glass.break_glass(unit, str(person_id), **given)
    return redirect(f"/referrals/people/{person_id}/safety", 303)


@blueprint.post("/referrals/people/<uuid:person_id>/glass/ending")
@door("glass.break")
def end(person_id: Any) -> Any:
    """Ends it before its time."""
    with here().writing() as unit:
        glass.end(unit, str(person_id))
    return redirect("/work", 303)


# ---- the privacy officer


@blueprint.get("/referrals/looks/glass/<uuid:glass_id>")
@door("look.read")
def opening(glass_id: Any) -> Any:
    """One opening: by whom and why, and until when it goes on."""
    return _opening(str(glass_id))


def _opening(glass_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        row = store.glass(unit.scope, unit, glass_id)
        unit.disclose(row.person_id, record=glass_id)
        partners, is_own = store.partner_names(unit.scope, unit), row.account_id == unit.who.id
        goes_on = row.ended_at is None and row.ends_at > unit.now
    ring = here().vault.ring([row.words] if row.words else [])
    return page(
        "referrals/opening.jinja", title="Opened all the same", status=status, row=row, partners=partners,
        words=glass.reason_of(row, ring), is_own=is_own, goes_on=goes_on, wording=wording, code=short_code(glass_id),
        faults=faults or {}, form=request.form,
    )  # fmt: skip


@blueprint.post("/referrals/looks/glass/<uuid:glass_id>/settling")
@door("look.settle")
def see_to(glass_id: Any) -> Any:
    """Says what came of it."""
    given, faults = read_form(schemas.LookSchema(), request.form)
    if faults:
        return _opening(str(glass_id), 422, faults)
    try:
        with here().writing() as unit:
            glass.see_to(unit, str(glass_id), given["outcome"])
    except (Conflict, Invalid) as refused:
        here().note_refusal(refused)
        return _opening(str(glass_id), refused.status, faults_of(refused))
    return redirect("/referrals/looks", 303)
