"""The matching tables and the questions asked of them; every read says on whose behalf first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.columns import Id, Moment
from chassis.database import put
from chassis.errors import NotFound
from chassis.unit import Unit

from .domain.moves import OPEN_OPTIONS, STILL_OPEN, USES_A_PLACE

metadata = sa.MetaData()

# Accounts that may join as peers, as partners opened them.
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
)

partners = sa.Table(
    "partners",
    metadata,
    sa.Column("partner_id", Id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

# `peer_id` is the peer's account id. `about` is sealed for the peer: entries and levels, topics not taken, gender.
peers = sa.Table(
    "peers",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("about", sa.Text, nullable=True),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("joined_at", Moment, nullable=False),
    sa.Index("peers_by_partner", "partner_id"),
)

# What supervision said last of each peer; no row means never cleared.
clearances = sa.Table(
    "clearances",
    metadata,
    sa.Column("peer_id", Id, primary_key=True),
    sa.Column("is_cleared", sa.Boolean, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

# One row per accepted referral; `received_at` is the day the wait began and never changes.
waits = sa.Table(
    "waits",
    metadata,
    sa.Column("referral_id", Id, primary_key=True),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("partner_id", Id, nullable=False),
    sa.Column("called", sa.Text, nullable=False),
    sa.Column("needs", sa.Text, nullable=False),
    sa.Column("safety", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("accepted_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("waits_by_state", "state", "received_at"),
    sa.Index("waits_by_person", "person_id"),
)

# `snapshot` is sealed for the person: the rules' version, the numbers and the points of the day it was proposed.
matches = sa.Table(
    "matches",
    metadata,
    sa.Column("match_id", Id, primary_key=True),
    sa.Column("referral_id", Id, sa.ForeignKey("waits.referral_id"), nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("proposed_at", Moment, nullable=False),
    sa.Column("proposed_by", Id, nullable=False),
    sa.Column("answer_by", Moment, nullable=False),
    sa.Column("asked_about", sa.JSON, nullable=False),
    sa.Column("snapshot", sa.Text, nullable=False),
    sa.Column("chosen_peer_id", Id, nullable=True),
    sa.Column("taster_held_at", Moment, nullable=True),
    sa.Column("person_says", sa.Boolean, nullable=True),
    sa.Column("peer_says", sa.Boolean, nullable=True),
    sa.Column("agreed_at", Moment, nullable=True),
    sa.Column("ended_at", Moment, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Index("matches_by_referral", "referral_id", "proposed_at"),
    sa.Index("matches_by_person", "person_id", "proposed_at"),
    sa.Index("matches_by_state", "state", "proposed_at"),
)

options = sa.Table(
    "options",
    metadata,
    sa.Column("match_id", Id, sa.ForeignKey("matches.match_id"), primary_key=True),
    sa.Column("peer_id", Id, sa.ForeignKey("peers.peer_id"), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("answered_at", Moment, nullable=True),
    sa.Column("how", sa.Text, nullable=True),
    sa.Column("hold_until", Moment, nullable=True),
    sa.Column("code", sa.Text, nullable=True),
    sa.Index("options_by_peer", "peer_id", "state"),
)


def _one(unit: Unit, query: sa.Select[Any]) -> Any:
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


# ---- peers ----


def _peers_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    if scope.reach == "network":
        return query
    if scope.reach == "partner":
        return query.where(peers.c.partner_id == scope.partner_id)
    return query.where(peers.c.peer_id == (scope.own_id or ""))


def account(scope: Scope, unit: Unit, account_id: str) -> Any | None:
    """An account with the role peer, or None when there is none within reach."""
    query = sa.select(accounts).where(accounts.c.account_id == account_id)
    if scope.reach != "network":
        query = query.where(accounts.c.partner_id == (scope.partner_id or ""))
    return unit.connection.execute(query).one_or_none()


def accounts_to_join(scope: Scope, unit: Unit) -> Sequence[Any]:
    """Accounts with the role peer within reach that have not joined as peers."""
    joined = sa.exists().where(peers.c.peer_id == accounts.c.account_id)
    query = sa.select(accounts).where(~joined).order_by(accounts.c.account_id)
    if scope.reach != "network":
        query = query.where(accounts.c.partner_id == (scope.partner_id or ""))
    return unit.connection.execute(query).all()


def peers_listed(scope: Scope, unit: Unit, peer_ids: Iterable[str] | None = None) -> Sequence[Any]:
    """Peers within reach in the order they joined, with whether they are cleared; some alone when named."""
    cleared = sa.func.coalesce(clearances.c.is_cleared, sa.false()).label("is_cleared")
    query = sa.select(peers, cleared).outerjoin(clearances, clearances.c.peer_id == peers.c.peer_id)
    query = _peers_within(scope, query).order_by(peers.c.joined_at, peers.c.peer_id)
    if peer_ids is not None:
        query = query.where(peers.c.peer_id.in_(list(peer_ids)))
    return unit.connection.execute(query).all()


def peer(scope: Scope, unit: Unit, peer_id: str, *, to_change: bool = False) -> Any:
    """One peer; NotFound when not there or not within reach. `to_change` keeps the row from others until commit."""
    query = _peers_within(scope, sa.select(peers)).where(peers.c.peer_id == peer_id)
    return _one(unit, query.with_for_update() if to_change else query)


def places_used(scope: Scope, unit: Unit, peer_ids: Iterable[str] | None = None) -> Mapping[str, int]:
    """How many places of each peer people and holds use; a peer with none is left out."""
    query = sa.select(options.c.peer_id, sa.func.count()).join_from(options, peers)
    query = _peers_within(scope, query).where(options.c.state.in_(USES_A_PLACE)).group_by(options.c.peer_id)
    if peer_ids is not None:
        query = query.where(options.c.peer_id.in_(list(peer_ids)))
    return {peer_id: count for peer_id, count in unit.connection.execute(query)}


def is_cleared(scope: Scope, unit: Unit, peer_id: str) -> bool:
    """Whether supervision cleared a peer for new matches, and has not held them back since."""
    query = _peers_within(
        scope, sa.select(clearances.c.is_cleared).join(peers, peers.c.peer_id == clearances.c.peer_id)
    )
    return bool(unit.connection.execute(query.where(clearances.c.peer_id == peer_id)).scalar())


def partner_names(scope: Scope, unit: Unit) -> dict[str, str]:
    """What each partner is called; a partner sees its own name only."""
    query = sa.select(partners.c.partner_id, partners.c.name)
    if scope.reach == "partner":
        query = query.where(partners.c.partner_id == (scope.partner_id or ""))
    return {partner_id: name for partner_id, name in unit.connection.execute(query)}


def peers_of_partner(scope: Scope, unit: Unit, partner_id: str) -> list[str]:
    """The ids of a partner's peers."""
    query = _peers_within(scope, sa.select(peers.c.peer_id)).where(peers.c.partner_id == partner_id)
    return list(unit.connection.execute(query.order_by(peers.c.peer_id)).scalars())


