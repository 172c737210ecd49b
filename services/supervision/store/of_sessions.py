"""The questions asked of sessions; a session is between two, and both may see it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.supervision.domain import sessions as rules
from services.supervision.store.one_row import one
from services.supervision.store.tables import sessions


def _between(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    if scope.reach == "network":
        return query
    own = scope.own_id or ""
    return query.where(sa.or_(sessions.c.supervisor_id == own, sessions.c.peer_id == own))


@functools.cache
def _one_session(reach: str, to_change: bool) -> sa.Select[Any]:
    query = sa.select(sessions).where(sessions.c.session_id == sa.bindparam("of"))
    own: sa.BindParameter[str] = sa.bindparam("own")
    if reach != "network":
        query = query.where(sa.or_(sessions.c.supervisor_id == own, sessions.c.peer_id == own))
    return query.with_for_update() if to_change else query


def session(scope: Scope, unit: Unit, session_id: str, *, to_change: bool = False) -> Any:
    """One session; NotFound when not there or not theirs. `to_change` keeps the row from others until commit."""
    return one(unit, _one_session(scope.reach, to_change), of=session_id, own=scope.own_id or "")


def planned_session(scope: Scope, unit: Unit, peer_id: str, kind: str) -> Any | None:
    """The session of a kind that is planned for a peer and not settled, or None."""
    query = _between(scope, sa.select(sessions)).where(sessions.c.peer_id == peer_id, sessions.c.kind == kind)
    query = query.where(sessions.c.state == rules.PLANNED).order_by(sessions.c.starts_at, sessions.c.session_id)
    return unit.connection.execute(query.limit(1)).one_or_none()


def planned_sessions(scope: Scope, unit: Unit, peer_ids: Iterable[str]) -> dict[str, list[Any]]:
    """The sessions planned and not settled for some peers, soonest first."""
    query = _between(scope, sa.select(sessions)).where(sessions.c.peer_id.in_(list(peer_ids)))
    query = query.where(sessions.c.state == rules.PLANNED).order_by(sessions.c.starts_at, sessions.c.session_id)
    found: dict[str, list[Any]] = {}
    for row in unit.connection.execute(query):
        found.setdefault(row.peer_id, []).append(row)
    return found


def sessions_held(scope: Scope, unit: Unit, peer_id: str, limit: int = 6) -> Sequence[Any]:
    """A peer's sessions that were held, newest first."""
    query = _between(scope, sa.select(sessions)).where(sessions.c.peer_id == peer_id)
    query = query.where(sessions.c.state == rules.HELD).order_by(sessions.c.starts_at.desc(), sessions.c.session_id)
    return unit.connection.execute(query.limit(limit)).all()


def own_choice_declines(scope: Scope, unit: Unit, peer_id: str, kind: str) -> int:
    """How many offered times a peer declined by their own choice since a session of this kind was last held.

    Asked by the one rule that needs it; no page, fact or answer carries it.
    """
    values = {"of": peer_id, "what": kind, "own": scope.own_id or ""}
    since = unit.connection.execute(_LAST_HELD, values).scalar()
    query = _own_choices(scope.reach, since is not None)
    return int(unit.connection.execute(query, {**values, "since": since}).scalar_one())


_OF_KIND = (sessions.c.peer_id == sa.bindparam("of"), sessions.c.kind == sa.bindparam("what"))
_LAST_HELD = sa.select(sa.func.max(sessions.c.settled_at)).where(*_OF_KIND, sessions.c.state == rules.HELD)


@functools.cache
def _own_choices(reach: str, is_since: bool) -> sa.Select[Any]:
    query = sa.select(sa.func.count()).select_from(sessions).where(*_OF_KIND, sessions.c.because == rules.OWN_CHOICE)
    if reach != "network":
        own: sa.BindParameter[str] = sa.bindparam("own")
        query = query.where(sa.or_(sessions.c.supervisor_id == own, sessions.c.peer_id == own))
    return query.where(sessions.c.settled_at > sa.bindparam("since")) if is_since else query
