"""Facts the matching room states: peers and their limits, options offered, answers, tasters, and matches agreed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.fact import Brake, CalledSealed, Code, fact

SIDES = ("peer", "person")
PEER_ANSWERS = ("could", "not_this_time")
PERSON_ANSWERS = ("yes", "not_this_time")
ANSWERS = ("could", "yes", "not_this_time")
HOW_ANSWERED = ("own_page", "told_coordinator", "by_phone")
RELEASE_CODES = (
    "not_needed_this_time",
    "peer_not_this_time",
    "person_not_this_time",
    "taster_not_agreed",
    "hold_lapsed",
    "consent_withdrawn",
    "peer_paused",
    "peer_held_back",
    "referral_closed",
)
STALL_STEPS = ("peer_answer", "person_choice", "taster")


@fact("peer.joined.v1", owner="matching")
class PeerJoined:
    """A peer joined the network with a partner; their lived experience stays in the matching room."""

    peer_id: str
    partner_id: str
    called: CalledSealed
    joined_at: datetime


@fact("capacity.stated.v1", owner="matching")
class CapacityStated:
    """How many people a peer has places for."""

    peer_id: str
    places: int
    stated_at: datetime


@fact("peer.paused.v1", owner="matching", brake=Brake("peer_paused", "peer_id"), urgent=True)
class PeerPaused:
    """A peer takes a break; no reason is asked or kept."""

    peer_id: str
    paused_at: datetime


@fact("peer.resumed.v1", owner="matching", brake=Brake("peer_paused", "peer_id", lifts=True))
class PeerResumed:
    """A peer is back."""

    peer_id: str
    resumed_at: datetime


@fact("match.proposed.v1", owner="matching")
class MatchProposed:
    """One to three options were offered for a person, each asked first whether they could."""

    match_id: str
    referral_id: str
    person_id: str
    peer_ids: tuple[str, ...]
    proposed_at: datetime
    answer_by: datetime


@fact("match.answered.v1", owner="matching")
class MatchAnswered:
    """One side of one option answered, and how that is known."""

    match_id: str
    person_id: str
    peer_id: str
    side: Annotated[str, Code(SIDES)]
    answer: Annotated[str, Code(ANSWERS)]
    how: Annotated[str, Code(HOW_ANSWERED)]
    answered_at: datetime


@fact("taster.held.v1", owner="matching")
class TasterHeld:
    """Person and peer met once to see how it feels."""

    match_id: str
    person_id: str
    peer_id: str
    held_at: datetime


@fact("match.agreed.v1", owner="matching")
class MatchAgreed:
    """Both said yes after the taster; support may begin, with the end date they agreed."""

    match_id: str
    referral_id: str
    person_id: str
    peer_id: str
    partner_id: str
    agreed_at: datetime


@fact("match.released.v1", owner="matching")
class MatchReleased:
    """An option or a whole match was let go, with a code and never a score."""

    match_id: str
    referral_id: str
    person_id: str
    peer_id: str | None
    code: Annotated[str, Code(RELEASE_CODES)]
    released_at: datetime


@fact("match.stalled.v1", owner="matching")
class MatchStalled:
    """A step of a match ran past its time; a coordinator is asked to look."""

    match_id: str
    referral_id: str
    person_id: str
    step: Annotated[str, Code(STALL_STEPS)]
    due_at: datetime


FACTS: tuple[type, ...] = (
    PeerJoined,
    CapacityStated,
    PeerPaused,
    PeerResumed,
    MatchProposed,
    MatchAnswered,
    TasterHeld,
    MatchAgreed,
    MatchReleased,
    MatchStalled,
)
