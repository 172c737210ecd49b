"""The questions asked of accounts, partners and people: who can own what, and what somebody is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.unit import Unit
from services.supervision.domain.concerns import CLOSED, Candidate
from services.supervision.domain.sessions import Supervisor
from services.supervision.store.tables import account_roles, accounts, concerns, partners, peers, people, supports

_SUPERVISOR = "supervisor"


def candidates(scope: Scope, unit: Unit, roles: Iterable[str]) -> list[Candidate]:
    """The accounts with any of some roles and what they have in hand, those of suspended partners left out.

    Whoever asks for their own sees only themselves.
    """
    query = sa.select(accounts.c.account_id, accounts.c.partner_id, account_roles.c.role)
    query = query.join_from(accounts, account_roles).where(account_roles.c.role.in_(list(roles)))
    if scope.reach != "network":
        query = query.where(accounts.c.account_id == (scope.own_id or ""))
    rows = unit.connection.execute(query.order_by(accounts.c.account_id)).all()
    gone = _suspended(unit, {row.partner_id for row in rows})
    found: dict[str, set[str]] = {}
    of: dict[str, str] = {}
    for row in rows:
        if row.partner_id not in gone:
            found.setdefault(row.account_id, set()).add(row.role)
            of[row.account_id] = row.partner_id
    in_hand = _in_hand(unit, found)
    return [Candidate(key, of[key], frozenset(held), in_hand.get(key, 0)) for key, held in found.items()]


def _in_hand(unit: Unit, owner_ids: Iterable[str]) -> dict[str, int]:
    query = sa.select(concerns.c.owner_id, sa.func.count()).group_by(concerns.c.owner_id)
    query = query.where(concerns.c.owner_id.in_(list(owner_ids)), concerns.c.state != CLOSED)
    return {owner_id: count for owner_id, count in unit.connection.execute(query)}


def supervisors(scope: Scope, unit: Unit) -> list[Supervisor]:
    """The accounts with the role supervisor and how many peers each has, those of suspended partners left out."""
    has = sa.select(sa.func.count()).where(peers.c.supervisor_id == accounts.c.account_id).scalar_subquery()
    query = sa.select(accounts.c.account_id, accounts.c.partner_id, has.label("peer_count"))
    query = query.join_from(accounts, account_roles).where(account_roles.c.role == _SUPERVISOR)
    if scope.reach != "network":
        query = query.where(accounts.c.account_id == (scope.own_id or ""))
    rows = unit.connection.execute(query.order_by(accounts.c.account_id)).all()
    gone = _suspended(unit, {row.partner_id for row in rows})
    return [Supervisor(*row) for row in rows if row.partner_id not in gone]


def _suspended(unit: Unit, partner_ids: Iterable[str]) -> set[str]:
    from chassis.events.brakes import braked

    found = braked(unit.connection, list(partner_ids))
    return {partner_id for partner_id, kinds in found.items() if "partner_suspended" in kinds}


def called_of_accounts(scope: Scope, unit: Unit, account_ids: Iterable[str | None]) -> dict[str, str]:
    """The sealed names of some accounts known here; names greet, so any reach but `none` may have them."""
    if scope.reach == "none":
        return {}
    query = sa.select(accounts.c.account_id, accounts.c.called)
    query = query.where(accounts.c.account_id.in_([key for key in account_ids if key]))
    return {account_id: called for account_id, called in unit.connection.execute(query)}


def person(scope: Scope, unit: Unit, person_id: str) -> Any | None:
    """What is known of a person, or None; whoever asks for their own sees themselves and whom they walk beside."""
    query = told.heeded(scope, sa.select(people).where(people.c.person_id == person_id), people.c.person_id)
    if scope.reach != "network":
        own = scope.own_id or ""
        mine = sa.exists().where(supports.c.person_id == people.c.person_id, supports.c.peer_id == own)
        query = query.where(sa.or_(people.c.person_id == own, mine))
    return unit.connection.execute(query).one_or_none()


def partner_names(scope: Scope, unit: Unit) -> dict[str, str]:
    """What each partner is called; a partner sees its own name only."""
    query = sa.select(partners.c.partner_id, partners.c.name)
    if scope.reach == "partner":
        query = query.where(partners.c.partner_id == (scope.partner_id or ""))
    return {partner_id: name for partner_id, name in unit.connection.execute(query)}


def walked_beside(scope: Scope, unit: Unit, peer_id: str) -> Sequence[Any]:
    """The people a peer supports now, with their sealed names, longest first."""
    query = sa.select(supports, people.c.called).join_from(supports, people, people.c.person_id == supports.c.person_id)
    query = told.heeded(scope, query, supports.c.person_id)
    if scope.reach != "network":
        query = query.where(supports.c.peer_id == (scope.own_id or ""))
    query = query.where(supports.c.peer_id == peer_id, supports.c.ended_on.is_(None))
    return unit.connection.execute(query.order_by(supports.c.started_on, supports.c.support_id)).all()
