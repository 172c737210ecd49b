"""Which room hears which fact; an architecture test holds this table to what each room really does about facts."""

from __future__ import annotations

from contracts import matching, partners, records, referrals, reporting, supervision, support, worries

EVERY_FACT: tuple[type, ...] = (
    *partners.FACTS,
    *referrals.FACTS,
    *matching.FACTS,
    *support.FACTS,
    *supervision.FACTS,
    *reporting.FACTS,
    *worries.FACTS,
    *records.FACTS,
)

# What every room hears of who may come in (chassis/entry.py).
_COMING_IN: tuple[type, ...] = (
    partners.KeyPublished,
    partners.AccountDisabled,
    partners.AccountRestored,
    partners.RoleEnded,
    partners.SystemKeyRevoked,
    partners.SystemDisabled,
    partners.SystemRestored,
)

# room: the facts it acts on. Home hears them all, and decides nothing.
HEARS: dict[str, tuple[type, ...]] = {
    "home": EVERY_FACT,
    "partners": (referrals.PersonForgotten,),
    "referrals": (
        *_COMING_IN,
        partners.AccountOpened,
        partners.PartnerJoined,
        partners.PartnerSuspended,
        partners.PartnerResumed,
        partners.AgreementLapsed,
        partners.AgreementBegan,
        matching.MatchProposed,
        matching.MatchAgreed,
        matching.MatchReleased,
        support.SupportStarted,
        support.SupportEnded,
        records.RecordSeen,
    ),
    "matching": (
        *_COMING_IN,
        partners.AccountOpened,
        partners.RoleGranted,
        partners.PartnerJoined,
        partners.PartnerSuspended,
        partners.PartnerResumed,
        referrals.ReferralAccepted,
        referrals.ReferralDeclined,
        referrals.ReferralClosed,
        referrals.ConsentWithdrawn,
        referrals.PersonProtected,
        referrals.PersonUnprotected,
        referrals.PersonForgotten,
        supervision.PeerCleared,
        supervision.PeerHeldBack,
        support.SupportStarted,
        support.SupportEnded,
    ),
    "support": (
        *_COMING_IN,
        referrals.ReferralReceived,
        referrals.ReferralAccepted,
        referrals.ReferralClosed,
        referrals.ConsentWithdrawn,
        referrals.PersonProtected,
        referrals.PersonUnprotected,
        referrals.PersonForgotten,
        matching.PeerJoined,
        matching.PeerPaused,
        matching.PeerResumed,
        matching.MatchAgreed,
        matching.MatchReleased,
    ),
    "supervision": (
        *_COMING_IN,
        partners.AccountOpened,
        partners.RoleGranted,
        partners.PartnerJoined,
        partners.PartnerSuspended,
        partners.PartnerResumed,
        referrals.ReferralReceived,
        referrals.ReferralAccepted,
        referrals.PersonForgotten,
        matching.PeerJoined,
        matching.PeerPaused,
        matching.PeerResumed,
        support.SupportStarted,
        support.SupportEnded,
        worries.WorryRaised,
    ),
    "reporting": (
        *_COMING_IN,
        partners.PartnerJoined,
        referrals.ReferralReceived,
        referrals.ReferralAcknowledged,
        referrals.ReferralAccepted,
        referrals.ReferralDeclined,
        referrals.ReferralOverdue,
        referrals.ReferralClosed,
        referrals.ConsentGiven,
        referrals.ConsentWithdrawn,
        referrals.PersonForgotten,
        referrals.EquityStated,
        matching.PeerJoined,
        matching.CapacityStated,
        matching.MatchProposed,
        matching.TasterHeld,
        matching.MatchAgreed,
        matching.MatchReleased,
        matching.MatchStalled,
        support.SupportStarted,
        support.ContactRecorded,
        support.SupportEnded,
        supervision.SupervisionPlanned,
        supervision.SupervisionHeld,
        supervision.SupervisionMissed,
        supervision.SupervisionOverdue,
        supervision.ConcernRaised,
        supervision.ConcernClosed,
    ),
}


def hearers_of(fact: type) -> tuple[str, ...]:
    """The rooms that act on a fact, in the order of the table."""
    return tuple(room for room, heard in HEARS.items() if fact in heard)
