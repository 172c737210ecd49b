"""The questions asked of supports and of what belongs to one; every read says on whose behalf first."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.errors import NotFound
from chassis.unit import Unit

from .tables import connections, contacts, meetings, peers, people, supports

# ---- supports ----


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    query = told.heeded(scope, query, supports.c.person_id)
    if scope.reach == "network":
        return query
    if scope.reach == "partner":
        return query.where(supports.c.partner_id == (scope.partner_id or ""))
    own = scope.own_id or ""
    return query.where(sa.or_(supports.c.person_id == own, supports.c.peer_id == own))


def _joined() -> sa.Select[Any]:
    query = sa.select(supports, people.c.called.label("person_called"), peers.c.called.label("peer_called"))
    return query.outerjoin_from(supports, people, people.c.person_id == supports.c.person_id).outerjoin(
        peers, peers.c.peer_id == supports.c.peer_id
    )


def _asker(scope: Scope) -> dict[str, Any]:
    """Who asks, for the statements that are made once."""
    return {"own": scope.own_id or "", "partner": scope.partner_id or "", "asker": scope.who.id}


def _reached(reach: str, heeds: bool, query: sa.Select[Any]) -> sa.Select[Any]:
    if heeds:
        query = told.heeded_once(query, supports.c.person_id)
    if reach == "network":
        return query
    if reach == "partner":
        return query.where(supports.c.partner_id == sa.bindparam("partner"))
    return query.where(sa.or_(supports.c.person_id == sa.bindparam("own"), supports.c.peer_id == sa.bindparam("own")))


@functools.cache
def _one_support(reach: str, heeds: bool, to_change: bool) -> sa.Select[Any]:
    query = _reached(reach, heeds, _joined()).where(supports.c.support_id == sa.bindparam("of"))
    return query.with_for_update(of=supports) if to_change else query


@functools.cache
def _of_some(reach: str, heeds: bool, table: sa.Table) -> sa.Select[Any]:
    query = _reached(reach, heeds, sa.select(table).join_from(table, supports))
    return query.where(table.c.support_id.in_(sa.bindparam("some", expanding=True)))


def support(scope: Scope, unit: Unit, support_id: str, *, to_change: bool = False) -> Any:
    """One support with what the pair is called; NotFound when it is not there or not theirs."""
    values = {"of": support_id, **_asker(scope)}
    query = _one_support(scope.reach, told.heeds(scope), to_change)
    row = unit.connection.execute(query, values).one_or_none()
    if row is None:
        raise NotFound()
    return row


def supports_listed(scope: Scope, unit: Unit, states: Iterable[str], *, limit: int = 200) -> Sequence[Any]:
    """Supports at one of these states, newest first."""
    query = _within(scope, _joined()).where(supports.c.state.in_(list(states))).limit(limit)
    return unit.connection.execute(query.order_by(supports.c.agreed_at.desc(), supports.c.support_id)).all()


def supports_of_person(scope: Scope, unit: Unit, person_id: str) -> Sequence[Any]:
    """A person's supports, newest first."""
    query = _within(scope, _joined()).where(supports.c.person_id == person_id)
    return unit.connection.execute(query.order_by(supports.c.agreed_at.desc(), supports.c.support_id)).all()


def ids_of(scope: Scope, unit: Unit, *, match_id: str = "", referral_id: str = "") -> list[str]:
    """The ids of the supports of a match, or of a referral."""
    which = supports.c.match_id == match_id if match_id else supports.c.referral_id == referral_id
    query = _within(scope, sa.select(supports.c.support_id)).where(which)
    return list(unit.connection.execute(query.order_by(supports.c.agreed_at)).scalars())


def count_by_state(scope: Scope, unit: Unit) -> dict[str, int]:
    """How many supports stand at each state; asked for the whole network alone."""
    query = _within(scope, sa.select(supports.c.state, sa.func.count())).group_by(supports.c.state)
    return {state: count for state, count in unit.connection.execute(query)}


# ---- what belongs to one support ----


def _of(scope: Scope, table: sa.Table, *columns: Any) -> sa.Select[Any]:
    return _within(scope, sa.select(*(columns or (table,))).join_from(table, supports))


def meetings_ahead(scope: Scope, unit: Unit, support_ids: Iterable[str]) -> Sequence[Any]:
    """The meetings planned from now on, soonest first."""
    values = {"some": list(support_ids), "from": unit.now, **_asker(scope)}
    return unit.connection.execute(_meetings_ahead(scope.reach, told.heeds(scope)), values).all()


def latest_meeting_past(scope: Scope, unit: Unit, support_id: str) -> Any | None:
    """The newest planned meeting that has begun; its `contact_id` says whether it was recorded."""
    query = _of(scope, meetings).where(meetings.c.support_id == support_id, meetings.c.starts_at < unit.now)
    return unit.connection.execute(query.order_by(meetings.c.starts_at.desc()).limit(1)).one_or_none()


def meeting(scope: Scope, unit: Unit, support_id: str, meeting_id: str) -> Any | None:
    """One planned meeting of a support, or None."""
    query = _of(scope, meetings).where(meetings.c.support_id == support_id, meetings.c.meeting_id == meeting_id)
    return unit.connection.execute(query).one_or_none()


def count_contacts_made(scope: Scope, unit: Unit, support_id: str) -> int:
    """How many contacts of one support were made; support.ended says it, and nothing else asks."""
    query = _of(scope, contacts, sa.func.count()).where(contacts.c.support_id == support_id, contacts.c.kind == "made")
    return int(unit.connection.execute(query).scalar_one())


def own_notes(scope: Scope, unit: Unit, support_id: str, written_by: str) -> Sequence[Any]:
    """The notes one human being wrote for themselves about this support, newest first."""
    query = _of(scope, contacts).where(
        contacts.c.support_id == support_id, contacts.c.written_by == written_by, contacts.c.note.is_not(None)
    )
    return unit.connection.execute(query.order_by(contacts.c.held_on.desc(), contacts.c.recorded_at.desc())).all()


@functools.cache
def _connections(reach: str, heeds: bool) -> sa.Select[Any]:
    return _of_some(reach, heeds, connections).order_by(connections.c.added_at, connections.c.connection_id)


@functools.cache
def _meetings_ahead(reach: str, heeds: bool) -> sa.Select[Any]:
    query = _of_some(reach, heeds, meetings).where(meetings.c.starts_at >= sa.bindparam("from"))
    return query.order_by(meetings.c.starts_at, meetings.c.meeting_id)


def connections_of(scope: Scope, unit: Unit, support_ids: Iterable[str]) -> Sequence[Any]:
    """The connections of some supports, in the order they were found."""
    values = {"some": list(support_ids), **_asker(scope)}
    return unit.connection.execute(_connections(scope.reach, told.heeds(scope)), values).all()


def connection(scope: Scope, unit: Unit, support_id: str, connection_id: str) -> Any:
    """One connection of a support; NotFound when it is not there or not theirs."""
    same = (connections.c.support_id == support_id, connections.c.connection_id == connection_id)
    row = unit.connection.execute(_of(scope, connections).where(*same)).one_or_none()
    if row is None:
        raise NotFound()
    return row
