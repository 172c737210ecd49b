"""Whom a person must not be found by: for each account that must not be told of them, they are not there.

Whoever is forgotten is there for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.events.envelope import FORGOTTEN
from chassis.rows import insert_or_ignore
from chassis.tables import brakes, kept_from
from chassis.unit import Unit

# Who asks, in a statement that is made once: it is run with `scope.who.id` under this name.
_ASKER: sa.BindParameter[str] = sa.bindparam("asker")
_PEOPLE: sa.BindParameter[list[str]] = sa.bindparam("people", expanding=True)
_FORGOTTEN = sa.select(brakes.c.subject).where(
    brakes.c.kind == FORGOTTEN, brakes.c.subject == sa.bindparam("whom"), brakes.c.is_on
)
_ACCOUNTS = sa.select(kept_from.c.account_id).where(kept_from.c.person_id.in_(_PEOPLE))


def keep_from(unit: Unit, person_id: str, account_ids: Iterable[str]) -> None:
    """Keeps which accounts must not be told of a person; what was kept before stays."""
    pairs = [{"person_id": person_id, "account_id": account_id} for account_id in sorted(set(account_ids))]
    insert_or_ignore(unit.connection, kept_from, pairs)


def forget(unit: Unit, person_id: str) -> None:
    """Lets go of who must not be told of a person: nothing is left to be told."""
    unit.connection.execute(sa.delete(kept_from).where(kept_from.c.person_id == person_id))


def has_forgotten(unit: Unit, person_id: str) -> bool:
    """Whether a person is forgotten; nothing is kept of them any more, in whatever order it is heard."""
    return unit.connection.execute(_FORGOTTEN, {"whom": person_id}).first() is not None


def heeds(scope: Scope) -> bool:
    """Whether a read leaves anybody out: what a service does itself is told to nobody."""
    return scope.who.kind != "service"


def heeded(
    scope: Scope, query: sa.Select[Any], *person_ids: sa.ColumnElement[Any], shows_forgotten: bool = False
) -> sa.Select[Any]:
    """Leaves out of a query whoever is kept from the one who asks, and whoever is forgotten.

    `person_ids` are the columns that name a person. `shows_forgotten` is for what outlives them.
    """
    return _left_out(query, person_ids, scope.who.id, shows_forgotten) if heeds(scope) else query


def heeded_once(query: sa.Select[Any], *person_ids: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The same for a statement that is made once where `heeds`; it is run with `asker=scope.who.id`."""
    return _left_out(query, person_ids, _ASKER, shows_forgotten=False)


def _left_out(
    query: sa.Select[Any], person_ids: Iterable[sa.ColumnElement[Any]], asker: Any, shows_forgotten: bool
) -> sa.Select[Any]:
    for person_id in person_ids:
        query = query.where(~is_kept(person_id, asker))
        if not shows_forgotten:
            query = query.where(~is_forgotten(person_id))
    return query


def is_forgotten(person_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether somebody is forgotten, as a part of a statement."""
    return sa.exists().where(brakes.c.kind == FORGOTTEN, brakes.c.subject == person_id, brakes.c.is_on)


def is_stated(person_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether it is by a fact that somebody is forgotten, and not from the key store alone (chassis/remembering.py)."""
    return sa.exists().where(brakes.c.kind == FORGOTTEN, brakes.c.subject == person_id, brakes.c.number > 0)


def is_kept(person_id: sa.ColumnElement[Any], account_id: Any) -> sa.ColumnElement[bool]:
    """Whether an account must not be told of a person, as a part of a statement."""
    return sa.exists().where(kept_from.c.person_id == person_id, kept_from.c.account_id == account_id)


def accounts_kept_from(scope: Scope, unit: Unit, *person_ids: str | None) -> frozenset[str]:
    """The accounts that must not be told of any of these people; nobody but the service itself learns which."""
    wanted = [person_id for person_id in person_ids if person_id]
    if heeds(scope) or not wanted:
        return frozenset()
    return frozenset(unit.connection.execute(_ACCOUNTS, {"people": wanted}).scalars())
