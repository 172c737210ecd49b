"""The demo's people: whom one may choose to be, a few of each kind first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.access import Scope, service_scope
from chassis.unit import Unit
from contracts import roles
from services.home import store
from services.home.domain import journey, work

# Who works across the network, in the order they are offered.
NETWORK_ROLES = (
    roles.COORDINATOR,
    roles.NETWORK_LEAD,
    roles.COMMISSIONER,
    roles.SUPERVISOR,
    roles.SAFEGUARDING_LEAD,
    roles.PRIVACY_OFFICER,
    roles.ADMINISTRATOR,
)
PARTNER_ROLES = (roles.REFERRER, roles.PARTNER_LEAD)
GROUPS = ("network", "partners", "peers", "people")


@dataclass(frozen=True)
class Somebody:
    """One made-up human being to be."""

    kind: str
    id: str
    called: str
    roles: tuple[str, ...]
    partner: str
    stage: str
    is_busy: bool


@dataclass(frozen=True)
class Group:
    """Some of them, and how many there are."""

    shown: Sequence[Somebody]
    count: int
    number: int = 1
    last: int = 1


def _whole(unit: Unit) -> Scope:
    # The people's page is shown before anyone is somebody, so it looks on the room's own behalf; only a demo has it.
    return service_scope(unit.service)


def first_few(unit: Unit) -> dict[str, Group]:
    """A few well-chosen people of each kind: each network role, each partner's two, peers and people at each stage."""
    everyone = _everyone(unit)
    few = unit.policy.demo_first_rows
    chosen = {
        "network": _first_of_each(everyone["network"], lambda one: one.roles, 2),
        "partners": _first_of_each(everyone["partners"], lambda one: (one.partner, one.roles), 1),
        "peers": everyone["peers"][: few * 2],
        "people": _first_of_each(everyone["people"], lambda one: one.stage, 2),
    }
    return {group: Group(shown, len(everyone[group])) for group, shown in chosen.items()}


def page_of(unit: Unit, group: str, number: int) -> Group:
    """One page of everyone of one kind."""
    found = _everyone(unit)[group]
    size = unit.policy.demo_rows
    last = max(1, math.ceil(len(found) / size))
    number = min(max(1, number), last)
    return Group(found[(number - 1) * size : number * size], len(found), number, last)


def _everyone(unit: Unit) -> dict[str, list[Somebody]]:
    whole = _whole(unit)
    busy_ids, busy_roles = store.who_has_work(whole, unit)
    partners = {one.partner_id: one.name for one in store.partners_named(whole, unit)}
    found: dict[str, list[Somebody]] = {group: [] for group in GROUPS}
    for row in store.accounts(whole, unit):
        is_busy = row.id in busy_ids or bool(busy_roles.intersection(row.roles) - {roles.PARTNER_LEAD})
        one = Somebody(row.kind, row.id, row.called, tuple(row.roles), partners.get(row.partner_id, ""), "", is_busy)
        found[_group_of(one.roles)].append(one)
    found["network"].sort(key=lambda one: (_rank(one.roles), not one.is_busy))
    found["partners"].sort(key=lambda one: (one.partner, PARTNER_ROLES.index(_role(one.roles, PARTNER_ROLES))))
    found["peers"].sort(key=lambda one: not one.is_busy)
    found["people"] = _people(unit, whole, busy_ids)
    return found


def _people(unit: Unit, whole: Scope, busy_ids: set[str]) -> list[Somebody]:
    rows = store.people(whole, unit)
    restrictions = store.restrictions_on(unit, [row.id for row in rows])
    nothing: frozenset[str] = frozenset()
    made = [
        Somebody(row.kind, row.id, row.called, tuple(row.roles), "", row.stage, row.id in busy_ids)
        for row in rows
        if work.may_name(restrictions.get(row.id, nothing))
    ]
    stages = list(journey.STAGES)
    return sorted(made, key=lambda one: (stages.index(one.stage), not one.is_busy))


def _group_of(of: Sequence[str]) -> str:
    if roles.PEER in of:
        return "peers"
    return "partners" if set(of) & set(PARTNER_ROLES) else "network"


def _role(of: Sequence[str], among: Sequence[str]) -> str:
    return next(role for role in among if role in of)


def _rank(of: Sequence[str]) -> int:
    return min((NETWORK_ROLES.index(role) for role in of if role in NETWORK_ROLES), default=len(NETWORK_ROLES))


def _first_of_each(everyone: Sequence[Somebody], by: Any, most: int) -> list[Somebody]:
    seen: dict[Any, int] = {}
    first = []
    for one in everyone:
        seen[by(one)] = seen.get(by(one), 0) + 1
        if seen[by(one)] <= most:
            first.append(one)
    return first


def note_shown(unit: Unit, people: Sequence[Somebody]) -> None:
    """Each person and each peer named on the page is one audit row."""
    for one in people:
        if one.kind == "person" or roles.PEER in one.roles:
            unit.disclose(one.id, kind="person" if one.kind == "person" else "peer", is_opened=False)
