"""What is kept and changed; every change says from which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit
from services.supervision.store.tables import account_roles, accounts, concerns, dues, peers, people, sessions, supports

# Changed so often that the statement is made once.
_ONE_DUE = sa.update(dues).where(
    dues.c.peer_id == sa.bindparam("of"),
    dues.c.kind == sa.bindparam("what"),
    dues.c.number == sa.bindparam("which"),
    dues.c.state == sa.bindparam("was"),
)
_ONE_SESSION = sa.update(sessions).where(
    sessions.c.session_id == sa.bindparam("of"), sessions.c.state == sa.bindparam("was")
)


def keep(unit: Unit, table: sa.Table, **row: Any) -> None:
    """Adds a row, or replaces the one with the same key."""
    put(unit.connection, table, row)


def keep_account(unit: Unit, account_id: str, partner_id: str, called: str, roles: Iterable[str]) -> None:
    """Keeps an account and its roles."""
    keep(unit, accounts, account_id=account_id, partner_id=partner_id, called=called)
    insert_or_ignore(unit.connection, account_roles, [{"account_id": account_id, "role": role} for role in roles])


def drop_role(unit: Unit, account_id: str, role: str) -> None:
    """Takes a role of an account away."""
    same = (account_roles.c.account_id == account_id, account_roles.c.role == role)
    unit.connection.execute(sa.delete(account_roles).where(*same))


def add(unit: Unit, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Adds a row; false when one with its key is there already."""
    return insert_or_ignore(unit.connection, table, [dict(row)]) == 1


def change_peer(unit: Unit, peer_id: str, **columns: Any) -> None:
    """Changes what is known of a peer."""
    unit.connection.execute(sa.update(peers).where(peers.c.peer_id == peer_id).values(**columns))


def move_standing(unit: Unit, peer_id: str, was: str, then: str) -> bool:
    """Moves a peer who still stands at `was`; false when somebody was faster."""
    rows = sa.update(peers).where(peers.c.peer_id == peer_id, peers.c.standing == was)
    return unit.connection.execute(rows.values(standing=then)).rowcount == 1


def change_due(unit: Unit, due: Any, **columns: Any) -> bool:
    """Changes what is owed while it stands as it was read; false when somebody was faster."""
    same = {"of": due.peer_id, "what": due.kind, "which": due.number, "was": due.state}
    return unit.connection.execute(_ONE_DUE, {**columns, **same}).rowcount == 1


def change_session(unit: Unit, session_id: str, was: str, **columns: Any) -> bool:
    """Changes a session that still stands at `was`; false when somebody was faster."""
    return unit.connection.execute(_ONE_SESSION, {**columns, "of": session_id, "was": was}).rowcount == 1


def change_concern(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes a worry that stands as it was read, with the owner it had; false when somebody was faster."""
    same = (concerns.c.concern_id == row.concern_id, concerns.c.state == row.state, concerns.c.turn == row.turn)
    return unit.connection.execute(sa.update(concerns).where(*same).values(**columns)).rowcount == 1


def end_support(unit: Unit, support_id: str, ended_on: Any) -> None:
    """Keeps that a support ended."""
    unit.connection.execute(sa.update(supports).where(supports.c.support_id == support_id).values(ended_on=ended_on))


def forget_person(unit: Unit, person_id: str) -> None:
    """Lets go of what a person wants to be called."""
    unit.connection.execute(sa.delete(people).where(people.c.person_id == person_id))
