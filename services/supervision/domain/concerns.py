"""A worry's way: who may own it, by when they answer, who is next when nobody does, and what is refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.errors import Conflict, Invalid, NotAllowed

LONDON = ZoneInfo("Europe/London")

RAISED, ACKNOWLEDGED, CLOSED = "raised", "acknowledged", "closed"

# Who answers, from the first to the last; nobody stands above the network lead.
LADDER = ("supervisor", "coordinator", "safeguarding_lead", "network_lead")
# Who answers at any hour.
ON_DUTY = "safeguarding_lead"
# level: where on the ladder it begins.
FIRST_RUNG = {1: 0, 2: 1, 3: 2, 4: 2}
# What a worry is about; these two are never owned by a supervisor unless it is known which one they are not.
SUPERVISOR, PARTNER = "supervisor", "partner"


class AcknowledgeFirst(Conflict):
    """A worry is taken up before it is closed."""

    says = "Say first that you have read this worry and take it up. Then you can close it."


class AlreadyTakenUp(Conflict):
    """The worry was acknowledged before."""

    says = "This worry has been taken up already."


class WorryClosed(Conflict):
    """The worry is at its end."""

    says = "This worry is closed. If it is not over, raise a new one."


class OwnerMayNot(Invalid):
    """The account named may not own this worry, or does so already."""

    where = "owner_id"
    says = "This account cannot own this worry. Choose somebody from the list."


class NotYoursToClose(NotAllowed):
    """Neither whoever raised a worry nor whoever it is about brings it to its end."""

    says = "Somebody else closes this worry, because you raised it or it is about you. Hand it on."


@dataclass(frozen=True)
class Worry:
    """What of a worry decides who owns it; `own_supervisor_id` supervises the peer it comes from or is about.

    `kept_from` are the accounts that must not be told of the person it is about or comes from.
    """

    level: int
    about: str
    about_id: str | None
    raised_by_id: str
    own_supervisor_id: str | None = None
    kept_from: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """An account with its roles and how many open worries it has in hand."""

    account_id: str
    partner_id: str
    roles: frozenset[str]
    in_hand_count: int = 0


@dataclass(frozen=True)
class Hours:
    """The numbers of the policy that answering runs on; hours of the day are London's."""

    level_1_hour: int
    level_2_hours: int
    night_from_hour: int
    night_until_hour: int
    morning_hour: int
    level_3_hours: int


def level_of(level: int) -> int:
    """The level a worry is handled at; one nobody knows is taken as the nearest there is."""
    return min(max(level, 1), 4)


def answer_by(level: int, at: datetime, working_day: date, hours: Hours) -> datetime:
    """By when a worry raised, or given to somebody, at `at` is acknowledged.

    Level 1 by an hour of `working_day`; levels 2 to 4 run in elapsed hours, never working days: 2 within its hours, or
    at night by the next morning, 3 within its hours, 4 at once (rules.md, Concerns).
    """
    at = at.astimezone(UTC)
    if level == 1:
        return _london(working_day, hours.level_1_hour)
    if level == 2:
        local = at.astimezone(LONDON)
        if local.hour >= hours.night_from_hour:
            return _london(local.date() + timedelta(days=1), hours.morning_hour)
        if local.hour < hours.night_until_hour:
            return _london(local.date(), hours.morning_hour)
        return at + timedelta(hours=hours.level_2_hours)
    return at + timedelta(hours=hours.level_3_hours) if level == 3 else at


def moves_up_at(level: int, by: datetime, level_4_minutes: int) -> datetime:
    """When someone further up is to own a worry nobody took up; what is due at once leaves its owner a few minutes."""
    return by + timedelta(minutes=level_4_minutes) if level == 4 else by


def _london(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)


def is_on_duty(rung: int) -> bool:
    """Whether who owns a worry from this place on the ladder is there for it at any hour: safeguarding leads are."""
    return LADDER[rung] == ON_DUTY


def may_know(worry: Worry, who: Candidate) -> bool:
    """Whether somebody may learn of a worry by owning it: never whoever it is about, raised it, or must not be told."""
    is_about = worry.about_id is not None and worry.about_id in (who.account_id, who.partner_id)
    return not is_about and who.account_id != worry.raised_by_id and who.account_id not in worry.kept_from


def rung_of(worry: Worry, who: Candidate) -> int | None:
    """The place on the ladder from which somebody would own this worry; None when they may not."""
    if not may_know(worry, who):
        return None
    rungs = range(FIRST_RUNG[level_of(worry.level)], len(LADDER))
    return next((rung for rung in rungs if LADDER[rung] in who.roles), None)


def choose(
    worry: Worry, found: Iterable[Candidate], *, from_rung: int | None = None, but_not: str | None = None
) -> tuple[str, int] | None:
    """Gives who owns a worry next and from which rung, looking upwards; None when there is nobody.

    On the supervisors' rung only the peer's own supervisor; further up whoever has the least in hand.
    """
    candidates = [one for one in found if may_know(worry, one) and one.account_id != but_not]
    first = FIRST_RUNG[level_of(worry.level)] if from_rung is None else from_rung
    for rung in range(first, len(LADDER)):
        able = [one for one in candidates if LADDER[rung] in one.roles]
        if rung == 0:
            able = [one for one in able if one.account_id == _own_supervisor(worry)]
        if able:
            best = min(able, key=lambda one: (one.in_hand_count, one.account_id))
            return best.account_id, rung
    return None


def _own_supervisor(worry: Worry) -> str | None:
    # About a supervisor or a partner nobody named, it might be this very supervisor or theirs.
    is_unnamed = worry.about in (SUPERVISOR, PARTNER) and worry.about_id is None
    return None if is_unnamed else worry.own_supervisor_id


def check_may_acknowledge(state: str) -> None:
    """Refuses to take up what is taken up or closed."""
    _check_open(state)
    if state == ACKNOWLEDGED:
        raise AlreadyTakenUp()


def check_may_hand_on(state: str, worry: Worry, to: Candidate | None, owner_id: str) -> int:
    """Gives the rung from which the new owner holds a worry; refuses one who may not own it, or does already."""
    _check_open(state)
    rung = rung_of(worry, to) if to is not None and to.account_id != owner_id else None
    if rung is None:
        raise OwnerMayNot()
    return rung


def check_may_close(state: str, worry: Worry, who_id: str) -> None:
    """Refuses to close what was not taken up, and to let whoever raised it or whom it is about close it."""
    _check_open(state)
    if who_id in (worry.raised_by_id, worry.about_id):
        raise NotYoursToClose()
    if state != ACKNOWLEDGED:
        raise AcknowledgeFirst()


def _check_open(state: str) -> None:
    if state == CLOSED:
        raise WorryClosed()


def is_late(state: str, by: datetime, now: datetime) -> bool:
    """Whether nobody has taken a worry up in time."""
    return state == RAISED and now > by
