"""The support tables and the questions asked of them; every read says on whose behalf first."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.columns import Id, Moment
from chassis.database import insert_or_ignore, put
from chassis.errors import NotFound
from chassis.events.projections import Projection
from chassis.tables import kept_from
from chassis.unit import Unit

metadata = sa.MetaData()

# What people and peers want to be called, sealed, as other rooms said.
people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("called", sa.Text, nullable=False),
)

peers = sa.Table(
    "peers",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("called", sa.Text, nullable=False),
)

# `partner_id` is the peer's partner.
supports = sa.Table(
    "supports",
    metadata,
    sa.Column("support_id", Id, primary_key=True),
    sa.Column("match_id", Id, nullable=False, unique=True),
    sa.Column("referral_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("peer_id", Id, nullable=False),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("agreed_at", Moment, nullable=False),
    sa.Column("started_on", sa.Date, nullable=True),
    sa.Column("midpoint_on", sa.Date, nullable=True),
    sa.Column("agreed_end_on", sa.Date, nullable=True),
    sa.Column("paused_on", sa.Date, nullable=True),
    sa.Column("paused_by", sa.Text, nullable=True),
    sa.Column("ended_on", sa.Date, nullable=True),
    sa.Column("ending", sa.Text, nullable=True),
    sa.Column("agreed_by", sa.Text, nullable=True),
    sa.Column("wants_return", sa.Boolean, nullable=True),
    sa.Index("supports_by_person", "person_id", "agreed_at"),
    sa.Index("supports_by_peer", "peer_id", "state"),
    sa.Index("supports_by_state", "state", "agreed_at"),
    sa.Index("supports_by_referral", "referral_id"),
)

meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("meeting_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("contact_id", Id, nullable=True),
    sa.Index("meetings_by_support", "support_id", "starts_at"),
)

# `note` is sealed, and only whoever wrote it reads it here.
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("contact_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("written_by", Id, nullable=False),
    sa.Column("note", sa.Text, nullable=True),
    sa.Index("contacts_by_support", "support_id", "held_on"),
)

# `what` is sealed: the words of the person or their peer.
connections = sa.Table(
    "connections",
    metadata,
    sa.Column("connection_id", Id, primary_key=True),
    sa.Column("support_id", Id, sa.ForeignKey("supports.support_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("moved_on", sa.Date, nullable=False),
    sa.Index("connections_by_support", "support_id", "added_at"),
)

# What other rooms said and nothing here changes; all else is this room's own to decide.
PROJECTIONS = tuple(Projection(table) for table in (people, peers, kept_from))


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


# ---- what is kept and changed; every change says from which state ----


def brakes_on(unit: Unit, subjects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, list(subjects))


def keep_called(unit: Unit, table: sa.Table, **row: str) -> None:
    """Keeps what a human being wants to be called, in place of what was known."""
    put(unit.connection, table, row)


def forget_person(unit: Unit, person_id: str) -> None:
    """Lets go of what a person wants to be called, and of every note about them."""
    unit.connection.execute(sa.delete(people).where(people.c.person_id == person_id))
    theirs = (contacts.c.support_id == supports.c.support_id, supports.c.person_id == person_id)
    unit.connection.execute(sa.update(contacts).where(*theirs).values(note=None))


def add(unit: Unit, table: sa.Table, **row: Any) -> bool:
    """Adds a row; false when one with the same key is there already."""
    return insert_or_ignore(unit.connection, table, [row]) == 1


_CHANGE = sa.update(supports).where(
    supports.c.support_id == sa.bindparam("of"), supports.c.state == sa.bindparam("was")
)


def change(unit: Unit, support_id: str, was: str, **columns: Any) -> bool:
    """Changes a support that still stands at `was`; false when somebody was faster."""
    return unit.connection.execute(_CHANGE, {**columns, "of": support_id, "was": was}).rowcount == 1


def tie_meeting(unit: Unit, meeting_id: str, contact_id: str) -> bool:
    """Ties a planned meeting to its contact; false when it has one."""
    rows = sa.update(meetings).where(meetings.c.meeting_id == meeting_id, meetings.c.contact_id.is_(None))
    return unit.connection.execute(rows.values(contact_id=contact_id)).rowcount == 1


def move_connection(unit: Unit, connection_id: str, was: str, **columns: Any) -> bool:
    """Moves a connection that still stands at `was`; false when somebody was faster."""
    rows = sa.update(connections).where(connections.c.connection_id == connection_id, connections.c.state == was)
    return unit.connection.execute(rows.values(**columns)).rowcount == 1