# ---- people who wait ----


def _waiting_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    return query if scope.reach == "network" else query.where(waits.c.person_id == (scope.own_id or ""))


def people_waiting(scope: Scope, unit: Unit, states: Iterable[str]) -> Sequence[Any]:
    """People at one of these states, longest wait first."""
    query = _waiting_within(scope, sa.select(waits)).where(waits.c.state.in_(list(states)))
    return unit.connection.execute(query.order_by(waits.c.received_at, waits.c.referral_id)).all()


def one_waiting(scope: Scope, unit: Unit, referral_id: str, *, to_change: bool = False) -> Any:
    """One person's wait by their referral; NotFound when not there or not within reach."""
    query = _waiting_within(scope, sa.select(waits)).where(waits.c.referral_id == referral_id)
    return _one(unit, query.with_for_update() if to_change else query)


def referrals_of(scope: Scope, unit: Unit, person_id: str) -> list[str]:
    """The ids of a person's referrals known here."""
    query = _waiting_within(scope, sa.select(waits.c.referral_id)).where(waits.c.person_id == person_id)
    return list(unit.connection.execute(query.order_by(waits.c.received_at)).scalars())


def count_waiting(scope: Scope, unit: Unit) -> dict[str, int]:
    """How many people stand at each state."""
    query = _waiting_within(scope, sa.select(waits.c.state, sa.func.count())).group_by(waits.c.state)
    return {state: count for state, count in unit.connection.execute(query)}


# ---- matches ----


def _matches_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    if scope.reach == "network":
        return query
    own = scope.own_id or ""
    asked = options.alias("asked")
    is_asked = sa.exists().where(asked.c.match_id == matches.c.match_id, asked.c.peer_id == own).correlate(matches)
    return query.where(sa.or_(matches.c.person_id == own, is_asked))


def match(scope: Scope, unit: Unit, match_id: str, *, to_change: bool = False) -> Any:
    """One match; NotFound when not there or not within reach."""
    query = _matches_within(scope, sa.select(matches)).where(matches.c.match_id == match_id)
    return _one(unit, query.with_for_update() if to_change else query)


def options_of(scope: Scope, unit: Unit, match_ids: Iterable[str]) -> Sequence[Any]:
    """The options of some matches as proposed; a peer gets their own alone, a person all of theirs."""
    ids = list(match_ids)
    if not ids:
        return []
    query = sa.select(options, peers.c.partner_id, peers.c.called, peers.c.about, peers.c.limits)
    query = query.join_from(options, peers).join(matches, matches.c.match_id == options.c.match_id)
    if scope.reach != "network":
        own = scope.own_id or ""
        query = query.where(sa.or_(matches.c.person_id == own, options.c.peer_id == own))
    query = query.where(options.c.match_id.in_(ids))
    return unit.connection.execute(query.order_by(options.c.match_id, options.c.place)).all()


