"""What the referrals room does about facts of other rooms: it learns only the stages."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.entry import learn_key, the_brake_does_it
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.matching import MatchAgreed, MatchProposed, MatchReleased
from contracts.partners import (
    AccountDisabled,
    AccountRestored,
    KeyPublished,
    PartnerJoined,
    PartnerResumed,
    PartnerSuspended,
    SystemDisabled,
    SystemKeyRevoked,
    SystemRestored,
)
from contracts.support import SupportEnded, SupportStarted

from . import store
from .actions import following


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps what the partner is called, and the code its topics have."""
    store.put_partner(unit, fact.partner_id, fact.code, fact.name, fact.kind)


def on_partner_suspended(unit: Unit, fact: PartnerSuspended) -> None:
    """The brake is the whole effect: the chassis sets it, `receive_referral` heeds it."""


def on_partner_resumed(unit: Unit, fact: PartnerResumed) -> None:
    """The brake is lifted by the chassis."""


def on_match_proposed(unit: Unit, fact: MatchProposed) -> None:
    """Someone is being asked."""
    following.follow_stage(unit, fact.referral_id, "offer")


def on_match_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """Both said yes."""
    following.follow_stage(unit, fact.referral_id, "match")


def on_match_released(unit: Unit, fact: MatchReleased) -> None:
    """The whole match was let go: the person waits again, with the day they were referred kept."""
    if fact.peer_id is None:
        following.follow_stage(unit, fact.referral_id, "return")


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """Support is under way."""
    following.follow_stage(unit, fact.referral_id, "support")


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """Support ended: the referral is closed, or the person waits again when they asked to."""
    if fact.wants_return:
        following.follow_stage(unit, fact.referral_id, "return")
    else:
        following.close_referral(unit, fact.referral_id)


REACTIONS: Mapping[type, Reaction] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    PartnerJoined: on_partner_joined,
    PartnerSuspended: on_partner_suspended,
    PartnerResumed: on_partner_resumed,
    MatchProposed: on_match_proposed,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    SupportStarted: on_support_started,
    SupportEnded: on_support_ended,
}
