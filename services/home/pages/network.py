"""How the network works: what the rooms say to one another, and how each room is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g

from chassis.errors import NotFound
from chassis.web import PUBLIC, door, here
from chassis.web.look import page
from contracts.addresses import PURPOSES, SERVICES
from contracts.fact import CATALOGUE
from contracts.hearers import HEARS
from contracts.kept import schema_text
from contracts.roles import NETWORK
from services.home import schemas, store

blueprint = Blueprint("home_network", __name__)


@blueprint.get("/events")
@door("events.list")
def events() -> Any:
    """Every fact: who says it, who hears it, what it says, how many were heard; and how far behind each room is."""
    rooms = schemas.facts_shown()
    heard = _heard([fact for facts in rooms.values() for fact in facts])
    return page("home/events.jinja", title="Events", rooms=rooms, heard=heard, is_told=_is_told, behind=_behind(HEARS))


@blueprint.get("/events/<type_>")
@door("events.list")
def event(type_: str) -> Any:
    """One kind of fact: its fields, what is sealed, its golden sample, and how far behind its hearers are."""
    fact = schemas.fact_shown(_kind(type_))
    heard = _heard([fact]).get(type_)
    return page(
        "home/event.jinja", title=f"Event {fact.name}", fact=fact, sample=schemas.sample_shown(type_), heard=heard,
        is_told=_is_told, behind=_behind(fact.hearers, fact.topics),
    )  # fmt: skip


@blueprint.get("/events/<type_>/schema.json")
@door(PUBLIC)
def schema(type_: str) -> Response:
    """The JSON Schema of a fact's body, as it is kept."""
    _kind(type_)
    return Response(schema_text(type_), content_type="application/schema+json")


@blueprint.get("/asyncapi.json")
@door(PUBLIC)
def asyncapi() -> Response:
    """What the rooms say to one another, as an AsyncAPI document."""
    return Response(schemas.asyncapi(here().settings.topic_prefix), content_type="application/json")


def _kind(type_: str) -> Any:
    if type_ not in CATALOGUE:
        raise NotFound()
    return CATALOGUE[type_]


def _behind(rooms: Iterable[str], topics: Iterable[str] = ()) -> Sequence[schemas.Behind]:
    # Facts of one human being would be seen going by; so only for those who run the network.
    if g.scope.reach != NETWORK:
        return ()
    prefix = here().settings.topic_prefix
    return schemas.rooms_behind(here().lags(), rooms, [prefix + topic for topic in topics])


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
