"""The questions asked of peers: who they are, what they take, how many places are used."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.matching.domain.moves import USES_A_PLACE
from services.matching.store.one_row import one
from services.matching.store.tables import accounts, clearances, options, partners, peers


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
    joined = sa.exists().where(peers.c.peer_id == accounts.c.account_id, peers.c.partner_id == accounts.c.partner_id)
    query = sa.select(accounts).where(~joined).order_by(accounts.c.account_id)
    if scope.reach != "network":
        query = query.where(accounts.c.partner_id == (scope.partner_id or ""))
    return unit.connection.execute(query).all()


def _asked(scope: Scope, peer_ids: Iterable[str] | None) -> dict[str, Any]:
    """What fills the statements made once below: who asks, and which peers."""
    within = {"own": scope.own_id or "", "partner": scope.partner_id}
    return within if peer_ids is None else {**within, "some": list(peer_ids)}


def _within(reach: str, query: sa.Select[Any]) -> sa.Select[Any]:
    if reach == "network":
        return query
    if reach == "partner":
        return query.where(peers.c.partner_id == sa.bindparam("partner"))
    return query.where(peers.c.peer_id == sa.bindparam("own"))


@functools.cache
def _peers(reach: str, are_named: bool) -> sa.Select[Any]:
    cleared = sa.func.coalesce(clearances.c.is_cleared, sa.false()).label("is_cleared")
    query = sa.select(peers, cleared).outerjoin(clearances, clearances.c.peer_id == peers.c.peer_id)
    query = _within(reach, query).order_by(peers.c.joined_at, peers.c.peer_id)
    return query.where(peers.c.peer_id.in_(sa.bindparam("some", expanding=True))) if are_named else query


@functools.cache
def _one_peer(reach: str, to_change: bool) -> sa.Select[Any]:
    query = _within(reach, sa.select(peers)).where(peers.c.peer_id == sa.bindparam("of"))
    return query.with_for_update() if to_change else query


@functools.cache
def _places(reach: str, are_named: bool) -> sa.Select[Any]:
    query = sa.select(options.c.peer_id, sa.func.count())
    if reach != "network":
        query = _within(reach, query.join_from(options, peers))
    query = query.where(options.c.state.in_(USES_A_PLACE)).group_by(options.c.peer_id)
    return query.where(options.c.peer_id.in_(sa.bindparam("some", expanding=True))) if are_named else query


def peers_listed(scope: Scope, unit: Unit, peer_ids: Iterable[str] | None = None) -> Sequence[Any]:
    """Peers within reach in the order they joined, with whether they are cleared; some alone when named."""
    return unit.connection.execute(_peers(scope.reach, peer_ids is not None), _asked(scope, peer_ids)).all()


def peer(scope: Scope, unit: Unit, peer_id: str, *, to_change: bool = False) -> Any:
    """One peer; NotFound when not there or not within reach. `to_change` keeps the row from others until commit."""
    return one(unit, _one_peer(scope.reach, to_change), **_asked(scope, None), of=peer_id)


def places_used(scope: Scope, unit: Unit, peer_ids: Iterable[str] | None = None) -> Mapping[str, int]:
    """How many places of each peer people and holds use; a peer with none is left out."""
    rows = unit.connection.execute(_places(scope.reach, peer_ids is not None), _asked(scope, peer_ids))
    return {peer_id: count for peer_id, count in rows}


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
