"""The facts any room may state of its audit trail: whose record was seen, and how far the trail goes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from contracts.addresses import SERVICES
from contracts.fact import Code, fact

SUBJECTS = ("person", "peer")
# What a look was for, as the person it is about may read it; `other` is what has no word of its own yet.
PURPOSES = (
    "referral", "matching", "support", "supervision", "work", "timeline", "privacy", "account", "break_glass", "other",
)  # fmt: skip
# The first part of the action of the door: what a look through it is for.
_PURPOSE_OF = {
    "referral": "referral",
    "partner_message": "referral",
    "consent": "referral",
    "person": "referral",
    "link": "referral",
    "word": "referral",
    "board": "matching",
    "match": "matching",
    "peer": "matching",
    "support": "support",
    "meeting": "support",
    "contact": "support",
    "connection": "support",
    "team": "supervision",
    "supervision": "supervision",
    "work": "work",
    "timeline": "timeline",
    "look": "privacy",
    "confirmation": "privacy",
    "safety": "referral",
    "break_glass": "break_glass",
    "glass": "break_glass",
    "account": "account",
    "partner": "account",
}


@fact("record.seen.v1", owner="any")
class RecordSeen:
    """The records of some human beings were shown to somebody else; never who that was by name, nor what was shown.

    `subject_ids` are all of one page. `roles` are those whoever looked has; `by_id` is their opaque id, for whoever
    watches for looks that should not be. `is_opened` says that the record was asked for alone, not met in a list. The
    same look again within an hour may go unstated; the audit trail has it. What is opened for a worry is never stated:
    nobody whom it is about learns of it by fact (rules.md, Concerns).
    """

    subject_ids: tuple[str, ...]
    subject_kind: Annotated[str, Code(SUBJECTS)]
    by_id: str
    roles: tuple[str, ...]
    partner_id: str | None
    purpose: Annotated[str, Code(PURPOSES)]
    is_opened: bool
    seen_at: datetime


@fact("budget.spent.v1", owner="any")
class BudgetSpent:
    """An account was shown as many lists, or people in them, as it is in an hour, and refused more; once an hour."""

    by_id: str
    roles: tuple[str, ...]
    partner_id: str | None
    refused_at: datetime


@fact("audit.head_published.v1", owner="any")
class AuditHeadPublished:
    """How far a room's audit trail goes: `place` rows are sealed, the last of them with this number and hash; signed.

    What was published cannot be taken back, so no row before it can be altered or cut off unseen.
    """

    room: Annotated[str, Code(SERVICES)]
    place: int
    sequence: int
    hash: str
    key_id: str
    public_key: str
    signature: str
    published_at: datetime


def purpose_of(action: str) -> str:
    """What a look through the door of this action is for."""
    return _PURPOSE_OF.get(action.partition(".")[0], "other")


def seen(
    *,
    subject_ids: tuple[str, ...],
    subject_kind: str,
    by_id: str,
    roles: tuple[str, ...],
    partner_id: str | None,
    action: str,
    is_opened: bool,
    seen_at: datetime,
) -> RecordSeen:
    """The fact of one look, from the action of the door it came through."""
    return RecordSeen(
        subject_ids=subject_ids, subject_kind=subject_kind, by_id=by_id, roles=roles, partner_id=partner_id,
        purpose=purpose_of(action), is_opened=is_opened, seen_at=seen_at,
    )  # fmt: skip


FACTS: tuple[type, ...] = (RecordSeen, BudgetSpent, AuditHeadPublished)
