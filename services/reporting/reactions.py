"""What the reporting room does about facts of other rooms: it counts each once, by its day and codes."""

from __future__ import annotations

from chassis.entry import learn_key, the_brake_does_it
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.matching import (
    CapacityStated,
    MatchAgreed,
    MatchProposed,
    MatchReleased,
    MatchStalled,
    PeerJoined,
    TasterHeld,
)
from contracts.partners import (
    AccountDisabled,
    AccountRestored,
    KeyPublished,
    PartnerJoined,
    RoleEnded,
    SystemDisabled,
    SystemKeyRevoked,
    SystemRestored,
)
from contracts.referrals import (
    ConsentGiven,
    ConsentWithdrawn,
    EquityStated,
    PersonForgotten,
    ReferralAccepted,
    ReferralAcknowledged,
    ReferralClosed,
    ReferralDeclined,
    ReferralOverdue,
    ReferralReceived,
)
from contracts.supervision import (
    ConcernClosed,
    ConcernRaised,
    SupervisionHeld,
    SupervisionMissed,
    SupervisionOverdue,
    SupervisionPlanned,
)
from contracts.support import ContactRecorded, SupportEnded, SupportStarted

from .actions import severing
from .actions.counting import count, keep_groups, pair_referral
from .actions.days import london_day

# ---- referrals and consent ----


def on_referral_received(unit: Unit, fact: ReferralReceived) -> None:
    """Counts a referral; the reporting id its group codes come under is opened here alone."""
    count(unit, "referral.received", fact.received_at, referral_id=fact.referral_id, code=fact.door)
    pair_referral(unit, fact.referral_id, fact.person_id, fact.reporting_id)


def on_equity_stated(unit: Unit, fact: EquityStated) -> None:
    """Keeps the group codes; whether their referral was heard already makes no difference."""
    keep_groups(unit, fact)


def on_referral_acknowledged(unit: Unit, fact: ReferralAcknowledged) -> None:
    """Counts that a human being opened a referral."""
    count(unit, "referral.acknowledged", fact.acknowledged_at, referral_id=fact.referral_id)


def on_referral_accepted(unit: Unit, fact: ReferralAccepted) -> None:
    """Counts that a person waits for a match."""
    count(unit, "referral.accepted", fact.accepted_at, referral_id=fact.referral_id)


def on_referral_declined(unit: Unit, fact: ReferralDeclined) -> None:
    """Counts that a referral will not go on, and why."""
    count(unit, "referral.declined", fact.declined_at, referral_id=fact.referral_id, code=fact.reason)


def on_referral_closed(unit: Unit, fact: ReferralClosed) -> None:
    """Counts the end of a referral."""
    count(unit, "referral.closed", fact.closed_at, referral_id=fact.referral_id, code=fact.outcome)


def on_referral_overdue(unit: Unit, fact: ReferralOverdue) -> None:
    """Counts that the network let a reply clock run out."""
    count(unit, "referral.overdue", fact.due_at, referral_id=fact.referral_id, code=fact.step)


def on_consent_given(unit: Unit, fact: ConsentGiven) -> None:
    """Counts a consent, without whose it is."""
    count(unit, "consent.given", fact.given_on)


def on_consent_withdrawn(unit: Unit, fact: ConsentWithdrawn) -> None:
    """Counts a consent taken back, without whose it was; what ends by it is stated by the other rooms."""
    count(unit, "consent.withdrawn", fact.withdrawn_at)


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """What was counted stays; nothing ties it to the person, or their group codes to them, any more."""
    severing.forget_person(unit, fact.person_id, fact.forgotten_at)


# ---- peers and matches ----


def on_partner_joined(unit: Unit, fact: PartnerJoined) -> None:
    """Keeps where a partner is, for its peers are counted there."""
    count(unit, "partner.joined", fact.joined_on, partner_id=fact.partner_id, code=fact.kind, area=fact.area)


def on_peer_joined(unit: Unit, fact: PeerJoined) -> None:
    """Counts a peer."""
    count(unit, "peer.joined", fact.joined_at, peer_id=fact.peer_id, partner_id=fact.partner_id)


def on_capacity_stated(unit: Unit, fact: CapacityStated) -> None:
    """Keeps how many places a peer has."""
    count(unit, "capacity.stated", fact.stated_at, peer_id=fact.peer_id, number=fact.places)


def on_match_proposed(unit: Unit, fact: MatchProposed) -> None:
    """Counts a proposal and how many options it had."""
    ids = {"referral_id": fact.referral_id, "match_id": fact.match_id}
    count(unit, "match.proposed", fact.proposed_at, **ids, number=len(fact.peer_ids))


def on_taster_held(unit: Unit, fact: TasterHeld) -> None:
    """Counts a taster."""
    count(unit, "taster.held", fact.held_at, match_id=fact.match_id)


