"""What the matching room does about facts of other rooms: who waits, who may be asked, and what must stop at once."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.entry import learn_key, the_brake_does_it
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.partners import (
    AccountDisabled,
    AccountOpened,
    AccountRestored,
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
from contracts.referrals import (
    ConsentWithdrawn,
    PersonForgotten,
    PersonProtected,
    PersonUnprotected,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
)
from contracts.roles import PEER
from contracts.supervision import PeerCleared, PeerHeldBack
from contracts.support import SupportEnded, SupportStarted

from . import store
from .actions import following, peers, releasing
from .domain import moves


def on_account_opened(unit: Unit, fact: AccountOpened) -> None:
    """Keeps the accounts that may join as peers."""
    if PEER in fact.roles:
        store.keep(unit, store.accounts, account_id=fact.account_id, partner_id=fact.partner_id, called=fact.called)


def on_role_granted(unit: Unit, fact: RoleGranted) -> None:
    """An account that became a peer's may join as one."""
    if fact.role == PEER:
        store.keep(unit, store.accounts, account_id=fact.account_id, partner_id=fact.partner_id, called=fact.called)


def on_role_ended(unit: Unit, fact: RoleEnded) -> None:
    """Somebody who is a peer no more takes nobody new: what is not settled is let go, people supported are kept."""
    if fact.role == PEER:
        store.drop_account(unit, fact.account_id)
        peers.stop_offering(unit, fact.account_id)


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps what the partner is called."""
    store.keep(unit, store.partners, partner_id=fact.partner_id, name=fact.name)


def on_partner_suspended(unit: Unit, fact: PartnerSuspended) -> None:
    """Lets go what is not settled with the partner's peers; the brake keeps them from being offered."""
    peer_ids = store.peers_of_partner(unit.scope, unit, fact.partner_id)
    releasing.let_go_of_peers(unit, peer_ids, "peer_held_back")


def on_partner_resumed(unit: Unit, fact: PartnerResumed) -> None:
    """The brake is lifted by the chassis."""


def on_referral_accepted(unit: Unit, fact: ReferralAccepted) -> None:
    """The person waits from now, with the day they were referred kept."""
    following.start_waiting(unit, fact)


def on_referral_declined(unit: Unit, fact: ReferralDeclined) -> None:
    """Nothing more is offered for this referral."""
    following.stop_waiting(unit, fact.referral_id, "referral_closed")


def on_referral_closed(unit: Unit, fact: ReferralClosed) -> None:
    """Nothing more is offered for this referral."""
    following.stop_waiting(unit, fact.referral_id, "referral_closed")


def on_consent_withdrawn(unit: Unit, fact: ConsentWithdrawn) -> None:
    """Everything offered for the person is let go at once, and they are shown nowhere."""
    for referral_id in store.referrals_of(unit.scope, unit, fact.person_id):
        following.stop_waiting(unit, referral_id, "consent_withdrawn")


def on_person_protected(unit: Unit, fact: PersonProtected) -> None:
    """What is offered is let go in words that tell nobody why; the brake keeps place and peer from being shown."""
    for referral_id in store.referrals_of(unit.scope, unit, fact.person_id):
        releasing.let_go_of_referral(unit, referral_id, "not_needed_this_time", moves.WAITING)


def on_person_unprotected(unit: Unit, fact: PersonUnprotected) -> None:
    """The brake is lifted by the chassis; the person never stopped waiting."""


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """Everything offered for the person is let go; what was asked about them is not kept, and nothing opens again."""
    for referral_id in store.referrals_of(unit.scope, unit, fact.person_id):
        following.stop_waiting(unit, referral_id, "referral_closed")
    store.forget_person(unit, fact.person_id)


def on_peer_cleared(unit: Unit, fact: PeerCleared) -> None:
    """The peer may be asked for new matches."""
    store.keep(unit, store.clearances, peer_id=fact.peer_id, is_cleared=True, since=fact.cleared_at)


def on_peer_held_back(unit: Unit, fact: PeerHeldBack) -> None:
    """No new match for the peer; what is not settled is let go, people supported are kept, and why is not kept here."""
    store.keep(unit, store.clearances, peer_id=fact.peer_id, is_cleared=False, since=fact.held_back_at)
    releasing.let_go_of_peers(unit, [fact.peer_id], "peer_held_back")


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """The match has become support."""
    following.follow_support(unit, fact.match_id)


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """The peer's place is free; the person waits again from their first day when they asked to."""
    following.end_support(unit, fact.match_id, fact.referral_id, fact.ending, wants_return=fact.wants_return)


REACTIONS: Mapping[type, Reaction] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    AccountOpened: on_account_opened,
    RoleGranted: on_role_granted,
    RoleEnded: on_role_ended,
    PartnerJoined: on_partner_joined,
    PartnerSuspended: on_partner_suspended,
    PartnerResumed: on_partner_resumed,
    ReferralAccepted: on_referral_accepted,
    ReferralDeclined: on_referral_declined,
    ReferralClosed: on_referral_closed,
    ConsentWithdrawn: on_consent_withdrawn,
    PersonProtected: on_person_protected,
    PersonUnprotected: on_person_unprotected,
    PersonForgotten: on_person_forgotten,
    PeerCleared: on_peer_cleared,
    PeerHeldBack: on_peer_held_back,
    SupportStarted: on_support_started,
    SupportEnded: on_support_ended,
}
