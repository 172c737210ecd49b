"""The rules of looking: which openings of a record a privacy officer is asked to see to.

A pattern says that somebody opened a record they may be too near to, or had no need of. It is a question and never a
finding: it blocks nothing, counts nothing and says nothing about anybody's worth (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Conflict

SAME_SURNAME = "same_surname"
SAME_POSTCODE = "same_postcode"
ONESELF = "oneself"
COLLEAGUE = "colleague"
NO_RELATION = "no_relation"
# Of nobody's record: an account that was shown as much as it is in an hour (chassis/budget.py).
MANY_SHOWN = "many_shown"
PATTERNS = (SAME_SURNAME, SAME_POSTCODE, ONESELF, COLLEAGUE, NO_RELATION, MANY_SHOWN)

OPEN, SETTLED = "open", "settled"
OUTCOMES = ("explained", "taken_further")

# Roles that see their own partner's people alone; all others work for people of any partner.
_BOUND_ROLES = frozenset({"referrer", "partner_lead", "system"})
# Who sees to looks looks; and what was opened all the same is asked about by itself.
_OWN_REASON = frozenset({"privacy", "break_glass"})


class OwnLook(Conflict):
    """Nobody sees to a look of their own."""

    says = "This is a look of your own, so another privacy officer must see to it."


class LookSettledBefore(Conflict):
    """Somebody has seen to this look."""

    says = "Somebody has seen to this look. Open it again to read what they found."


@dataclass(frozen=True)
class Marks:
    """Keyed hashes of a surname, a postcode, and of name and postcode together; None where they are not known."""

    surname: str | None = None
    postcode: str | None = None
    whole: str | None = None


@dataclass(frozen=True)
class Viewer:
    """Whoever opened a record: for whom they work, in which roles, their own marks and those of their colleagues."""

    account_id: str
    partner_id: str | None
    roles: frozenset[str]
    marks: Marks = Marks()
    colleagues: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subject:
    """Whose record was opened: who sent them, whether a referral of theirs is open, and when the last one ended."""

    person_id: str
    marks: Marks
    partner_ids: Collection[str]
    is_open: bool
    ended_at: datetime | None = None


def patterns(viewer: Viewer, subject: Subject, purpose: str, seen_at: datetime, *, relation_days: int) -> list[str]:
    """The patterns that one opening of a record shows, none for most.

    `relation_days` is how long after a referral ended whoever worked with it may have reason to open it.
    """
    mine, theirs = viewer.marks, subject.marks
    near = ((SAME_SURNAME, mine.surname, theirs.surname), (SAME_POSTCODE, mine.postcode, theirs.postcode))
    if _same(mine.whole, theirs.whole):
        # Of oneself, name and postcode are one's own.
        found = [ONESELF]
    else:
        found = [pattern for pattern, own, other in near if _same(own, other)]
        found += [COLLEAGUE] if theirs.whole is not None and theirs.whole in viewer.colleagues else []
    if not _is_related(viewer, subject, purpose, seen_at, relation_days):
        found.append(NO_RELATION)
    return found


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _is_related(viewer: Viewer, subject: Subject, purpose: str, seen_at: datetime, relation_days: int) -> bool:
    if purpose in _OWN_REASON or (viewer.partner_id is not None and viewer.partner_id in subject.partner_ids):
        return True
    if viewer.roles <= _BOUND_ROLES:
        return False
    ended_at = subject.ended_at
    return subject.is_open or (ended_at is not None and seen_at - ended_at <= timedelta(days=relation_days))


def is_asked_again(state: str, settled_at: datetime | None, now: datetime, again_days: int) -> bool:
    """Whether the same look at the same person is asked about anew: not while it is open, nor soon after."""
    return state == SETTLED and settled_at is not None and now - settled_at > timedelta(days=again_days)


def check_settling(state: str, looked_id: str, settled_by: str) -> None:
    """Refuses to see to a look twice, and to one of one's own."""
    if state != OPEN:
        raise LookSettledBefore()
    if looked_id == settled_by:
        raise OwnLook()
