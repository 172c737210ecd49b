"""What the referrals room does about facts of other rooms: it learns the stages, and who opened which record."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.entry import learn_key, the_brake_does_it
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.matching import MatchAgreed, MatchAnswered, MatchProposed, MatchReleased
from contracts.partners import (
    AccountDisabled,
    AccountOpened,
    AccountRestored,
    AgreementBegan,
    AgreementLapsed,
    ItemsHandedOver,
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
from contracts.records import BudgetSpent, RecordSeen
from contracts.supervision import (
    ConcernClosed,
    ConcernEscalated,
    ConcernHandedOn,
    ConcernRaised,
    SupervisionDue,
)
from contracts.support import SupportEnded, SupportStarted
from contracts.worries import WorryRaised

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


def on_match_answered(unit: Unit, fact: MatchAnswered) -> None:
    """The person chose somebody to meet: those two meet from now on."""
    if (fact.side, fact.answer) == ("person", "yes"):
        store.walk_with(unit, fact.match_id, fact.person_id, fact.peer_id)


def on_match_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """Both said yes."""
    store.walk_with(unit, fact.match_id, fact.person_id, fact.peer_id)
    following.follow_stage(unit, fact.referral_id, "match")


def on_match_released(unit: Unit, fact: MatchReleased) -> None:
    """The whole match was let go: the person waits again, with the day they were referred kept."""
    store.let_go(unit, fact.match_id, fact.peer_id)
    if fact.peer_id is None:
        following.follow_stage(unit, fact.referral_id, "return")


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """Support is under way."""
    following.follow_stage(unit, fact.referral_id, "support")


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """Support ended: the referral is closed, or the person waits again when they asked to."""
    store.walk_no_more(unit, fact.match_id, fact.person_id, fact.peer_id)
    if fact.wants_return:
        following.follow_stage(unit, fact.referral_id, "return")
    else:
        following.close_referral(unit, fact.referral_id)


def on_supervision_due(unit: Unit, fact: SupervisionDue) -> None:
    """Keeps who supervises a peer; said on the peer's own stream, so in order."""
    store.keep_supervisor(unit, fact.peer_id, fact.supervisor_id)


def on_worry_raised(unit: Unit, fact: WorryRaised) -> None:
    """Keeps whom a worry is about: a person it names, or one who is worried themselves. Its words are not read here."""
    person_id = fact.about_id if fact.about == "person" else fact.raised_by_id if fact.raised_by == "person" else None
    if person_id:
        store.keep_worry_about(unit, fact.worry_id, person_id, is_own=False)


def on_concern_owned(unit: Unit, fact: ConcernRaised | ConcernHandedOn | ConcernEscalated) -> None:
    """Keeps who owns an open worry."""
    store.keep_worry_owner(unit, fact.concern_id, fact.owner_id)


def on_concern_closed(unit: Unit, fact: ConcernClosed) -> None:
    """Nobody owns it any more."""
    store.close_worry(unit, fact.concern_id)


def on_items_handed_over(unit: Unit, fact: ItemsHandedOver) -> None:
    """The referrals somebody holds are another's from now on."""
    store.hand_referrals_over(unit, fact.from_id, fact.to_id)


def on_record_seen(unit: Unit, fact: RecordSeen) -> None:
    """Judges what was opened in another room; a row of a list, and a peer's record, is not."""
    if fact.is_opened and fact.subject_kind == "person":
        watching.judge(
            unit,
            watching.Opening(
                fact.by_id, fact.partner_id, frozenset(fact.roles), fact.purpose, fact.subject_ids, fact.seen_at
            ),
        )


def on_budget_spent(unit: Unit, fact: BudgetSpent) -> None:
    """Asks a privacy officer about an account that another room refused more lists."""
    watching.flag_many(unit, fact.by_id, fact.partner_id, fact.roles, fact.refused_at)


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
    MatchAnswered: on_match_answered,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    SupportStarted: on_support_started,
    SupportEnded: on_support_ended,
    ItemsHandedOver: on_items_handed_over,
    SupervisionDue: on_supervision_due,
    WorryRaised: on_worry_raised,
    ConcernRaised: on_concern_owned,
    ConcernHandedOn: on_concern_owned,
    ConcernEscalated: on_concern_owned,
    ConcernClosed: on_concern_closed,
    RecordSeen: on_record_seen,
    BudgetSpent: on_budget_spent,
}
