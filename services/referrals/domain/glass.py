"""The rules of what keeps everyone safe: who works with a person now, and when it is opened all the same.

Whoever works with a person reads it. Everybody else breaks a glass first: a reason, a time, and a privacy officer who
is told at once (docs/decisions/0035).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Conflict, Fault, Invalid

LEAST_WORDS, MOST_WORDS = 10, 300
OPEN, SETTLED = "open", "settled"


class OwnOpening(Conflict):
    """Nobody sees to an opening of their own."""

    says = "You opened this yourself, so another privacy officer must see to it."


class OpeningSeenTo(Conflict):
    """Somebody has seen to this opening."""

    says = "Somebody has seen to this opening. Open it again to read what they found."


@dataclass(frozen=True)
class Sight:
    """How much of a record somebody sees.

    `safety`: what keeps everyone safe. `whole`: who they are and what they hope for. `reached`: place and contact.
    `is_broken`: they opened it all the same, and each look is on record as that until it ends.
    """

    safety: bool
    whole: bool
    reached: bool
    is_broken: bool


def related(
    found: Collection[str], roles: Collection[str], counts_for: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """Which of the relations somebody has count in a role they have; `counts_for` is the network's table."""
    return frozenset(one for one in found if set(counts_for.get(one, ())) & set(roles))


def sight(relations: Collection[str], glass: str, *, is_protected: bool) -> Sight:
    """What somebody who may read a referral sees of it; `glass` names the relation that is an opening all the same.

    Of somebody protected nothing is seen without a relation, and place and contact through broken glass alone.
    """
    is_broken, has_any = glass in relations, bool(relations)
    return Sight(
        safety=has_any,
        whole=has_any or not is_protected,
        reached=is_broken or not is_protected,
        is_broken=is_broken,
    )


def check_reason(reason: str, words: str, known: Collection[str]) -> str:
    """Gives the words of a reason without the space around them; refuses (Invalid) too few, too many, or no reason."""
    faults = []
    kept = words.strip()
    if reason not in known:
        faults.append(Fault("reason", "Choose why."))
    if not LEAST_WORDS <= len(kept) <= MOST_WORDS:
        faults.append(Fault("words", f"Say why in {LEAST_WORDS} to {MOST_WORDS} characters."))
    if faults:
        raise Invalid(faults=tuple(faults))
    return kept


def ends_at(now: datetime, minutes: int) -> datetime:
    """Until when glass broken now stays so."""
    return now + timedelta(minutes=minutes)


def is_oneself(mine: str | None, theirs: str | None) -> bool:
    """Whether name and postcode of an account and of a person are one's own, as marks tell it."""
    return mine is not None and mine == theirs


def check_seeing_to(state: str, opened_by: str, seen_to_by: str) -> None:
    """Refuses to see to an opening twice, and to one of one's own."""
    if state != OPEN:
        raise OpeningSeenTo()
    if opened_by == seen_to_by:
        raise OwnOpening()
