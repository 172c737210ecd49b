"""Organisations and their agreements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit
from chassis.working_days import LONDON

from .tables import agreements, partners, setups


def within(scope: Scope, query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    """What of a table with a partner lies within reach."""
    if scope.reach == "network":
        return query
    return query.where(table.c.partner_id == (scope.partner_id or ""))


def _today(unit: Unit) -> date:
    return unit.now.astimezone(LONDON).date()


def _covers(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(agreements.c.starts_on <= day, agreements.c.ends_on >= day)


def _with_agreement(unit: Unit) -> sa.Select[Any]:
    """Partners, each with the agreement that counts: the one signed last of those that cover today, or of them all."""
    newest = (
        sa.select(agreements.c.agreement_id)
        .where(agreements.c.partner_id == partners.c.partner_id)
        .order_by(
            sa.case((_covers(_today(unit)), 0), else_=1),
            agreements.c.signed_at.desc(),
            agreements.c.agreement_id.desc(),
        )
        .limit(1)
        .correlate(partners)
        .scalar_subquery()
    )
    query = sa.select(partners, agreements.c.agreement_id, agreements.c.starts_on, agreements.c.ends_on)
    is_theirs = sa.and_(agreements.c.agreement_id == newest, agreements.c.partner_id == partners.c.partner_id)
    return query.join_from(partners, agreements, is_theirs)


def partner(scope: Scope, unit: Unit, partner_id: str) -> Any:
    """One partner with its agreement; NotFound when it is not there or not theirs."""
    query = within(scope, _with_agreement(unit), partners).where(partners.c.partner_id == partner_id)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def partners_listed(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The partners within reach by name."""
    query = within(scope, _with_agreement(unit), partners).order_by(partners.c.name, partners.c.partner_id)
    return unit.connection.execute(query).all()


def count_by_state(scope: Scope, unit: Unit) -> dict[str, int]:
    """How many partners stand at each state."""
    query = within(scope, sa.select(partners.c.state, sa.func.count()), partners).group_by(partners.c.state)
    return {state: count for state, count in unit.connection.execute(query)}


def has_ods_code(scope: Scope, unit: Unit, ods_code: str) -> bool:
    """Whether a partner within reach has this ODS code."""
    query = within(scope, sa.select(partners.c.partner_id), partners).where(partners.c.ods_code == ods_code)
    return unit.connection.execute(query).first() is not None


def add_partner(unit: Unit, row: dict[str, Any]) -> bool:
    """Adds a partner; false when its code or ODS code is taken."""
    return insert_or_ignore(unit.connection, partners, [row]) == 1


def add_agreement(unit: Unit, **row: Any) -> None:
    """Adds the agreement a partner signed."""
    unit.connection.execute(sa.insert(agreements).values(row))


def agreements_listed(scope: Scope, unit: Unit, partner_id: str) -> Sequence[Any]:
    """A partner's agreements, the one signed last first."""
    query = within(scope, sa.select(agreements), agreements).where(agreements.c.partner_id == partner_id)
    return unit.connection.execute(
        query.order_by(agreements.c.signed_at.desc(), agreements.c.agreement_id.desc())
    ).all()


def partners_between_agreements(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The partners of which it is stated wrongly today whether an agreement is in force, with the one that counts."""
    if scope.reach != "network":
        return ()
    query = _with_agreement(unit)
    is_stated = partners.c.lapsed_on.is_(None)
    is_covered = _covers(_today(unit))
    wrong = sa.or_(sa.and_(is_stated, sa.not_(is_covered)), sa.and_(sa.not_(is_stated), is_covered))
    return unit.connection.execute(query.where(wrong).order_by(partners.c.partner_id)).all()


def set_lapsed(unit: Unit, row: Any, day: date | None) -> bool:
    """Keeps since which day no agreement is in force; false when somebody was faster."""
    was = partners.c.lapsed_on.is_(None) if row.lapsed_on is None else partners.c.lapsed_on == row.lapsed_on
    same = sa.and_(partners.c.partner_id == row.partner_id, was)
    return unit.connection.execute(sa.update(partners).where(same).values(lapsed_on=day)).rowcount == 1


def setups_listed(scope: Scope, unit: Unit, partner_id: str) -> Sequence[Any]:
    """What a partner answered to the critical questions, the newest first."""
    query = within(scope, sa.select(setups), setups).where(setups.c.partner_id == partner_id)
    return unit.connection.execute(query.order_by(setups.c.number.desc())).all()


def add_setup(unit: Unit, **row: Any) -> bool:
    """Adds what a partner answered; false when somebody was faster with that number."""
    return insert_or_ignore(unit.connection, setups, [row]) == 1


def change_partner(unit: Unit, partner_id: str, was: str, **columns: Any) -> bool:
    """Changes a partner that is still at state `was`; false when somebody was faster."""
    changed = unit.connection.execute(
        sa.update(partners).where(partners.c.partner_id == partner_id, partners.c.state == was).values(**columns)
    )
    return changed.rowcount == 1
