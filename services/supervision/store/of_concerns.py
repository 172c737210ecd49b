"""The questions asked of worries; their owner alone sees one, and whoever raised it sees that it is in hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.unit import Unit
from services.supervision.domain import concerns as rules
from services.supervision.store.one_row import one
from services.supervision.store.tables import accounts, concerns, people

# Whom a worry may tell of: whoever must not be told of either finds no such worry. Forgetting somebody closes none.
_PEOPLE = (concerns.c.about_id, concerns.c.raised_by_id)


def _owned(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    query = told.heeded(scope, query, *_PEOPLE, shows_forgotten=True)
    return query if scope.reach == "network" else query.where(concerns.c.owner_id == (scope.own_id or ""))


def concern(scope: Scope, unit: Unit, concern_id: str, *, to_change: bool = False) -> Any:
    """One worry; NotFound when not there or not theirs. `to_change` keeps the row from others until commit."""
    query = _owned(scope, sa.select(concerns)).where(concerns.c.concern_id == concern_id)
    return one(unit, query.with_for_update() if to_change else query)


def concerns_open(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The worries of whoever asks that are not closed: not yet taken up first, then by when they were to be."""
    waiting = sa.case((concerns.c.state == rules.RAISED, 0), else_=1)
    query = _owned(scope, sa.select(concerns)).where(concerns.c.state != rules.CLOSED)
    query = query.order_by(waiting, concerns.c.acknowledge_by, concerns.c.concern_id)
    return unit.connection.execute(query).all()


def concerns_unowned(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The worries nobody owns yet, longest waiting first.

    Never one about whoever asks or about their partner, nor one that would tell them of somebody they must not know of.
    """
    query = sa.select(concerns).where(concerns.c.owner_id.is_(None), concerns.c.state != rules.CLOSED)
    if scope.reach != "network":
        return []
    query = told.heeded(scope, query, *_PEOPLE, shows_forgotten=True)
    if scope.who.kind != "service":
        about = concerns.c.about_id
        query = query.where(sa.or_(about.is_(None), about.not_in([scope.who.id, scope.who.partner_id or ""])))
    return unit.connection.execute(query.order_by(concerns.c.acknowledge_by, concerns.c.concern_id)).all()


def concerns_with_partner(scope: Scope, unit: Unit, partner_id: str) -> Sequence[Any]:
    """The open worries owned by a partner's accounts, kept from others until commit."""
    query = sa.select(concerns).join(accounts, accounts.c.account_id == concerns.c.owner_id)
    query = _owned(scope, query).where(accounts.c.partner_id == partner_id, concerns.c.state != rules.CLOSED)
    return _to_change(unit, query)


def concerns_owned_by(scope: Scope, unit: Unit, account_id: str) -> Sequence[Any]:
    """The open worries one account owns, kept from others until commit."""
    query = _owned(scope, sa.select(concerns)).where(
        concerns.c.owner_id == account_id, concerns.c.state != rules.CLOSED
    )
    return _to_change(unit, query)


def concerns_kept_from_owner(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The open worries whose owner must not be told of whom they are about or come from, kept from others."""
    must_not = sa.or_(*(told.is_kept(person_id, concerns.c.owner_id) for person_id in _PEOPLE))
    return _to_change(unit, _owned(scope, sa.select(concerns)).where(concerns.c.state != rules.CLOSED, must_not))


def _to_change(unit: Unit, query: sa.Select[Any]) -> Sequence[Any]:
    query = query.order_by(concerns.c.acknowledge_by, concerns.c.concern_id).with_for_update(of=concerns)
    return unit.connection.execute(query).all()


def concern_raised(scope: Scope, unit: Unit, concern_id: str) -> Any:
    """Of a worry, what whoever raised it may know: that it is in hand, and by when; NotFound for all others.

    Nobody is left out: to raise one about somebody has the same answer whether or not they are there.
    """
    query = sa.select(concerns.c.concern_id, concerns.c.level, concerns.c.raised_at, concerns.c.acknowledge_by)
    query = query.where(concerns.c.concern_id == concern_id, concerns.c.raised_by_id == (scope.own_id or ""))
    return one(unit, query)


def person_of_concern(scope: Scope, unit: Unit, concern_id: str, person_id: str) -> Any | None:
    """What is known of the person a worry is about or comes from, for its owner; None when nothing is."""
    is_in_it = sa.or_(concerns.c.about_id == people.c.person_id, concerns.c.raised_by_id == people.c.person_id)
    query = _owned(scope, sa.select(people).join(concerns, is_in_it)).where(concerns.c.concern_id == concern_id)
    return unit.connection.execute(query.where(people.c.person_id == person_id)).one_or_none()


def is_in_an_open_worry(scope: Scope, unit: Unit, person_id: str) -> bool:
    """Whether a worry about a person, or one they raised, is not closed yet."""
    is_in_it = sa.or_(*(column == person_id for column in _PEOPLE))
    query = _owned(scope, sa.select(concerns.c.concern_id)).where(concerns.c.state != rules.CLOSED, is_in_it)
    return unit.connection.execute(query.limit(1)).first() is not None


def worries_waiting_since(scope: Scope, unit: Unit) -> tuple[datetime | None, datetime | None]:
    """The earliest time by which a worry not taken up was to be, and since when one has had no owner; None for none."""
    raised = _owned(scope, sa.select(sa.func.min(concerns.c.acknowledge_by))).where(concerns.c.state == rules.RAISED)
    alone = _owned(scope, sa.select(sa.func.min(concerns.c.raised_at))).where(
        concerns.c.owner_id.is_(None), concerns.c.state != rules.CLOSED
    )
    return unit.connection.execute(raised).scalar(), unit.connection.execute(alone).scalar()
