"""What peers are owed of supervision, and the sessions planned for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.database import put
from chassis.unit import Unit

from .tables import dues, sessions


def due(scope: Scope, unit: Unit, peer_id: str, kind: str) -> Any | None:
    """What a peer is owed of one kind, or None when nothing is, or it was held."""
    query = sa.select(dues).where(dues.c.peer_id == peer_id, dues.c.kind == kind, sa.not_(dues.c.is_met))
    if scope.reach != "network":
        query = query.where(dues.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query).one_or_none()


def is_planned(scope: Scope, unit: Unit, peer_id: str, kind: str) -> bool:
    """Whether a session of one kind is planned for a peer."""
    query = sa.select(sessions.c.session_id).where(sessions.c.peer_id == peer_id, sessions.c.kind == kind)
    if scope.reach != "network":
        query = query.where(sessions.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query.where(sessions.c.is_open).limit(1)).scalar() is not None


def session(scope: Scope, unit: Unit, session_id: str) -> Any | None:
    """One session, or None when it was not heard of."""
    query = sa.select(sessions).where(sessions.c.session_id == session_id)
    if scope.reach != "network":
        query = query.where(sessions.c.peer_id == (scope.own_id or ""))
    return unit.connection.execute(query).one_or_none()


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
