"""How the network works: what the rooms say to one another, and how each room is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chassis.access import may
from chassis.errors import NotFound
from chassis.web import door, here
from chassis.web.look import page
from contracts.addresses import PURPOSES, SERVICES
from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from services.home import schemas, store

blueprint = Blueprint("home_network", __name__)


@blueprint.get("/events")
@door("events.list")
def events() -> Any:
    """Every fact: who says it, who hears it, what it is for, and how many were heard here."""
    with here().reading() as unit:
        heard = store.counts_heard(unit.scope, unit)
    return page(
        "home/events.jinja", title="Events", rooms=schemas.facts_shown(), heard=heard, is_told=_may_be_told,
        purposes=PURPOSES,
    )  # fmt: skip


@blueprint.get("/events/<type_>")
@door("events.list")
def event(type_: str) -> Any:
    """One kind of fact: its fields, what is sealed, and a sample made from its types."""
    kind = CATALOGUE.get(type_)
    if kind is None:
        raise NotFound()
    with here().reading() as unit:
        heard = store.counts_heard(unit.scope, unit).get(type_)
    shown = schemas.fact_shown(kind)
    return page(
        "home/event.jinja", title=f"Event {shown.name}", fact=shown, heard=heard if _may_be_told(shown) else None,
        is_told=_may_be_told(shown),
    )  # fmt: skip


def _may_be_told(fact: schemas.FactShown) -> bool:
    # When a peer took a break, or a person was protected, is theirs: a count that moves would tell whoever plans
    # matches. Those who run the network see it.
    return not fact.is_about_somebody or may(here().rules, g.who, "parked.read")


@blueprint.get("/services")
@door("services.list")
def services() -> Any:
    """Every room: what it is for, where to ask how it is, and when it was last heard; none is asked from here."""
    with here().reading() as unit:
        until = store.heard_until(unit.scope, unit)
    prefix = here().settings.topic_prefix
    rooms = [
        {
            "name": name,
            "purpose": PURPOSES[name],
            "heard_at": until.get(prefix + name),
            "says": sum(kind.FACT.owner == name for kind in HEARS["home"]),  # type: ignore[attr-defined]
        }
        for name in SERVICES
    ]
    return page("home/services.jinja", title="Services", rooms=rooms)
