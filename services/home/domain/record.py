"""What somebody reads of who has looked at their record: a role, an organisation and a purpose, and never a name.

Somebody else may make a person ask, so nobody is named; a person who must not be found reads no organisation, no
purpose and no time either, for each of them says where they are or with whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

ROLES: Mapping[str, str] = {
    "referrer": "A referrer",
    "partner_lead": "The lead of an organisation",
    "coordinator": "A coordinator",
    "peer": "A peer",
    "supervisor": "A supervisor",
    "safeguarding_lead": "A safeguarding lead",
    "network_lead": "The network lead",
    "commissioner": "A commissioner",
    "privacy_officer": "The privacy officer",
    "administrator": "An administrator",
    "system": "The computer system of an organisation",
    "person": "Somebody who was referred",
}
SOMEBODY = "Somebody who works here"

# What a look was for, to a person and to a peer.
FOR_PERSON: Mapping[str, str] = {
    "referral": "To read your referral, or where it stands",
    "matching": "To find someone who has been there for you",
    "support": "To see how your support stands",
    "supervision": "Supervision of your peer",
    "work": "Your name stood on a list of what is to be done",
    "timeline": "To see how your referral went",
    "privacy": "To check that nobody looks at your record without need",
    "account": "To look after accounts",
    "break_glass": "To keep somebody safe, without working with you. It is checked why",
    "other": "Another reason",
}
FOR_PEER: Mapping[str, str] = {
    **FOR_PERSON,
    "referral": "To read a referral you have part in",
    "matching": "To see who could be a peer for someone",
    "support": "To see how support you give stands",
    "supervision": "Your supervision",
    "timeline": "To see how a referral went",
}
# The audit rows of this room in which somebody was shown to somebody else.
DISCLOSURES = frozenset({"person.seen", "person.listed", "peer.seen", "peer.listed", "timeline.read"})


@dataclass(frozen=True)
class Look:
    """One look: the roles of whoever looked, their partner's id or nothing, a purpose's code, and when."""

    roles: tuple[str, ...]
    partner_id: str
    purpose: str
    seen_at: datetime


@dataclass(frozen=True)
class Line:
    """One look as it reads; empty where it is not told, and then `seen_at` counts as a day alone."""

    who: str
    organisation: str
    purpose: str
    seen_at: datetime


def ordered(looks: Sequence[Look]) -> list[Look]:
    """Each look once, the newest first."""
    return sorted(set(looks), key=lambda one: (one.seen_at, one.roles, one.partner_id, one.purpose), reverse=True)


def line_of(look: Look, partners: Mapping[str, str], *, is_peer: bool, is_protected: bool) -> Line:
    """How one look reads to whose record it was; `partners` are the names of organisations."""
    who = next((ROLES[role] for role in look.roles if role in ROLES), SOMEBODY)
    if is_protected:
        return Line(SOMEBODY, "", "", look.seen_at)
    words = FOR_PEER if is_peer else FOR_PERSON
    return Line(who, partners.get(look.partner_id, ""), words.get(look.purpose, words["other"]), look.seen_at)