def matches_of_referral(scope: Scope, unit: Unit, referral_id: str) -> Sequence[Any]:
    """A referral's matches, newest first."""
    query = _matches_within(scope, sa.select(matches)).where(matches.c.referral_id == referral_id)
    return unit.connection.execute(query.order_by(matches.c.proposed_at.desc(), matches.c.match_id)).all()


def open_matches_by_referral(scope: Scope, unit: Unit) -> dict[str, str]:
    """The open match of each referral that has one."""
    query = _matches_within(scope, sa.select(matches.c.referral_id, matches.c.match_id))
    return {r: m for r, m in unit.connection.execute(query.where(matches.c.state.in_(STILL_OPEN)))}


def latest_match_of_person(scope: Scope, unit: Unit, person_id: str) -> Any | None:
    """A person's newest match, or None."""
    query = _matches_within(scope, sa.select(matches)).where(matches.c.person_id == person_id)
    return unit.connection.execute(query.order_by(matches.c.proposed_at.desc()).limit(1)).one_or_none()


def offers_to(scope: Scope, unit: Unit, peer_id: str) -> Sequence[Any]:
    """What is open or agreed for one peer: each option with its match and what is known of the person, oldest first."""
    query = sa.select(
        options.c.peer_id, options.c.state.label("option_state"), options.c.hold_until, matches,
        waits.c.called, waits.c.needs, waits.c.safety,
    )  # fmt: skip
    query = query.join_from(options, matches).join(waits, waits.c.referral_id == matches.c.referral_id)
    if scope.reach != "network":
        query = query.where(options.c.peer_id == (scope.own_id or ""))
    query = query.where(
        options.c.peer_id == peer_id, options.c.state.in_(OPEN_OPTIONS), matches.c.state.in_(STILL_OPEN)
    )
    return unit.connection.execute(query.order_by(matches.c.proposed_at, matches.c.match_id)).all()


def open_options_of_peers(scope: Scope, unit: Unit, peer_ids: Iterable[str]) -> Sequence[Any]:
    """The options of some peers that are not settled yet, newest answer first."""
    query = sa.select(options, matches.c.state.label("match_state")).join_from(options, matches)
    query = _matches_within(scope, query).where(options.c.peer_id.in_(list(peer_ids)))
    query = query.where(options.c.state.in_(OPEN_OPTIONS), matches.c.state.in_(STILL_OPEN))
    return unit.connection.execute(query.order_by(options.c.answered_at.desc(), options.c.match_id)).all()


def not_again(scope: Scope, unit: Unit, referral_id: str, codes: Iterable[str]) -> set[str]:
    """Peers this referral was offered before and whose option ended with one of these codes."""
    query = sa.select(options.c.peer_id).join_from(options, matches).where(matches.c.referral_id == referral_id)
    return set(unit.connection.execute(_matches_within(scope, query).where(options.c.code.in_(list(codes)))).scalars())


def brakes_on(unit: Unit, subjects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, list(subjects))


# ---- writing ----


def keep(unit: Unit, table: sa.Table, **row: Any) -> None:
    """Adds a row, or replaces the one with the same key."""
    put(unit.connection, table, row)


def add(unit: Unit, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Adds rows."""
    unit.connection.execute(sa.insert(table), [dict(row) for row in rows])


def change_peer(unit: Unit, peer_id: str, **columns: Any) -> None:
    """Changes a peer's row."""
    unit.connection.execute(sa.update(peers).where(peers.c.peer_id == peer_id).values(**columns))


def change_waiting(unit: Unit, referral_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes a person's wait that stands at one of the states `was`; false when it does not."""
    rows = sa.update(waits).where(waits.c.referral_id == referral_id, waits.c.state.in_(list(was)))
    return unit.connection.execute(rows.values(**columns)).rowcount == 1


def change_match(unit: Unit, match_id: str, was: str, **columns: Any) -> bool:
    """Changes a match that still stands at `was`; false when somebody was faster."""
    rows = sa.update(matches).where(matches.c.match_id == match_id, matches.c.state == was)
    return unit.connection.execute(rows.values(**columns)).rowcount == 1


def change_option(unit: Unit, match_id: str, peer_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes an option that stands at one of the states `was`; false when it does not."""
    rows = sa.update(options).where(
        options.c.match_id == match_id, options.c.peer_id == peer_id, options.c.state.in_(list(was))
    )
    return unit.connection.execute(rows.values(**columns)).rowcount == 1
