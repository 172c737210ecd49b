"""What new matches need of a peer, which of it is lacking, and what follows; people already supported are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chassis.errors import Invalid, NotAllowed

# `new` was never cleared; it is no fault and needs no fact.
NEW, CLEARED, HELD_BACK = "new", "cleared", "held_back"

CONDUCT, CHECK, TRAINING, OWN_CHOICE = "conduct", "check", "training", "supervision_own_choice"


class ConductInFuture(Invalid):
    """Nobody has accepted the conduct on a day that has not come."""

    where = "conduct_accepted_on"
    says = "This day has not come yet. Enter the day the peer accepted the conduct."


class OwnStanding(NotAllowed):
    """A peer's standing is recorded by somebody else than the peer."""

    says = "This is your own page as a peer. Ask your supervisor or another network lead to record it."


@dataclass(frozen=True)
class Needed:
    """What is known of what new matches need; a day until which something is valid is its last good day."""

    conduct_accepted_on: date | None = None
    check_valid_until: date | None = None
    training_valid_until: date | None = None
    is_overdue: bool = False
    own_choice_declines_count: int = 0
    # When the version of the conduct was published that is in force; None before there is one.
    conduct_since: date | None = None


def lacking(needed: Needed, today: date, declines_limit: int) -> tuple[str, ...]:
    """Says what a new match needs and the peer does not have today.

    Overdue supervision lacks only when the peer declined `declines_limit` offered times by their own choice; overdue
    because of supervisor or partner never does.
    """
    found = {
        CONDUCT: _lacks_conduct(needed, today),
        CHECK: needed.check_valid_until is None or needed.check_valid_until < today,
        TRAINING: needed.training_valid_until is None or needed.training_valid_until < today,
        OWN_CHOICE: needed.is_overdue and needed.own_choice_declines_count >= declines_limit,
    }
    return tuple(code for code, is_lacking in found.items() if is_lacking)


def _lacks_conduct(needed: Needed, today: date) -> bool:
    accepted_on = needed.conduct_accepted_on
    if accepted_on is None or accepted_on > today:
        return True
    # What was accepted before the version in force was published is another version.
    return needed.conduct_since is not None and accepted_on < needed.conduct_since


def after(standing: str, gaps: Iterable[str]) -> str:
    """Where a peer stands once these are lacking: cleared with none; held back only if they were cleared before."""
    if not tuple(gaps):
        return CLEARED
    return HELD_BACK if standing == CLEARED else standing


def check_conduct_day(accepted_on: date | None, today: date) -> None:
    """Refuses a day of acceptance that has not come."""
    if accepted_on is not None and accepted_on > today:
        raise ConductInFuture()
