"""The demo's people: choose who to be, and be nobody again; none of it exists outside demo mode."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.access import Principal
from chassis.errors import Invalid, NotFound
from chassis.web import PUBLIC, door, here
from chassis.web.forms import read_form
from chassis.web.look import page
from chassis.web.passes import COOKIE, end_of_pass
from services.home import schemas
from services.home.actions import greeting
from services.home.domain import journey
from services.home.pages import opening

blueprint = Blueprint("home_demo", __name__)

ROLE_WORDS = {
    "coordinator": "Coordinator: opens referrals, finds peers for people",
    "network_lead": "Network lead: partners, and what is late",
    "commissioner": "Commissioner: the report",
    "supervisor": "Supervisor: a team of peers",
    "safeguarding_lead": "Safeguarding lead: worries that cannot wait",
    "privacy_officer": "Privacy officer",
    "administrator": "Administrator: services and events",
    "referrer": "Referrer: sends people",
    "partner_lead": "Partner lead: their people and referrals",
    "peer": "Peer",
}
GROUP_WORDS = {
    "network": "Across the network",
    "partners": "At a partner",
    "peers": "Peers",
    "people": "People who were referred",
}


def _only_in_demo() -> None:
    if not here().settings.demo:
        raise NotFound()


@blueprint.get("/demo")
@door(PUBLIC)
def people() -> Any:
    """A few people of each kind, or everyone of one kind."""
    _only_in_demo()
    group = request.args.get("show", "")
    is_whole = group in greeting.GROUPS
    with here().writing(whole=True) as unit:
        groups = {group: greeting.page_of(unit, group, opening.asked_page())} if is_whole else greeting.first_few(unit)
        shown = [one for found in groups.values() for one in found.shown]
        greeting.note_shown(unit, shown)
        systems = [] if is_whole else greeting.partner_systems(unit)
    ring = here().vault.ring(one.called for one in shown)
    names = {one.id: opening.called(ring, one.called) for one in shown}
    tokens = [(name, _token(who)) for name, who in systems]
    title = _title(group, groups[group]) if is_whole else "Choose who to be"
    return page(
        "home/everyone.jinja" if is_whole else "home/demo.jinja", title=title, groups=groups, names=names,
        tokens=tokens, group=group, role_words=ROLE_WORDS, group_words=GROUP_WORDS, stages=journey.STAGES,
    )  # fmt: skip


def _title(group: str, found: greeting.Group) -> str:
    return GROUP_WORDS[group] + (f" (page {found.number} of {found.last})" if found.last > 1 else "")


def _token(who: Principal) -> str:
    return here().passes.mint(who, called=None, until=None)


@blueprint.post("/demo")
@door(PUBLIC)
def become() -> Any:
    """Signs in as one of them."""
    _only_in_demo()
    given, faults = read_form(schemas.BecomeSchema(), request.form)
    if faults:
        raise Invalid("Choose one of the people on the page.")
    with here().writing(whole=True) as unit:
        who, called = greeting.become(unit, given["kind"], given["id"])
        until = end_of_pass(unit.now)
    answer = redirect("/work", 303)
    answer.set_cookie(
        COOKIE, here().passes.mint(who, called=called, until=until), httponly=True, samesite="Lax", path="/",
        secure=request.is_secure,
    )  # fmt: skip
    return answer


@blueprint.post("/demo/leave")
@door(PUBLIC)
def leave() -> Any:
    """Signs out."""
    _only_in_demo()
    answer = redirect("/", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure)
    return answer
