"""The questions asked of matches and their options."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.matching.domain.moves import OPEN_OPTIONS, STILL_OPEN
from services.matching.store.one_row import one
from services.matching.store.tables import matches, options, peers, waits


def _matches_within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    if scope.reach == "network":
        return query
    own = scope.own_id or ""
    asked = options.alias("asked")
    is_asked = sa.exists().where(asked.c.match_id == matches.c.match_id, asked.c.peer_id == own).correlate(matches)
    return query.where(sa.or_(matches.c.person_id == own, is_asked))


@functools.cache
def _one_match(reach: str, to_change: bool) -> sa.Select[Any]:
    query = sa.select(matches).where(matches.c.match_id == sa.bindparam("of"))
    own: sa.BindParameter[str] = sa.bindparam("own")
    if reach != "network":
        asked = options.alias("asked")
        is_asked = sa.exists().where(asked.c.match_id == matches.c.match_id, asked.c.peer_id == own).correlate(matches)
        query = query.where(sa.or_(matches.c.person_id == own, is_asked))
    return query.with_for_update() if to_change else query


@functools.cache
def _options(reach: str) -> sa.Select[Any]:
    query = sa.select(options, peers.c.partner_id, peers.c.called, peers.c.about, peers.c.limits)
    query = query.join_from(options, peers).join(matches, matches.c.match_id == options.c.match_id)
    if reach != "network":
        own: sa.BindParameter[str] = sa.bindparam("own")
        query = query.where(sa.or_(matches.c.person_id == own, options.c.peer_id == own))
    query = query.where(options.c.match_id.in_(sa.bindparam("of", expanding=True)))
    return query.order_by(options.c.match_id, options.c.place)


def match(scope: Scope, unit: Unit, match_id: str, *, to_change: bool = False) -> Any:
    """One match; NotFound when not there or not within reach."""
    return one(unit, _one_match(scope.reach, to_change), of=match_id, own=scope.own_id or "")


def options_of(scope: Scope, unit: Unit, match_ids: Iterable[str]) -> Sequence[Any]:
    """The options of some matches as proposed; a peer gets their own alone, a person all of theirs."""
    ids = list(match_ids)
    if not ids:
        return []
    return unit.connection.execute(_options(scope.reach), {"of": ids, "own": scope.own_id or ""}).all()


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
