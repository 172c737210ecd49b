"""Supervision sessions: when the next is due, which times may be planned, both confirm, and who supervises whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Conflict, Invalid

# A session. `declined` is an offered time the peer did not take.
PLANNED, HELD, MISSED, DECLINED = "planned", "held", "missed", "declined"
# What is owed: `open` until it is met, or missed and made up by the next.
OPEN, MET = "open", "met"
# Why an offered time was declined; the peer's word is enough and nothing more is asked.
OWN_CHOICE, NOT_POSSIBLE = "own_choice", "not_possible"
BECAUSE = (OWN_CHOICE, NOT_POSSIBLE)


class TimeOutOfReach(Invalid):
    """The time is too long ago or too far ahead to plan a session for."""

    where = "starts_at"
    says = "Choose a time in the next few months; a session already held can be added for a few days after it."


class SessionNotYet(Conflict):
    """A session is confirmed once it has taken place."""

    says = "This session has not begun yet. Confirm it once it has taken place."


class SettleFirst(Conflict):
    """An earlier session has begun and nobody has said what became of it."""

    says = "Say first whether the last session took place. Then plan the next one."


class SessionSettled(Conflict):
    """The session was held, missed or declined already."""

    says = "This session is settled already: it was held, or it did not take place. Plan a new time."


class TimeHasPassed(Conflict):
    """An offered time can be declined until it begins."""

    says = "This time has passed. Say instead whether the session took place."


@dataclass(frozen=True)
class Session:
    """One session as the rules see it."""

    state: str
    starts_at: datetime
    supervisor_confirmed: bool = False
    peer_confirmed: bool = False


@dataclass(frozen=True)
class Supervisor:
    """An account that may supervise, and how many peers it has."""

    account_id: str
    partner_id: str
    peer_count: int


def choose_supervisor(peer_id: str, partner_id: str, found: Iterable[Supervisor]) -> str | None:
    """Gives the supervisor of a peer: of the same partner if there is one, with the fewest peers, never the peer."""
    others = [one for one in found if one.account_id != peer_id]
    own = [one for one in others if one.partner_id == partner_id]
    best = min(own or others, key=lambda one: (one.peer_count, one.account_id), default=None)
    return best.account_id if best else None


def next_due(held_at: datetime, days: int) -> datetime:
    """When the next session is due after one that was held."""
    return held_at + timedelta(days=days)


def make_up_due(due_at: datetime, missed_at: datetime, days: int) -> datetime:
    """When a session that did not take place is made up for; never earlier than it was due anyway."""
    return max(due_at, missed_at + timedelta(days=days))


def due_after_break(due_at: datetime, resumed_at: datetime, days: int) -> datetime:
    """When what fell due during a break, or just after it, is due: nobody comes back to something overdue."""
    return max(due_at, resumed_at + timedelta(days=days))


def check_time(starts_at: datetime, now: datetime, *, back_days: int, ahead_days: int) -> None:
    """Refuses a time nobody could mean."""
    if not now - timedelta(days=back_days) <= starts_at <= now + timedelta(days=ahead_days):
        raise TimeOutOfReach()


def confirm(session: Session, now: datetime, *, by_supervisor: bool, by_peer: bool) -> tuple[bool, bool, str]:
    """Takes in one side's word that a session was held.

    Gives whether supervisor and peer have confirmed, and the state: held once both have, planned until then. A repeat
    changes nothing.
    """
    if session.state == HELD:
        return session.supervisor_confirmed, session.peer_confirmed, HELD
    check_open(session)
    if now < session.starts_at:
        raise SessionNotYet()
    supervisor = session.supervisor_confirmed or by_supervisor
    peer = session.peer_confirmed or by_peer
    return supervisor, peer, HELD if supervisor and peer else PLANNED


def check_open(session: Session) -> None:
    """Refuses a change of a session that is settled."""
    if session.state != PLANNED:
        raise SessionSettled()


def check_may_move(session: Session, starts_at: datetime, now: datetime) -> None:
    """Refuses another time for a session that has begun; until then its time may change."""
    if session.starts_at != starts_at and (session.starts_at <= now or session.supervisor_confirmed):
        raise SettleFirst()


def check_may_decline(session: Session, now: datetime) -> None:
    """Refuses to decline a settled session, or a time that has come."""
    check_open(session)
    if now >= session.starts_at:
        raise TimeHasPassed()
