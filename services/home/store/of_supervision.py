"""What peers are owed of supervision, and the sessions planned for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import put
from chassis.unit import Unit

from .tables import dues, sessions

# Statements run for nearly every fact of supervision are made once.
_DUE = sa.select(dues).where(dues.c.peer_id == sa.bindparam("of"), dues.c.kind == sa.bindparam("of_kind"))
_PLANNED = sa.select(sessions.c.session_id).where(
    sessions.c.peer_id == sa.bindparam("of"), sessions.c.kind == sa.bindparam("of_kind"), sessions.c.is_open
)
_SESSION = sa.select(sessions).where(sessions.c.session_id == sa.bindparam("of"))


def due(scope: Scope, unit: Unit, peer_id: str, kind: str) -> Any | None:
    """What a peer is owed of one kind as said last, and whether it was held; None when nothing ever was."""
    query = _DUE
    if scope.reach != "network":
        query = query.where(dues.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query, {"of": peer_id, "of_kind": kind}).one_or_none()


def is_planned(scope: Scope, unit: Unit, peer_id: str, kind: str) -> bool:
    """Whether a session of one kind is planned for a peer."""
    query = _PLANNED
    if scope.reach != "network":
        query = query.where(sessions.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query, {"of": peer_id, "of_kind": kind}).first() is not None


def session(scope: Scope, unit: Unit, session_id: str) -> Any | None:
    """One session, or None when it was not heard of."""
    query = _SESSION
    if scope.reach != "network":
        query = query.where(sessions.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query, {"of": session_id}).one_or_none()


def keep_due(unit: Unit, **row: Any) -> None:
    """Keeps what a peer is owed, as said last."""
    put(unit.connection, dues, {**row, "is_met": False})


def meet_due(unit: Unit, peer_id: str, kind: str, due_at: datetime) -> None:
    """Marks as met what was due by a moment; what is due later stays owed."""
    met = sa.update(dues).where(dues.c.peer_id == peer_id, dues.c.kind == kind, dues.c.due_at <= due_at)
    unit.connection.execute(met.values(is_met=True))


def keep_session(unit: Unit, **row: Any) -> None:
    """Keeps a session that is planned."""
    put(unit.connection, sessions, {**row, "is_open": True})


def end_session(unit: Unit, session_id: str) -> None:
    """Marks a session as over."""
    unit.connection.execute(sa.update(sessions).where(sessions.c.session_id == session_id).values(is_open=False))
