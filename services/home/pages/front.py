"""Screens open to everyone: what Been There is, the API documents, help, accessibility and privacy."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect

from chassis.access import may
from chassis.web import PUBLIC, door, here
from chassis.web.look import page
from contracts.addresses import SERVICES

blueprint = Blueprint("home_front", __name__)


@blueprint.get("/")
@door(PUBLIC)
def front() -> Any:
    """What Been There is; whoever is signed in goes on to what is theirs to do."""
    if may(here().rules, g.who, "work.list"):
        return redirect("/work", 303)
    return page("home/front.jinja", title="Peer support from people who have been there")


@blueprint.get("/docs")
@door(PUBLIC)
def docs() -> Any:
    """Every service's OpenAPI document on one page, and the way to the AsyncAPI document of what they say."""
    # Whoever comes wants to send a referral; the front hall has pages only.
    rooms = sorted(SERVICES, key=lambda name: (name != "referrals", name == "home"))
    specs = [{"name": name, "url": f"/openapi/{name}.json"} for name in rooms]
    return page("docs.jinja", title="API documents", specs=specs, events="/asyncapi.json")


@blueprint.get("/help")
@door(PUBLIC)
def help_page() -> Any:
    """Where to turn."""
    return page("home/help.jinja", title="Help")


@blueprint.get("/accessibility")
@door(PUBLIC)
def accessibility() -> Any:
    """How well these pages can be used, and what was not tried."""
    return page("home/accessibility.jinja", title="Accessibility")


@blueprint.get("/privacy")
@door(PUBLIC)
def privacy() -> Any:
    """What is kept about whom."""
    return page("home/privacy.jinja", title="Privacy")
