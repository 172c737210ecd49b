"""How the network works: what the rooms say to one another, and how each room is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g

from chassis.errors import NotFound
from chassis.web import door, here
from chassis.web.look import page
from contracts.addresses import PURPOSES, SERVICES
from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from contracts.roles import NETWORK
from services.home import schemas, store

blueprint = Blueprint("home_network", __name__)


@blueprint.get("/events")
@door("events.list")
def events() -> Any:
    """Every fact: who says it, who hears it, what it is for, and how many were heard here."""
    rooms = schemas.facts_shown()
    heard = _heard([fact for facts in rooms.values() for fact in facts])
    return page("home/events.jinja", title="Events", rooms=rooms, heard=heard, is_told=_is_told)


@blueprint.get("/events/<type_>")
@door("events.list")
def event(type_: str) -> Any:
    """One kind of fact: its fields, what is sealed, and a sample made from its types."""
    kind = CATALOGUE.get(type_)
    if kind is None:
        raise NotFound()
    fact = schemas.fact_shown(kind)
    heard = _heard([fact]).get(type_)
    return page("home/event.jinja", title=f"Event {fact.name}", fact=fact, heard=heard, is_told=_is_told)


def _heard(facts: Sequence[schemas.FactShown]) -> Mapping[str, Any]:
    # When a peer took a break, or a person was protected, is theirs: a count that moves would tell whoever plans
    # matches. Those who run the network see it.
    with here().reading() as unit:
        return store.counts_heard(unit.scope, unit, [fact.type for fact in facts if fact.is_about_somebody])


def _is_told(fact: schemas.FactShown) -> bool:
    return g.scope.reach == NETWORK or not fact.is_about_somebody


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
