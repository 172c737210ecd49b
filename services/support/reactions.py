"""What the support room does about facts of other rooms: who the pair is, what may begin, and what must stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis import told
from chassis.entry import learn_key, the_brake_does_it
from chassis.unit import Unit
from contracts.matching import MatchAgreed, MatchReleased, PeerJoined, PeerPaused, PeerResumed
from contracts.needs import must_not_be_told
from contracts.partners import (
    AccountDisabled,
    AccountRestored,
    KeyPublished,
    RoleEnded,
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
    ReferralReceived,
)

from . import store
from .actions import ending, starting


def on_peer_joined(unit: Unit, fact: PeerJoined) -> None:
    """Keeps what the peer wants to be called."""
    store.keep_called(unit, store.peers, peer_id=fact.peer_id, called=fact.called)


def on_peer_paused(unit: Unit, fact: PeerPaused) -> None:
    """The brake is the whole effect: support stays, and its pages say that the peer takes a break."""


def on_peer_resumed(unit: Unit, fact: PeerResumed) -> None:
    """The brake is lifted by the chassis."""


def on_referral_received(unit: Unit, fact: ReferralReceived | ReferralAccepted) -> None:
    """Keeps what the person wants to be called, and who must not be told of them; a forgotten person names nobody."""
    if told.has_forgotten(unit, fact.person_id):
        return
    store.keep_called(unit, store.people, person_id=fact.person_id, called=fact.called)
    told.keep_from(unit, fact.person_id, must_not_be_told(unit.ring.open(fact.safety, owner_id=fact.person_id)))


def on_referral_accepted(unit: Unit, fact: ReferralAccepted) -> None:
    """The same, as it stood when the referral was accepted."""
    on_referral_received(unit, fact)


def on_match_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """A support waits for its agreed end date."""
    starting.keep_agreed(unit, fact)


def on_match_released(unit: Unit, fact: MatchReleased) -> None:
    """The whole match was let go: what had not begun does not begin."""
    if fact.peer_id is None:
        starting.let_go(unit, fact.match_id)


def on_referral_closed(unit: Unit, fact: ReferralClosed) -> None:
    """The person took their referral back: support ends by their choice; one that ended closed it itself."""
    if fact.outcome != "support_ended":
        ending.end_with_referral(unit, fact.referral_id, fact.closed_at)


def on_consent_withdrawn(unit: Unit, fact: ConsentWithdrawn) -> None:
    """The brake hides the person at once; the referral's close, which follows, ends the support."""


def on_person_protected(unit: Unit, fact: PersonProtected) -> None:
    """The brake is the whole effect: the peer of a live support keeps who they support, nobody else sees anything."""


def on_person_unprotected(unit: Unit, fact: PersonUnprotected) -> None:
    """The brake is lifted by the chassis."""


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """What is under way ends; name and notes go, and who was not to be told of them. What was done stays, as codes."""
    ending.end_with_person(unit, fact.person_id, fact.forgotten_at)
    store.forget_person(unit, fact.person_id)
    told.forget(unit, fact.person_id)


REACTIONS: dict[type, Callable[[Unit, Any], None]] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    RoleEnded: the_brake_does_it,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    PeerJoined: on_peer_joined,
    PeerPaused: on_peer_paused,
    PeerResumed: on_peer_resumed,
    ReferralReceived: on_referral_received,
    ReferralAccepted: on_referral_accepted,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    ReferralClosed: on_referral_closed,
    ConsentWithdrawn: on_consent_withdrawn,
    PersonProtected: on_person_protected,
    PersonUnprotected: on_person_unprotected,
    PersonForgotten: on_person_forgotten,
}
