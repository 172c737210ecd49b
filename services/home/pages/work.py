"""One's own screens: what is mine to do, and how one referral went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chassis.ids import short_code
from chassis.web import door, here
from chassis.web.look import page
from services.home.actions import listing, recounting
from services.home.domain import work
from services.home.pages import opening

blueprint = Blueprint("home_work", __name__)


@blueprint.get("/work")
@door("work.list")
def own() -> Any:
    """What is whose to do now, late ones first; every person named is one audit row."""
    with here().writing() as unit:
        found = listing.own_work(unit, opening.asked_page())
        now = unit.now
    ring = here().vault.ring(item.called for item in found.items)
    lines = []
    for item in found.items:
        called = opening.called(ring, item.called) or item.name
        says = work.words(item.kind, called, item.due_at, now)
        lines.append({"says": says, "item": item, "kind": work.KINDS[item.kind]})
    is_person = g.who.kind == "person"
    title = "What waits for you" if is_person else "Your work"
    title = title if found.last == 1 else f"{title} (page {found.number} of {found.last})"
    return page("home/work.jinja", title=title, found=found, lines=lines, is_person=is_person)


@blueprint.get("/timelines/<uuid:referral_id>")
@door("timeline.read")
def timeline(referral_id: Any) -> Any:
    """The facts of one referral in order, without a name."""
    with here().writing() as unit:
        found = recounting.timeline(unit, str(referral_id))
    return page("home/timeline.jinja", title=f"How referral BT-{short_code(found.referral_id)} went", found=found)
