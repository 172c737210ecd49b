"""The rules of a support: an end date before it begins, what may be done when, and an ending that is honest."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chassis.errors import Conflict, Fault, Invalid

# A support. `agreed` waits for an end date; `released` was let go before it began. A midpoint review held, winding
# down and the checks after an ending become states of their own when they are recorded here.
AGREED, ACTIVE, PAUSED, ENDED, RELEASED = "agreed", "active", "paused", "ended", "released"
LIVE = (AGREED, ACTIVE, PAUSED)
STAGES: Mapping[str, str] = {
    AGREED: "Waiting to start",
    ACTIVE: "Under way",
    PAUSED: "Paused",
    ENDED: "Ended",
    RELEASED: "Did not begin",
}
# Restrictions on a person under which nobody is shown a support, and those under which none begins any more.
HIDES = frozenset({"consent_withdrawn", "fenced", "forgotten"})
GONE_FOR_GOOD = frozenset({"consent_withdrawn", "forgotten"})
# From which states each move may be made; all else is refused by name.
MOVES: Mapping[str, tuple[str, ...]] = {
    "start": (AGREED,),
    "plan": (ACTIVE,),
    "contact": (ACTIVE, PAUSED),
    "connect": (ACTIVE, PAUSED),
    "pause": (ACTIVE,),
    "resume": (PAUSED,),
    "end": LIVE,
}

# A connection: a role, group or place the person wants in their life.
FOUND, TRIED, GOING, WITHOUT_PEER, LET_GO = "found", "tried", "going", "going_without_peer", "let_go"
STEPS = (FOUND, TRIED, GOING, WITHOUT_PEER)
ALIVE = (GOING, WITHOUT_PEER)

# Who speaks: one of the pair, or the network's coordinator. What each may say of who agreed or who asked.
PERSON, PEER, NETWORK, BOTH = "person", "peer", "network", "both"
MAY_SAY: Mapping[str, tuple[str, ...]] = {
    PERSON: (PERSON, BOTH),
    PEER: (PEER, PERSON, BOTH),
    NETWORK: (NETWORK, PEER, PERSON, BOTH),
}
SWAP = "swap"


class SupportIsOver(Conflict):
    """The support has ended, or never began."""

    says = "This support has ended, so it cannot be changed any more."


class NotStartedYet(Conflict):
    """The support waits for its agreed end date."""

    says = "This support has not started yet. Agree an end date first."


class AlreadyStarted(Conflict):
    """The support has its end date and is under way."""

    says = "This support has started already."


class SupportIsPaused(Conflict):
    """The support rests."""

    says = "This support is paused. Go on with it first."


class SupportIsNotPaused(Conflict):
    """The support does not rest, so there is nothing to go on with."""

    says = "This support is not paused."


class ChangedMeanwhile(Conflict):
    """Somebody else changed it at the same moment."""

    says = "Somebody else changed this support at the same moment. Look at it again."


class EndDateNotAhead(Invalid):
    """The agreed end lies after the start."""

    where = "agreed_end_on"
    says = "Agree a day that is still to come."


class EndDateTooFar(Invalid):
    """The agreed end lies within the longest time a support is agreed for."""

    where = "agreed_end_on"


class MeetingInThePast(Invalid):
    """A meeting is planned ahead."""

    where = "starts_at"
    says = "This time has passed. Plan a time that is still to come, or record that you met."


class ContactInTheFuture(Invalid):
    """A contact is recorded once it was made or tried."""

    where = "held_on"
    says = "This day is still to come. Record it afterwards."


class ContactBeforeStart(Invalid):
    """A contact belongs to a support that had begun."""

    where = "held_on"
    says = "This day is before support began. Check the date."


class MeetingNotKnown(Invalid):
    """The meeting is not one of this support's."""

    where = "meeting_id"
    says = "This is not a meeting of this support."


class MeetingRecordedAlready(Conflict):
    """The meeting has its two taps."""

    says = "This meeting was recorded already. Nothing more is needed."


class ConnectionMoveNotAllowed(Conflict):
    """A connection goes forward a step or more, or is let go; one that was let go may be tried again."""

    says = "A connection goes forward, or is let go. This step does not fit where it stands now."


class NotYoursToSay(Invalid):
    """Somebody says it was decided by someone they cannot speak for."""

    says = "You cannot say this for them. Choose one of the other answers."


class SwapKeepsThePlace(Invalid):
    """A swap asks for another peer, so the person's place in the wait is kept."""

    where = "wants_return"
    says = "Asking for someone else keeps the person's place. If they do not want to come back, choose another ending."


