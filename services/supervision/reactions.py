"""What the supervision room does about facts of other rooms: who is here, who walks beside whom, and who is worried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis import told
from chassis.entry import learn_key, the_brake_does_it
from chassis.sealing import TokenBroken
from chassis.unit import Unit
from contracts.matching import PeerJoined, PeerPaused, PeerResumed
from contracts.needs import must_not_be_told
from contracts.partners import (
    AccountDisabled,
    AccountOpened,
    AccountRestored,
    ConductAccepted,
    ConductPublished,
    ItemsHandedOver,
    KeyPublished,
    PartnerJoined,
    PartnerResumed,
    PartnerSuspended,
    RoleEnded,
    RoleGranted,
    SystemDisabled,
    SystemKeyRevoked,
    SystemRestored,
)
from contracts.referrals import PersonForgotten, ReferralAccepted, ReferralReceived
from contracts.roles import PEER, SUPERVISOR
from contracts.support import SupportEnded, SupportStarted
from contracts.worries import WorryRaised

from . import store
from .actions import concerns, peers, standing
from .domain.concerns import LADDER

ROLES_KEPT = frozenset({*LADDER, PEER})


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps what the partner is called."""
    store.keep(unit, store.partners, partner_id=fact.partner_id, name=fact.name)


def on_partner_suspended(unit: Unit, fact: PartnerSuspended) -> None:
    """Its accounts get no worry and no peer while the brake is on, and the worries they own go to others."""
    concerns.take_from_partner(unit, fact.partner_id)


def on_partner_resumed(unit: Unit, fact: PartnerResumed) -> None:
    """The brake is lifted by the chassis."""


def on_account_opened(unit: Unit, fact: AccountOpened) -> None:
    """Keeps who can own what; a new supervisor takes the peers who had none."""
    kept = ROLES_KEPT & set(fact.roles)
    if kept:
        store.keep_account(unit, fact.account_id, fact.partner_id, fact.called, sorted(kept))
    if SUPERVISOR in kept:
        peers.give_waiting_peers_a_supervisor(unit)


def on_role_granted(unit: Unit, fact: RoleGranted) -> None:
    """Keeps who can own what from now on; a new supervisor takes the peers who had none."""
    if fact.role in ROLES_KEPT:
        store.keep_account(unit, fact.account_id, fact.partner_id, fact.called, [fact.role])
    if fact.role == SUPERVISOR:
        peers.give_waiting_peers_a_supervisor(unit)


def on_role_ended(unit: Unit, fact: RoleEnded) -> None:
    """Whoever holds a role no more owns nothing by it: worries and peers go to others who may have them."""
    store.drop_role(unit, fact.account_id, fact.role)
    if fact.role in LADDER:
        concerns.take_from_account(unit, fact.account_id)
    if fact.role == SUPERVISOR:
        peers.give_others(unit, fact.account_id)


def on_items_handed_over(unit: Unit, fact: ItemsHandedOver) -> None:
    """Peers and sessions first, so that a worry of a peer goes to whoever supervises them now."""
    peers.hand_over(unit, fact.from_id, fact.to_id)
    concerns.hand_over(unit, fact.from_id, fact.to_id)


def on_conduct_published(unit: Unit, fact: ConductPublished) -> None:
    """Keeps from which day which version is needed; who lacks it then is held back by the clock."""
    store.keep(
        unit, store.conducts, conduct_id=fact.conduct_id, version=fact.version, published_on=fact.published_on,
        in_force_on=fact.in_force_on,
    )  # fmt: skip


def on_conduct_accepted(unit: Unit, fact: ConductAccepted) -> None:
    """Keeps that they accepted it themselves."""
    standing.accept_conduct(unit, fact.account_id, fact.accepted_on)


def on_referral_received(unit: Unit, fact: ReferralReceived | ReferralAccepted) -> None:
    """Keeps what to call the person, for whoever owns a worry about them, and who must never be told of them."""
    if told.has_forgotten(unit, fact.person_id):
        return
    row = {"person_id": fact.person_id, "called": fact.called, "referral_id": fact.referral_id}
    store.keep(unit, store.people, **row)
    concerns.keep_from(unit, fact.person_id, must_not_be_told(unit.ring.open(fact.safety, owner_id=fact.person_id)))


def on_referral_accepted(unit: Unit, fact: ReferralAccepted) -> None:
    """The same, as it stood when the referral was accepted."""
    on_referral_received(unit, fact)


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """The name goes; an open worry stays open with its owner, and never comes to whoever must not be told of it."""
    store.forget_person(unit, fact.person_id)
    concerns.let_go_of_person(unit, fact.person_id)


def on_peer_joined(unit: Unit, fact: PeerJoined) -> None:
    """The peer gets a supervisor, and their first supervision is due."""
    peers.take_in(unit, fact)


def on_peer_paused(unit: Unit, fact: PeerPaused) -> None:
    """Nothing falls overdue during a break."""
    peers.pause(unit, fact.peer_id)


def on_peer_resumed(unit: Unit, fact: PeerResumed) -> None:
    """The peer is back, with time for what fell due meanwhile."""
    peers.resume(unit, fact.peer_id, fact.resumed_at)


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """The peer's first supervision is due, if it is not yet."""
    peers.follow_support(unit, fact)


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """Keeps that they no longer meet; an open worry stays open."""
    store.end_support(unit, fact.support_id, fact.ended_on)


def on_worry_raised(unit: Unit, fact: WorryRaised) -> None:
    """Exactly one concern with a named owner, who is nobody the person fears; a forgotten person changes nothing."""
    if fact.safety and fact.about_id:
        concerns.keep_from(unit, fact.about_id, _named(unit, fact.safety, fact.about_id))
    raised = concerns.Raised(
        concern_id=fact.worry_id,
        level=fact.level,
        about=fact.about,
        about_id=fact.about_id,
        raised_by=fact.raised_by,
        raised_by_id=fact.raised_by_id,
        raised_at=fact.raised_at,
        words=str(fact.words),
    )
    concerns.raise_concern(unit, raised)


def _named(unit: Unit, safety: str, person_id: str) -> frozenset[str]:
    try:
        return must_not_be_told(unit.ring.open(safety, owner_id=person_id))
    except TokenBroken:
        # Nothing holds a worry up: whom the person fears is heard with their referral too.
        return frozenset()


REACTIONS: dict[type, Callable[[Unit, Any], None]] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    PartnerJoined: on_partner_joined,
    PartnerSuspended: on_partner_suspended,
    PartnerResumed: on_partner_resumed,
    AccountOpened: on_account_opened,
    RoleGranted: on_role_granted,
    ItemsHandedOver: on_items_handed_over,
    ConductPublished: on_conduct_published,
    ConductAccepted: on_conduct_accepted,
    RoleEnded: on_role_ended,
    ReferralReceived: on_referral_received,
    ReferralAccepted: on_referral_accepted,
    PersonForgotten: on_person_forgotten,
    PeerJoined: on_peer_joined,
    PeerPaused: on_peer_paused,
    PeerResumed: on_peer_resumed,
    SupportStarted: on_support_started,
    SupportEnded: on_support_ended,
    WorryRaised: on_worry_raised,
}
