"""Who works with a person now: what other rooms said of it, and what it makes somebody's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit
from contracts.roles import GLASS, HOLDS_REFERRAL, OWNS_WORRY, SUPERVISES, WALKS_WITH
from services.referrals import domain

from .tables import glasses, people, referrals, supervised, walking, worries_about, worry_owners


def relations(scope: Scope, unit: Unit, person_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """What whoever asks has to do with each of these people now; whoever reaches a partner's alone has nothing."""
    if scope.reach not in {"network", "own"} or not person_ids:
        return {}
    asker, whom = sa.literal(scope.who.id), sorted(set(person_ids))
    questions = (
        sa.select(referrals.c.person_id, sa.literal(HOLDS_REFERRAL)).where(
            referrals.c.holder_id == asker, referrals.c.state.not_in(domain.ENDED), referrals.c.person_id.in_(whom)
        ),
        sa.select(walking.c.person_id, sa.literal(WALKS_WITH)).where(
            walking.c.peer_id == asker, ~walking.c.is_over, walking.c.person_id.in_(whom)
        ),
        sa.select(walking.c.person_id, sa.literal(SUPERVISES))
        .join(supervised, supervised.c.peer_id == walking.c.peer_id)
        .where(supervised.c.supervisor_id == asker, ~walking.c.is_over, walking.c.person_id.in_(whom)),
        sa.select(worries_about.c.person_id, sa.literal(OWNS_WORRY))
        .join(worry_owners, worry_owners.c.worry_id == worries_about.c.worry_id)
        .where(worry_owners.c.owner_id == asker, worries_about.c.person_id.in_(whom)),
        sa.select(glasses.c.person_id, sa.literal(GLASS)).where(
            glasses.c.account_id == asker, glasses.c.ended_at.is_(None), glasses.c.ends_at > unit.now,
            glasses.c.person_id.in_(whom),
        ),
    )  # fmt: skip
    found: dict[str, set[str]] = {}
    for person_id, relation in unit.connection.execute(sa.union_all(*questions)):
        found.setdefault(person_id, set()).add(relation)
    return {person_id: frozenset(kinds) for person_id, kinds in found.items()}


def person_kept_safe(scope: Scope, unit: Unit, person_id: str) -> Any:
    """One person with their newest referral, for whoever works with them or may break the glass; else NotFound."""
    query = sa.select(
        people, referrals.c.referral_id, referrals.c.reference, referrals.c.notes, referrals.c.needs
    ).join_from(people, referrals)
    query = told.heeded(scope, query.where(people.c.person_id == person_id), people.c.person_id)
    newest = query.order_by(referrals.c.received_at.desc(), referrals.c.referral_id).limit(1)
    row = unit.connection.execute(newest).first() if scope.reach in {"network", "own"} else None
    if row is None:
        raise NotFound()
    return row


def walk_with(unit: Unit, match_id: str, person_id: str, peer_id: str) -> None:
    """Keeps that a peer and a person meet from now on, unless they are known to meet no more."""
    row = {"match_id": match_id, "person_id": person_id, "peer_id": peer_id, "is_over": False}
    insert_or_ignore(unit.connection, walking, [row])


def let_go(unit: Unit, match_id: str, peer_id: str | None) -> None:
    """One peer of a match was let go, or the whole match."""
    over = sa.update(walking).where(walking.c.match_id == match_id).values(is_over=True)
    unit.connection.execute(over.where(walking.c.peer_id == peer_id) if peer_id else over)


def walk_no_more(unit: Unit, match_id: str, person_id: str, peer_id: str) -> None:
    """Support of these two ended, also where it was not heard yet that they met."""
    unit.put(walking, {"match_id": match_id, "person_id": person_id, "peer_id": peer_id, "is_over": True})


def keep_supervisor(unit: Unit, peer_id: str, supervisor_id: str | None) -> None:
    """Keeps who supervises a peer."""
    unit.put(supervised, {"peer_id": peer_id, "supervisor_id": supervisor_id})


def keep_worry_about(unit: Unit, worry_id: str, person_id: str, *, is_own: bool) -> None:
    """Keeps whom a worry is about."""
    row = {"worry_id": worry_id, "person_id": person_id, "is_own": is_own}
    insert_or_ignore(unit.connection, worries_about, [row])


def keep_worry_owner(unit: Unit, worry_id: str, owner_id: str | None) -> None:
    """Keeps who owns an open worry."""
    unit.put(worry_owners, {"worry_id": worry_id, "owner_id": owner_id})


def close_worry(unit: Unit, worry_id: str) -> None:
    """A worry is over."""
    unit.connection.execute(sa.delete(worry_owners).where(worry_owners.c.worry_id == worry_id))


def hand_referrals_over(unit: Unit, from_id: str, to_id: str) -> None:
    """The open referrals somebody holds are another's from now on."""
    theirs = sa.update(referrals).where(referrals.c.holder_id == from_id, referrals.c.state.not_in(domain.ENDED))
    unit.connection.execute(theirs.values(holder_id=to_id))
