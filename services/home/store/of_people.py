"""Who is who, by sealed name, and where each person stands."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit

from .tables import journeys, names, partners, threads, work

# Statements run for nearly every fact of a match or a support are made once.
_REFERRAL_OF = sa.select(threads.c.referral_id).where(threads.c.thing_id == sa.bindparam("of"))
_OPEN_STEPS = sa.select(threads.c.step).where(threads.c.referral_id == sa.bindparam("of"), threads.c.is_open)


def restrictions_on(unit: Unit, subjects: Iterable[str | None]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, [subject for subject in subjects if subject])


def _names_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    query = told.heeded(scope, query, names.c.id)
    return query if scope.reach == "network" else query.where(names.c.id == (scope.own_id or ""))


def accounts(scope: Scope, unit: Unit) -> Sequence[Any]:
    """Everyone with an account, in the order they were opened."""
    query = _names_within(scope, sa.select(names)).where(names.c.kind == "account")
    return unit.connection.execute(query.order_by(names.c.since, names.c.id)).all()


def people(scope: Scope, unit: Unit, stage: str = "") -> Sequence[Any]:
    """People with the stage of their newest referral, the newest first; of one stage when given."""
    newest = sa.select(journeys.c.person_id, sa.func.max(journeys.c.received_at).label("received_at"))
    newest_of = newest.group_by(journeys.c.person_id).subquery()
    query = sa.select(names, journeys.c.stage, journeys.c.received_at).join(
        journeys, journeys.c.person_id == names.c.id
    )
    query = query.join(
        newest_of,
        sa.and_(newest_of.c.person_id == journeys.c.person_id, newest_of.c.received_at == journeys.c.received_at),
    )
    query = _names_within(scope, query).where(names.c.kind == "person")
    if stage:
        query = query.where(journeys.c.stage == stage)
    return unit.connection.execute(query.order_by(journeys.c.received_at.desc(), names.c.id)).all()


def name(scope: Scope, unit: Unit, kind: str, whose_id: str) -> Any:
    """One human being's row; NotFound when not there or not within reach."""
    query = _names_within(scope, sa.select(names)).where(names.c.kind == kind, names.c.id == whose_id)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def partners_named(scope: Scope, unit: Unit) -> Sequence[Any]:
    """Partners by name; whoever is bound to one sees that one."""
    query = sa.select(partners).order_by(partners.c.name)
    if scope.reach != "network":
        query = query.where(partners.c.partner_id == (scope.who.partner_id or ""))
    return unit.connection.execute(query).all()


@functools.cache
def _one_journey(reach: str, heeds: bool) -> sa.Select[Any]:
    query = sa.select(journeys).where(journeys.c.referral_id == sa.bindparam("of"))
    if heeds:
        query = told.heeded_once(query, journeys.c.person_id)
    return query if reach == "network" else query.where(journeys.c.person_id == sa.bindparam("own"))


def journey(scope: Scope, unit: Unit, referral_id: str) -> Any:
    """One referral as heard; NotFound when not there or not within reach."""
    values = {"of": referral_id, "own": scope.own_id or "", "asker": scope.who.id}
    row = unit.connection.execute(_one_journey(scope.reach, told.heeds(scope)), values).one_or_none()
    if row is None:
        raise NotFound()
    return row


def referral_of(scope: Scope, unit: Unit, thing_id: str) -> str | None:
    """The referral a match or a support belongs to, or None when that was not heard yet."""
    query = _REFERRAL_OF
    if scope.reach != "network":
        mine = sa.select(journeys.c.referral_id).where(journeys.c.person_id == (scope.own_id or ""))
        query = query.where(threads.c.referral_id.in_(mine))
    found: str | None = unit.connection.execute(query, {"of": thing_id}).scalar()
    return found


def open_steps(scope: Scope, unit: Unit, referral_id: str) -> list[str]:
    """The steps of a referral's matches and supports that are still open."""
    query = _OPEN_STEPS
    if scope.reach != "network":
        mine = sa.select(journeys.c.referral_id).where(journeys.c.person_id == (scope.own_id or ""))
        query = query.where(threads.c.referral_id.in_(mine))
    return list(unit.connection.execute(query, {"of": referral_id}).scalars())


# ---- what is kept ----


def forget_person(unit: Unit, person_id: str) -> None:
    """Lets go of a person's name and of all there is or was to do about them; their referrals keep where they stood."""
    unit.connection.execute(sa.delete(names).where(names.c.id == person_id))
    whose = sa.or_(work.c.person_id == person_id, work.c.about_id == person_id, work.c.who_id == person_id)
    unit.connection.execute(sa.delete(work).where(whose))


def keep_name(unit: Unit, **row: Any) -> None:
    """Keeps what a human being wants to be called, as heard last."""
    put(unit.connection, names, row)


def keep_roles(unit: Unit, account_id: str, roles: Sequence[str]) -> None:
    """Keeps the roles an account holds now."""
    unit.connection.execute(sa.update(names).where(names.c.id == account_id).values(roles=list(roles)))


def keep_partner(unit: Unit, **row: Any) -> None:
    """Keeps what a partner is called."""
    put(unit.connection, partners, row)


def begin_journey(unit: Unit, referral_id: str, person_id: str, received_at: datetime, step: str) -> None:
    """Begins to follow a referral, once."""
    row = {
        "referral_id": referral_id, "person_id": person_id, "received_at": received_at, "step": step, "stage": step,
    }  # fmt: skip
    insert_or_ignore(unit.connection, journeys, [row])


def change_journey(unit: Unit, referral_id: str, **columns: Any) -> None:
    """Changes a referral's row."""
    unit.connection.execute(sa.update(journeys).where(journeys.c.referral_id == referral_id).values(**columns))


def begin_thread(unit: Unit, thing_id: str, referral_id: str, step: str, *, is_open: bool = True) -> None:
    """Begins to follow a match or a support, once; one that ended stays ended."""
    row = {"thing_id": thing_id, "referral_id": referral_id, "step": step, "is_open": is_open}
    insert_or_ignore(unit.connection, threads, [row])


def change_thread(unit: Unit, thing_id: str, **columns: Any) -> None:
    """Changes the row of a match or a support."""
    unit.connection.execute(sa.update(threads).where(threads.c.thing_id == thing_id).values(**columns))
