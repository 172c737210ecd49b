"""The questions asked of peers: who supervises them, what they are owed, who walks beside whom."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.supervision.domain import sessions as rules
from services.supervision.domain.standing import CLEARED
from services.supervision.store.one_row import one
from services.supervision.store.tables import conducts, dues, peers, supports


def _led_by(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    """Own reach is the supervisor's: the peers who are theirs, wherever they are employed."""
    return query if scope.reach == "network" else query.where(peers.c.supervisor_id == (scope.own_id or ""))


def _with_due(kind: str) -> sa.Select[Any]:
    is_owed = sa.and_(dues.c.peer_id == peers.c.peer_id, dues.c.kind == kind, dues.c.state == rules.OPEN)
    return sa.select(peers, dues.c.due_at, dues.c.number).outerjoin_from(peers, dues, is_owed)


def team(scope: Scope, unit: Unit, kind: str = "line") -> Sequence[Any]:
    """The peers of whoever asks, with when their next session is due, soonest first, those on a break last."""
    query = _led_by(scope, _with_due(kind))
    query = query.order_by(peers.c.is_paused, dues.c.due_at.is_(None), dues.c.due_at, peers.c.peer_id)
    return unit.connection.execute(query).all()


def peer_led(scope: Scope, unit: Unit, peer_id: str, kind: str = "line") -> Any:
    """One peer with when their next session is due; NotFound when not there or not theirs to supervise."""
    return one(unit, _led_by(scope, _with_due(kind)).where(peers.c.peer_id == peer_id))


def peer_themselves(scope: Scope, unit: Unit, peer_id: str, kind: str = "line") -> Any:
    """A peer as they see themselves; NotFound for anyone else, and for somebody who never joined."""
    query = _with_due(kind).where(peers.c.peer_id == peer_id)
    return one(unit, query if scope.reach == "network" else query.where(peers.c.peer_id == (scope.own_id or "")))


@functools.cache
def _one_peer(reach: str) -> sa.Select[Any]:
    query = sa.select(peers).where(peers.c.peer_id == sa.bindparam("of")).with_for_update()
    return query if reach == "network" else query.where(peers.c.supervisor_id == sa.bindparam("own"))


@functools.cache
def _one_due(reach: str) -> sa.Select[Any]:
    of_kind = (dues.c.peer_id == sa.bindparam("of"), dues.c.kind == sa.bindparam("what"), dues.c.state == rules.OPEN)
    query = sa.select(dues).join_from(dues, peers).where(*of_kind)
    own: sa.BindParameter[str] = sa.bindparam("own")
    if reach == "network":
        return query
    return query.where(sa.or_(peers.c.peer_id == own, peers.c.supervisor_id == own))


def peer_to_change(scope: Scope, unit: Unit, peer_id: str) -> Any:
    """One peer's row, kept from others until commit; NotFound when not there or not theirs to supervise."""
    return one(unit, _one_peer(scope.reach), of=peer_id, own=scope.own_id or "")


def is_peer(scope: Scope, unit: Unit, peer_id: str) -> bool:
    """Whether a peer joined and is theirs to supervise."""
    query = _led_by(scope, sa.select(peers.c.peer_id)).where(peers.c.peer_id == peer_id)
    return unit.connection.execute(query).first() is not None


def peers_without_supervisor(scope: Scope, unit: Unit) -> Sequence[Any]:
    """The peers nobody supervises yet, in the order they joined."""
    query = sa.select(peers).where(peers.c.supervisor_id.is_(None))
    if scope.reach != "network":
        return []
    return unit.connection.execute(query.order_by(peers.c.joined_at, peers.c.peer_id)).all()


def peers_of_supervisor(scope: Scope, unit: Unit, supervisor_id: str) -> Sequence[Any]:
    """The peers somebody supervises, in the order they joined."""
    query = sa.select(peers).where(peers.c.supervisor_id == supervisor_id)
    if scope.reach != "network":
        query = query.where(peers.c.supervisor_id == (scope.own_id or ""))
    return unit.connection.execute(query.order_by(peers.c.joined_at, peers.c.peer_id)).all()


def supervisor_of(scope: Scope, unit: Unit, peer_id: str) -> str | None:
    """Who supervises a peer, or None."""
    query = sa.select(peers.c.supervisor_id).where(peers.c.peer_id == peer_id)
    if scope.reach != "network":
        query = query.where(sa.or_(peers.c.peer_id == scope.own_id, peers.c.supervisor_id == scope.own_id))
    found = unit.connection.execute(query).scalar()
    return str(found) if found else None


def peer_of_person(scope: Scope, unit: Unit, person_id: str) -> str | None:
    """The peer who walks, or walked last, beside a person."""
    query = sa.select(supports.c.peer_id).where(supports.c.person_id == person_id)
    if scope.reach != "network":
        query = query.where(supports.c.person_id == (scope.own_id or ""))
    still = sa.case((supports.c.ended_on.is_(None), 0), else_=1)
    query = query.order_by(still, supports.c.started_on.desc(), supports.c.support_id).limit(1)
    return unit.connection.execute(query).scalar()


def owed(scope: Scope, unit: Unit, peer_id: str, kind: str) -> Any | None:
    """What is open for a peer and kind, or None."""
    values = {"of": peer_id, "what": kind, "own": scope.own_id or ""}
    return unit.connection.execute(_one_due(scope.reach), values).one_or_none()


def overdue(scope: Scope, unit: Unit, before: datetime) -> Sequence[Any]:
    """What is owed past its time to peers who are on no break, longest overdue first."""
    query = sa.select(dues, peers.c.partner_id, peers.c.supervisor_id).join_from(dues, peers)
    query = _led_by(scope, query).where(dues.c.state == rules.OPEN, dues.c.due_at < before, ~peers.c.is_paused)
    return unit.connection.execute(query.order_by(dues.c.due_at, dues.c.peer_id, dues.c.kind)).all()


def cleared_with_a_day_past(scope: Scope, unit: Unit, today: date) -> list[str]:
    """Cleared peers whose check or training was valid until a day before today, or who accepted an older conduct."""
    query = _led_by(scope, sa.select(peers.c.peer_id)).where(peers.c.standing == CLEARED)
    needed = sa.select(conducts.c.published_on).where(conducts.c.in_force_on <= today)
    since = needed.order_by(conducts.c.version.desc()).limit(1).scalar_subquery()
    past = sa.or_(
        peers.c.check_valid_until < today, peers.c.training_valid_until < today, peers.c.conduct_accepted_on < since
    )
    return list(unit.connection.execute(query.where(past).order_by(peers.c.peer_id)).scalars())


def count_overdue(scope: Scope, unit: Unit, before: datetime) -> int:
    """How many sessions are owed past their time across the network; never by peer."""
    return len(overdue(scope, unit, before))
