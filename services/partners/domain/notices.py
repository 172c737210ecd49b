"""The rules of notices: when one may go, which way, and what follows from how it went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.errors import Conflict, Invalid

LONDON = ZoneInfo("Europe/London")

WAITING, HELD, SENDING, SENT, FAILED, UNKNOWN = "waiting", "held", "sending", "sent", "failed", "unknown"
# What a human being sees to.
FOR_SOMEBODY = (FAILED, UNKNOWN)
EMAIL, SMS = "email", "sms"
# Reasons no quiet hours hold: a worry at levels 2 to 4, and whoever is on duty.
NEVER_HELD = frozenset({"urgent_worry", "on_duty"})
# What this room tells of by itself: both what is written and why. No other room asks for it, so no fact knows it.
SIGN_IN_CHANGED = "sign_in_changed"
# Hearing of it twice does no harm, and not at all does.
MAY_COME_TWICE = frozenset({"urgent_worry"})

# How handing over went: taken; not taken and may be tried again; refused for good; nobody knows.
TAKEN, NOT_NOW, REFUSED, NO_ANSWER = "taken", "not_now", "refused", "no_answer"

TOLD_OTHERWISE, NO_NEED, SENT_AGAIN = "told_otherwise", "no_need", "sent_again"
HOW_SETTLED = {
    TOLD_OTHERWISE: "I have told them another way",
    SENT_AGAIN: "Send it again",
    NO_NEED: "They need not hear of it any more",
}


class NoticeSettled(Conflict):
    """Somebody saw to this notice already, or it is on its way."""

    says = "Somebody has seen to this message already, or it is on its way again."


class NoWayToReach(Invalid):
    """Whoever chooses texts needs a telephone number, and whoever chooses e-mail an address."""

    where = "channel"
    says = "Fill in the address or number for the way you chose."


@dataclass(frozen=True)
class Reach:
    """How somebody is reached: their ways in the order they are tried, and the hours in which nothing is sent."""

    ways: tuple[str, ...]
    quiet_from: int
    quiet_until: int


@dataclass(frozen=True)
class Tries:
    """How to try again: minutes of the first pause, what each further one is multiplied by, how many tries."""

    first_minutes: int
    times: int
    most: int


@dataclass(frozen=True)
class Next:
    """What follows: the state a notice comes to; when it is tried again, and which way, where it is."""

    state: str
    at: datetime | None = None
    channel: str = ""
    code: str = ""


def quiet_until(now: datetime, from_hour: int, until_hour: int) -> datetime | None:
    """When the quiet hours that hold now end; None outside them. Hours of the day are London's, equal ones are none."""
    local = now.astimezone(LONDON)
    if from_hour == until_hour:
        return None
    if from_hour < until_hour:
        is_quiet = from_hour <= local.hour < until_hour
    else:
        is_quiet = local.hour >= from_hour or local.hour < until_hour
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if local.hour >= until_hour else 0)
    return datetime.combine(day, time(until_hour), LONDON).astimezone(UTC)


def held_until(now: datetime, reason: str, reach: Reach) -> datetime | None:
    """Until when a notice waits for its reader's quiet hours; None when it goes now."""
    return None if reason in NEVER_HELD else quiet_until(now, reach.quiet_from, reach.quiet_until)


def ways_in_order(chosen: str, known: Collection[str]) -> tuple[str, ...]:
    """The ways somebody can be reached: the one they chose first, another after it."""
    return tuple(way for way in (chosen, *(one for one in (EMAIL, SMS) if one != chosen)) if way in known)


def why_not(account_state: str | None, ways: Collection[str], open_ways: Collection[str]) -> str:
    """The code by which a notice fails before it is tried; empty when it can go.

    `account_state` is None when there is no such account; `open_ways` are those set up here.
    """
    if account_state is None:
        return "not_known"
    if account_state != "active":
        return "account_closed"
    if not ways:
        return "no_address"
    return "" if set(ways) & set(open_ways) else "not_set_up"


def after(
    outcome: str, *, template: str, channel: str, tries_count: int, other: str, now: datetime, tries: Tries
) -> Next:
    """What follows from one try, the `tries_count`th on this channel; `other` is another way not tried yet.

    What may have gone is tried again only where twice does no harm; else nobody knows, and a human being is asked.
    """
    if outcome == TAKEN:
        return Next(SENT, channel=channel)
    is_left = tries_count < tries.most
    if outcome == NO_ANSWER and not (template in MAY_COME_TWICE and is_left):
        return Next(UNKNOWN, channel=channel)
    if outcome != REFUSED and is_left:
        pause = timedelta(minutes=tries.first_minutes * tries.times ** (tries_count - 1))
        return Next(WAITING, at=now + pause, channel=channel)
    if other:
        return Next(WAITING, at=now, channel=other)
    return Next(FAILED, channel=channel, code="refused" if outcome == REFUSED else "gave_up")


def check_may_settle(state: str, is_settled: bool) -> None:
    """Refuses to see to what somebody saw to already, and to what still goes by itself."""
    if is_settled or state not in FOR_SOMEBODY:
        raise NoticeSettled()


def check_reach(channel: str, email: str, phone: str) -> None:
    """Refuses a way of being reached with nothing to reach it by."""
    if not {EMAIL: email, SMS: phone}[channel]:
        raise NoWayToReach()