def on_match_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """Counts both yeses."""
    count(unit, "match.agreed", fact.agreed_at, referral_id=fact.referral_id, match_id=fact.match_id)


def on_match_released(unit: Unit, fact: MatchReleased) -> None:
    """Counts a match let go as a whole, or one option of it."""
    kind = "match.released" if fact.peer_id is None else "option.released"
    ids = {"referral_id": fact.referral_id, "match_id": fact.match_id}
    count(unit, kind, fact.released_at, **ids, code=fact.code)


def on_match_stalled(unit: Unit, fact: MatchStalled) -> None:
    """Counts a step of a match that ran past its time."""
    ids = {"referral_id": fact.referral_id, "match_id": fact.match_id}
    count(unit, "match.stalled", fact.due_at, **ids, code=fact.step)


# ---- support ----


def on_support_started(unit: Unit, fact: SupportStarted) -> None:
    """Counts a support."""
    ids = {"referral_id": fact.referral_id, "match_id": fact.match_id, "support_id": fact.support_id}
    count(unit, "support.started", fact.started_on, **ids, due_on=fact.agreed_end_on)


def on_contact_recorded(unit: Unit, fact: ContactRecorded) -> None:
    """Counts a contact, made or attempted; with which peer is not kept."""
    count(unit, "contact.recorded", fact.held_on, support_id=fact.support_id, code=fact.kind)


def on_support_ended(unit: Unit, fact: SupportEnded) -> None:
    """Counts an ending: how, with how many connections alive, and whether the person waits again."""
    ids = {"referral_id": fact.referral_id, "match_id": fact.match_id, "support_id": fact.support_id}
    alive = fact.connections_alive_count
    count(unit, "support.ended", fact.ended_on, **ids, code=fact.ending, number=alive, returns=fact.wants_return)


# ---- supervision and worries: codes only ----


def on_supervision_planned(unit: Unit, fact: SupervisionPlanned) -> None:
    """Keeps by which day a planned session was owed."""
    ids = {"session_id": fact.session_id, "peer_id": fact.peer_id}
    count(unit, "supervision.planned", fact.starts_at, **ids, code=fact.kind, due_on=london_day(fact.due_at))


def on_supervision_held(unit: Unit, fact: SupervisionHeld) -> None:
    """Counts a session held."""
    count(unit, "supervision.held", fact.held_at, session_id=fact.session_id, peer_id=fact.peer_id, code=fact.kind)


def on_supervision_missed(unit: Unit, fact: SupervisionMissed) -> None:
    """Counts a session that did not take place, and by which side's doing; never which peer's."""
    count(unit, "supervision.missed", fact.missed_at, session_id=fact.session_id, code=fact.missed_by)


def on_supervision_overdue(unit: Unit, fact: SupervisionOverdue) -> None:
    """Counts a session that was owed and not held."""
    due_on = london_day(fact.due_at)
    count(unit, "supervision.overdue", due_on, peer_id=fact.peer_id, code=fact.kind, due_on=due_on)


def on_concern_raised(unit: Unit, fact: ConcernRaised) -> None:
    """Counts a worry by its level; whose, and about whom, is not kept."""
    count(unit, "concern.raised", fact.raised_at, code=str(fact.level))


def on_concern_closed(unit: Unit, fact: ConcernClosed) -> None:
    """Counts a worry brought to its end, and how."""
    count(unit, "concern.closed", fact.closed_at, code=fact.code)


REACTIONS: dict[type, Reaction] = {
    KeyPublished: learn_key,
    AccountDisabled: the_brake_does_it,
    AccountRestored: the_brake_does_it,
    RoleEnded: the_brake_does_it,
    SystemKeyRevoked: the_brake_does_it,
    SystemDisabled: the_brake_does_it,
    SystemRestored: the_brake_does_it,
    ReferralReceived: on_referral_received,
    EquityStated: on_equity_stated,
    ReferralAcknowledged: on_referral_acknowledged,
    ReferralAccepted: on_referral_accepted,
    ReferralDeclined: on_referral_declined,
    ReferralClosed: on_referral_closed,
    ReferralOverdue: on_referral_overdue,
    ConsentGiven: on_consent_given,
    ConsentWithdrawn: on_consent_withdrawn,
    PersonForgotten: on_person_forgotten,
    PartnerJoined: on_partner_joined,
    PeerJoined: on_peer_joined,
    CapacityStated: on_capacity_stated,
    MatchProposed: on_match_proposed,
    TasterHeld: on_taster_held,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    MatchStalled: on_match_stalled,
    SupportStarted: on_support_started,
    ContactRecorded: on_contact_recorded,
    SupportEnded: on_support_ended,
    SupervisionPlanned: on_supervision_planned,
    SupervisionHeld: on_supervision_held,
    SupervisionMissed: on_supervision_missed,
    SupervisionOverdue: on_supervision_overdue,
    ConcernRaised: on_concern_raised,
    ConcernClosed: on_concern_closed,
}
