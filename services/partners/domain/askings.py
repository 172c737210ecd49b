"""The rules of two people: what gives rights is asked by one and settled by another, in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Conflict

# What can be asked. Each is done, or let go, by its own action (actions/settling.py).
OPEN_ACCOUNT, GRANT_ROLE = "open_account", "grant_role"
ASKED, CONFIRMED, REFUSED, RAN_OUT = "asked", "confirmed", "refused", "ran_out"


class AlreadyAsked(Conflict):
    """Somebody asked the same, and it is not settled yet."""

    says = "Somebody has already asked for this. Another person must confirm or refuse it first."


class OwnAsking(Conflict):
    """Whoever asks does not also confirm."""

    says = "You asked for this yourself, so another person must confirm or refuse it."


class AboutThemselves(Conflict):
    """Nobody settles what is asked about themselves."""

    says = "This is about yourself, so another person must confirm or refuse it."


class AskingOver(Conflict):
    """It was confirmed or refused before."""

    says = "This was confirmed or refused already. Nothing more was done."


class AskingRanOut(Conflict):
    """Nobody settled it in time."""

    says = "This was asked too long ago, so it can no longer be confirmed. Ask again if it still holds."


@dataclass(frozen=True)
class Asking:
    """What one person asked: about whom, until when it may be settled, and by whom it was."""

    about_id: str
    asked_by: str
    ends_at: datetime
    state: str
    settled_by: str | None = None


def settle(asking: Asking, who_id: str, state: str, now: datetime) -> bool:
    """Whether `who_id` brings an asking to `state` now; False when they did so before and nothing changes.

    Refuses whoever asked it or whom it is about, and what is settled or was asked too long ago.
    """
    if asking.asked_by == who_id:
        raise OwnAsking()
    if asking.about_id == who_id:
        raise AboutThemselves()
    if (asking.state, asking.settled_by) == (state, who_id):
        return False
    if asking.state == RAN_OUT or (asking.state == ASKED and asking.ends_at <= now):
        raise AskingRanOut()
    if asking.state != ASKED:
        raise AskingOver()
    return True
