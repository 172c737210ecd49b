"""What there is to do: opened, renewed and closed by key, and asked for on behalf of whoever's list it is."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit

from .tables import names, partners, work

_EMPTY = {
    "who_id": None, "role": None, "partner_id": None, "person_id": None, "about_id": None, "due_at": None,
    "from_at": None,
}  # fmt: skip


def key_of(kind: str, thing: str, whose: str = "") -> str:
    """The key of a piece of work: what it is, about what, and whose when several have it."""
    return "/".join(part for part in (kind, thing, whose) if part)


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    """Own reach is what is addressed to oneself, or to a role one has, everywhere or at one's own partner."""
    query = told.heeded(scope, query, work.c.person_id, work.c.about_id)
    if scope.reach == "network":
        return query
    at_partner = sa.or_(work.c.partner_id.is_(None), work.c.partner_id == (scope.who.partner_id or ""))
    of_role = sa.and_(work.c.role.in_(sorted(scope.who.roles)), at_partner)
    return query.where(sa.or_(work.c.who_id == (scope.own_id or ""), of_role))


def work_open(scope: Scope, unit: Unit, limit: int = 1000) -> Sequence[Any]:
    """What is to do now, with the name of whom or which partner it is about; what starts later is left out."""
    query = sa.select(work, names.c.called, partners.c.name.label("partner_name"))
    query = query.outerjoin(names, names.c.id == work.c.about_id)
    query = query.outerjoin(partners, partners.c.partner_id == work.c.thing)
    query = query.where(work.c.is_open, sa.or_(work.c.from_at.is_(None), work.c.from_at <= unit.now))
    rows = _within(scope, query).order_by(work.c.due_at.is_(None), work.c.due_at, work.c.since, work.c.key)
    return unit.connection.execute(rows.limit(limit)).all()


def who_has_work(scope: Scope, unit: Unit) -> tuple[set[str], set[str]]:
    """The ids and the roles that something is addressed to now."""
    query = sa.select(work.c.who_id, work.c.role).distinct()
    query = query.where(work.c.is_open, sa.or_(work.c.from_at.is_(None), work.c.from_at <= unit.now))
    found = unit.connection.execute(_within(scope, query)).all()
    return {row.who_id for row in found if row.who_id}, {row.role for row in found if row.role}


def count_open(scope: Scope, unit: Unit) -> Mapping[str, int]:
    """How many pieces of work of each kind are open."""
    query = sa.select(work.c.kind, sa.func.count()).where(work.c.is_open).group_by(work.c.kind)
    return {kind: count for kind, count in unit.connection.execute(_within(scope, query))}


def open_work(unit: Unit, kind: str, thing: str, *, whose: str = "", since: datetime, **row: Any) -> None:
    """Opens a piece of work once; one that was closed, also ahead, stays closed."""
    if _is_about_nobody(unit, row):
        return
    made = {**_EMPTY, "key": key_of(kind, thing, whose), "kind": kind, "thing": thing, "since": since, **row}
    if not insert_or_ignore(unit.connection, work, [{**made, "is_open": True}]):
        # Closed before it was opened, or heard of before: what it is about is known in either order.
        unit.connection.execute(sa.update(work).where(work.c.key == made["key"]).values(**made))


def renew_work(
    unit: Unit, kind: str, thing: str, *, whose: str = "", since: datetime, is_open: bool = True, **row: Any
) -> None:
    """Opens a piece of work, or opens it anew with what is known now; without `is_open` it is kept as closed."""
    if _is_about_nobody(unit, row):
        return
    made = {**_EMPTY, "key": key_of(kind, thing, whose), "kind": kind, "thing": thing, "since": since, **row}
    put(unit.connection, work, {**made, "is_open": is_open})


def open_since(scope: Scope, unit: Unit, kind: str, thing: str) -> datetime | None:
    """Since when a piece of work is there for whoever asks; None when it never was."""
    query = _within(scope, sa.select(work.c.since).where(work.c.key == key_of(kind, thing)))
    found: datetime | None = unit.connection.execute(query).scalar()
    return found


def _is_about_nobody(unit: Unit, row: Mapping[str, Any]) -> bool:
    person_id = row.get("person_id")
    return person_id is not None and told.has_forgotten(unit, person_id)


def close_work(unit: Unit, kind: str, thing: str, *, whose: str = "", at: datetime, ahead: bool = False) -> None:
    """Closes a piece of work; with `ahead` one that is not known yet is kept as closed since `at`."""
    key = key_of(kind, thing, whose)
    if unit.connection.execute(_CLOSE_ONE, {"of": key}).rowcount or not ahead:
        return
    made = {**_EMPTY, "key": key, "kind": kind, "thing": thing, "since": at, "is_open": False}
    insert_or_ignore(unit.connection, work, [made])


def close_about(
    unit: Unit, thing: str, kinds: tuple[str, ...], *, who_id: str = "", until: datetime | None = None
) -> int:
    """Closes what is open about something, of some kinds; of one human being or due by a moment when given.

    Gives how many there were.
    """
    given = {"about": thing, **({"who": who_id} if who_id else {}), **({"until": until} if until else {})}
    return unit.connection.execute(_closing(kinds, tuple(given)), given).rowcount


# Statements run for nearly every fact are made once.
_CLOSE_ONE = sa.update(work).where(work.c.key == sa.bindparam("of"), work.c.is_open).values(is_open=False)


@functools.lru_cache(maxsize=256)
def _closing(kinds: tuple[str, ...], given: tuple[str, ...]) -> sa.Update:
    done = sa.update(work).where(work.c.thing == sa.bindparam("about"), work.c.kind.in_(kinds), work.c.is_open)
    if "who" in given:
        done = done.where(work.c.who_id == sa.bindparam("who"))
    if "until" in given:
        done = done.where(work.c.due_at <= sa.bindparam("until"))
    return done.values(is_open=False)
