"""What the referrals room does about facts of other rooms: it learns the stages, and who opened which record."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.entry import learn_key, the_brake_does_it
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.matching import MatchAgreed, MatchProposed, MatchReleased
from contracts.partners import (
    AccountDisabled,
    AccountOpened,
    AccountRestored,
    AgreementBegan,
    AgreementLapsed,
    KeyPublished,
    PartnerJoined,
    PartnerResumed,
    PartnerSuspended,
    RoleEnded,
    SetupAnswered,
    SetupAsked,
    SystemDisabled,
    SystemKeyRevoked,
    SystemRestored,
)
from contracts.records import RecordSeen
from contracts.support import SupportEnded, SupportStarted

from . import store
from .actions import following, watching


def on_account_opened(unit: Unit, fact: AccountOpened) -> None:
    """Keeps the marks by which somebody too near to a record is known, and nothing else."""
    store.keep_account_marks(
        unit, account_id=fact.account_id, partner_id=fact.partner_id, surname_mark=fact.surname_mark,
        postcode_mark=fact.postcode_mark, whole_mark=fact.whole_mark,
    )  # fmt: skip


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps what the partner is called, and the code its topics have."""
    store.put_partner(unit, fact.partner_id, fact.code, fact.name, fact.kind)


def on_partner_suspended(unit: Unit, fact: PartnerSuspended) -> None:
    """The brake is the whole effect: the chassis sets it, `receive_referral` heeds it."""


def on_partner_resumed(unit: Unit, fact: PartnerResumed) -> None:
    """The brake is lifted by the chassis."""


def on_agreement_lapsed(unit: Unit, fact: AgreementLapsed) -> None:
    """The brake is the whole effect: `receive_referral` takes nobody new in, and all else goes on."""


def on_agreement_began(unit: Unit, fact: AgreementBegan) -> None:
    """The brake is lifted by the chassis."""


def on_setup_asked(unit: Unit, fact: SetupAsked) -> None:
    """The brake is the whole effect: a partner refers nobody before it has answered."""


def on_setup_answered(unit: Unit, fact: SetupAnswered) -> None:
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


def on_record_seen(unit: Unit, fact: RecordSeen) -> None:
    """Judges what was opened in another room; a row of a list, and a peer's record, is not."""
    if fact.is_opened and fact.subject_kind == "person":
        watching.judge(
            unit,
            watching.Opening(
                fact.by_id, fact.partner_id, frozenset(fact.roles), fact.purpose, fact.subject_ids, fact.seen_at
            ),
        )


REACTIONS: Mapping[type, Reaction] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    RoleEnded: the_brake_does_it,
    AccountOpened: on_account_opened,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    PartnerJoined: on_partner_joined,
    PartnerSuspended: on_partner_suspended,
    PartnerResumed: on_partner_resumed,
    AgreementLapsed: on_agreement_lapsed,
    AgreementBegan: on_agreement_began,
    SetupAsked: on_setup_asked,
    SetupAnswered: on_setup_answered,
    MatchProposed: on_match_proposed,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    SupportStarted: on_support_started,
    SupportEnded: on_support_ended,
    RecordSeen: on_record_seen,
}
