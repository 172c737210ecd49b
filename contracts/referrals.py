"""Facts the referrals room states: a person sent to the network, their consent, and what became of the referral."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from contracts.fact import (
    Brake,
    CalledSealed,
    Code,
    LinkWordSealed,
    NeedsSealed,
    ReportingSealed,
    SafetySealed,
    fact,
)
from contracts.roles import OWN_PAGES, STANDING

DOORS = ("web", "api", "fhir", "topic", "events")
DECLINED_BY = ("person", "service", "referrer")
DECLINE_REASONS = (
    "not_what_was_hoped_for",
    "outside_our_area",
    "too_young",
    "unsafe_now",
    "duplicate",
    "other_help_found",
)
OUTCOMES = ("support_ended", "declined", "withdrawn")
OVERDUE_STEPS = ("acknowledgement", "decision")
# Why a look was flagged, and what a privacy officer found.
LOOK_PATTERNS = ("same_surname", "same_postcode", "oneself", "colleague", "no_relation", "many_shown")
LOOK_OUTCOMES = ("explained", "taken_further")
# What a private link is for at most, and why one works no more.
LINK_PURPOSES = (OWN_PAGES, STANDING)
LINK_REVOKED_WHYS = ("replaced", "asked", "protected", "forgotten")
# Why somebody opened what keeps a person safe without working with them.
GLASS_REASONS = ("danger_now", "nobody_else_reached", "asked_by_the_person", "asked_by_law")


@fact("referral.received.v1", owner="referrals")
class ReferralReceived:
    """A referral came in by one of the doors and is kept."""

    referral_id: str
    person_id: str
    partner_id: str
    door: Annotated[str, Code(DOORS)]
    received_at: datetime
    called: CalledSealed
    reporting_id: ReportingSealed
    safety: SafetySealed
    is_incomplete: bool
    reply_due_at: datetime | None = None


@fact("referral.acknowledged.v1", owner="referrals")
class ReferralAcknowledged:
    """A human being opened the referral and told the referrer so."""

    referral_id: str
    person_id: str
    acknowledged_at: datetime
    by_account_id: str
    decision_due_at: datetime | None = None


@fact("referral.accepted.v1", owner="referrals")
class ReferralAccepted:
    """A coordinator accepted the referral; the person now waits for a match."""

    referral_id: str
    person_id: str
    partner_id: str
    received_at: datetime
    accepted_at: datetime
    called: CalledSealed
    needs: NeedsSealed
    safety: SafetySealed


@fact("referral.declined.v1", owner="referrals")
class ReferralDeclined:
    """The referral will not go on; by whom and why, as codes."""

    referral_id: str
    person_id: str
    declined_at: datetime
    declined_by: Annotated[str, Code(DECLINED_BY)]
    reason: Annotated[str, Code(DECLINE_REASONS)]


@fact("referral.overdue.v1", owner="referrals")
class ReferralOverdue:
    """A step of the reply clock ran out; someone further up is told."""

    referral_id: str
    person_id: str
    step: Annotated[str, Code(OVERDUE_STEPS)]
    due_at: datetime
    told_role: str


@fact("referral.closed.v1", owner="referrals")
class ReferralClosed:
    """The referral is at its end, with its outcome."""

    referral_id: str
    person_id: str
    closed_at: datetime
    outcome: Annotated[str, Code(OUTCOMES)]


@fact("consent.given.v1", owner="referrals")
class ConsentGiven:
    """The person agreed that their referral may be shared inside the network."""

    person_id: str
    consent_id: str
    scope: str
    wording_version: str
    given_on: date
    expires_on: date | None


@fact("consent.withdrawn.v1", owner="referrals", brake=Brake("consent_withdrawn", "person_id"), urgent=True)
class ConsentWithdrawn:
    """The person took their consent back; nothing more of theirs flows."""

    person_id: str
    consent_id: str
    withdrawn_at: datetime


@fact("person.protected.v1", owner="referrals", brake=Brake("protected", "person_id"), urgent=True)
class PersonProtected:
    """The person must not be found: no place, contact or peer is shown to anyone without need."""

    person_id: str
    protected_at: datetime


@fact("person.unprotected.v1", owner="referrals", brake=Brake("protected", "person_id", lifts=True))
class PersonUnprotected:
    """The protection was lifted by a named human being."""

    person_id: str
    unprotected_at: datetime


@fact("person.forgotten.v1", owner="referrals", brake=Brake("forgotten", "person_id"), urgent=True)
class PersonForgotten:
    """The person is forgotten: no text of theirs opens again, and they are there for nobody; what was counted stays."""

    person_id: str
    forgotten_at: datetime


@fact("equity.stated.v1", owner="referrals")
class EquityStated:
    """Coarse group codes under a random reporting id, without the person."""

    reporting_id: str
    stated_on: date
    area: str
    age_band: str
    ethnicity: str
    gender: str


@fact("look.flagged.v1", owner="referrals")
class LookFlagged:
    """Somebody opened a record they may be too near to, or had no need of; whose and by whom stays in referrals."""

    look_id: str
    pattern: Annotated[str, Code(LOOK_PATTERNS)]
    flagged_at: datetime


@fact("look.settled.v1", owner="referrals")
class LookSettled:
    """A privacy officer saw to a look that was flagged."""

    look_id: str
    outcome: Annotated[str, Code(LOOK_OUTCOMES)]
    settled_at: datetime


@fact("link.minted.v1", owner="referrals")
class LinkMinted:
    """A private link was made for a person, who has no account; `hash` is that of its token, which is kept nowhere."""

    link_id: str
    person_id: str
    hash: str
    purpose: Annotated[str, Code(LINK_PURPOSES)]
    minted_at: datetime
    ends_at: datetime


@fact("link.revoked.v1", owner="referrals", brake=Brake("link_revoked", "link_id"), urgent=True)
class LinkRevoked:
    """A private link works no more, and neither does whoever came in by it."""

    link_id: str
    person_id: str
    why: Annotated[str, Code(LINK_REVOKED_WHYS)]
    revoked_at: datetime


@fact("word.chosen.v1", owner="referrals")
class WordChosen:
    """A person chose the word that their private link asks for; a keyed hash of it travels, sealed."""

    person_id: str
    word: LinkWordSealed
    chosen_at: datetime


@fact("glass.broken.v1", owner="referrals")
class GlassBroken:
    """Somebody opened what keeps a person safe, without working with them; why in words stays sealed in referrals."""

    glass_id: str
    person_id: str
    account_id: str
    reason: Annotated[str, Code(GLASS_REASONS)]
    broken_at: datetime
    until: datetime


@fact("glass.seen_to.v1", owner="referrals")
class GlassSeenTo:
    """A privacy officer saw to an opening."""

    glass_id: str
    outcome: Annotated[str, Code(LOOK_OUTCOMES)]
    seen_to_at: datetime


FACTS: tuple[type, ...] = (
    ReferralReceived,
    ReferralAcknowledged,
    ReferralAccepted,
    ReferralDeclined,
    ReferralOverdue,
    ReferralClosed,
    ConsentGiven,
    ConsentWithdrawn,
    PersonProtected,
    PersonUnprotected,
    PersonForgotten,
    EquityStated,
    LookFlagged,
    LookSettled,
    LinkMinted,
    LinkRevoked,
    WordChosen,
    GlassBroken,
    GlassSeenTo,
)