def check_move(state: str, what: str) -> None:
    """Checks that a support in `state` may make the move `what` now; each refusal says why it may not."""
    if state in MOVES[what]:
        return
    if state in (ENDED, RELEASED):
        raise SupportIsOver()
    if state == AGREED:
        raise NotStartedYet()
    if what == "start":
        raise AlreadyStarted()
    raise SupportIsPaused() if state == PAUSED else SupportIsNotPaused()


# ---- the term: an end date is agreed before a support goes active ----


@dataclass(frozen=True)
class Term:
    """From when until when a support is agreed."""

    started_on: date
    agreed_end_on: date

    @property
    def midpoint_on(self) -> date:
        """The day on which the pair looks back and ahead."""
        return self.started_on + (self.agreed_end_on - self.started_on) // 2


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later, or that month's last day."""
    count = day.month - 1 + months
    year, month = day.year + count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def agree_term(today: date, agreed_end_on: date | None, *, usual_months: int, most_months: int) -> Term:
    """The term of a support that begins today; without a day given it is the usual one."""
    end = agreed_end_on or months_after(today, usual_months)
    if end <= today:
        raise EndDateNotAhead()
    if end > months_after(today, most_months):
        raise EndDateTooFar(f"Agree an end within {most_months} months. Check the year.")
    return Term(today, end)


def is_overrun(state: str, agreed_end_on: date | None, today: date) -> bool:
    """Whether a support goes on past the day that was agreed."""
    return state in (ACTIVE, PAUSED) and agreed_end_on is not None and today > agreed_end_on


# ---- meetings and contacts ----


def check_meeting(starts_at: datetime, now: datetime) -> None:
    """Checks that a meeting is planned ahead."""
    if starts_at < now:
        raise MeetingInThePast()


def check_contact(held_on: date, today: date, started_on: date) -> None:
    """Checks the day of a contact: not still to come, and not before support began."""
    if held_on > today:
        raise ContactInTheFuture()
    if held_on < started_on:
        raise ContactBeforeStart()


def day_of_contact(planned_on: date, today: date) -> date:
    """The day of a contact when nobody says another: the day it was planned for, or today when it came sooner."""
    return min(planned_on, today)


def is_offered(met_on: date, today: date, days: int) -> bool:
    """Whether a planned meeting is offered for its two taps: on its day and for some days after, never chased."""
    return timedelta(0) <= today - met_on <= timedelta(days=days)


# ---- connections ----


def check_connection_move(was: str, to: str) -> None:
    """Checks a connection's step: forward, or let go; what was let go may be tried again or gone to."""
    if to == was:
        raise ConnectionMoveNotAllowed("It stands there already.")
    if to == LET_GO or (was == LET_GO and to != FOUND):
        return
    if was == LET_GO or STEPS.index(to) < STEPS.index(was):
        raise ConnectionMoveNotAllowed()


def next_steps(state: str) -> tuple[str, ...]:
    """The steps a connection may take from where it stands, the nearest first."""
    if state == LET_GO:
        return STEPS[1:]
    return (*STEPS[STEPS.index(state) + 1 :], LET_GO)


def outcome(alive_count: int) -> str:
    """What an ending says of connections: a good relationship alone is not an outcome, so none is said to be none."""
    if not alive_count:
        return "None yet"
    return "1 connection is alive" if alive_count == 1 else f"{alive_count} connections are alive"


# ---- who speaks, who may see ----


def check_may_say(side: str, who: str, where: str) -> None:
    """Checks that one side may say that `who` decided; nobody speaks for the network but the network."""
    if who not in MAY_SAY[side]:
        raise NotYoursToSay(faults=(Fault(where, NotYoursToSay.says),))


def comes_back(ending: str, wants_return: bool | None) -> bool:
    """Whether the person waits again after this ending; a swap always keeps their place."""
    if ending == SWAP and wants_return is False:
        raise SwapKeepsThePlace()
    return ending == SWAP or bool(wants_return)


def may_see(side: str, state: str, brakes: Collection[str]) -> bool:
    """Whether a support is shown to one side at all (rules.md, Referring: protected, consent).

    With consent taken back, forgotten, or while something about the person waits to be mended, nobody sees it. A
    protected person's support is seen by the peer alone, while it lives.
    """
    if state == RELEASED or not HIDES.isdisjoint(brakes):
        return False
    return "protected" not in brakes or (side == PEER and state in LIVE)
