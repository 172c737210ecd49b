"""The demo's people: choose who to be; none of it exists outside demo mode. The partners room lets them in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from chassis.errors import NotFound
from chassis.web import PUBLIC, door, here
from chassis.web.look import page
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
    ring = here().vault.ring(one.called for one in shown)
    names = {one.id: opening.called(ring, one.called) for one in shown}
    title = _title(group, groups[group]) if is_whole else "Choose who to be"
    return page(
        "home/everyone.jinja" if is_whole else "home/demo.jinja", title=title, groups=groups, names=names,
        group=group, role_words=ROLE_WORDS, group_words=GROUP_WORDS, stages=journey.STAGES,
    )  # fmt: skip


def _title(group: str, found: greeting.Group) -> str:
    return GROUP_WORDS[group] + (f" (page {found.number} of {found.last})" if found.last > 1 else "")
