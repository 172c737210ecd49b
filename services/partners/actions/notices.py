"""Notices: kept when another room asks, taken up once each when it is time, and what became of each is stated.

A notice is taken up in one transaction, handed over in none, and what came of it is written in another. A process
killed in between leaves one that stands as being sent: it becomes unknown, and is never sent again by itself where
twice would harm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis import clocks
from chassis.unit import Unit
from contracts.notices import NoticeAsked, NoticeFailed, NoticeHeld, NoticeSent, NoticeSettled, NoticeUnknown
from services.partners import store
from services.partners.actions.accounts import account_if_there
from services.partners.domain import notices as rules

# The clocks by which notices go; what no quiet hours hold goes before all else.
SEND_FIRST, SEND = "notice_first", "notice"
# The clock of one that is being handed over.
STUCK = "notice_stuck"


@dataclass(frozen=True)
class Reader:
    """Whoever a notice is for, as they stood when their address was opened; addresses by channel."""

    account_state: str | None
    reach: rules.Reach
    addresses: Mapping[str, str] = field(repr=False)
    is_discreet: bool = False


@dataclass(frozen=True)
class Taken:
    """A notice taken up, to be handed over once."""

    notice_id: str
    turn: int
    template: str
    channel: str
    reader: Reader


def stream(notice_id: str) -> str:
    """The stream of what became of one notice."""
    return f"partners/notice/{notice_id}"


def keep_asked(unit: Unit, fact: NoticeAsked) -> None:
    """Keeps that a notice is asked for; the same one asked again is one."""
    asked_at = unit.thread.caused_at or unit.now
    _keep(unit, fact.notice_id, fact.recipient_id, fact.template, fact.reason, fact.due_at, asked_at)


def _keep(
    unit: Unit, notice_id: str, recipient_id: str, template: str, reason: str, due_at: datetime, asked_at: datetime
) -> None:
    account = account_if_there(unit, recipient_id)
    if store.add_notice(
        unit, notice_id=notice_id, partner_id=account.partner_id if account else None, recipient_id=recipient_id,
        template=template, reason=reason, due_at=due_at, asked_at=asked_at, state=rules.WAITING, changed_at=unit.now,
    ):  # fmt: skip
        clocks.start(unit, _clock_for(reason), notice_id, due_at)


def tell_sign_in_changed(unit: Unit, account_id: str) -> None:
    """Has somebody told that how they sign in was changed, so that they notice when it was not them."""
    _keep(unit, unit.ids.new(), account_id, rules.SIGN_IN_CHANGED, rules.SIGN_IN_CHANGED, unit.now, unit.now)


def _clock_for(reason: str) -> str:
    return SEND_FIRST if reason in rules.NEVER_HELD else SEND


def due(unit: Unit) -> list[Any]:
    """The clocks of what is to go now; what no quiet hours hold comes first, then the longest due."""
    return [clock for kind in (SEND_FIRST, SEND) for clock in clocks.due(unit.scope, unit, kind)]


# ---- one notice


def take(unit: Unit, clock: Any, reader: Reader, open_ways: Collection[str], away: Collection[str]) -> Taken | None:
    """Takes up a notice whose time has come; None when it does not go now: somebody was faster, or it is held or fails.

    `open_ways` are the channels set up here; one on a channel that is `away` just now keeps its time.
    """
    row = store.notice(unit.scope, unit, clock.subject)
    ways = reader.reach.ways
    usable = [way for way in ways if way in open_ways]
    channel = row.channel if row.channel in usable else next(iter(usable), "")
    if channel in away or not clocks.fire(unit, clock) or row.state not in {rules.WAITING, rules.HELD}:
        return None
    if code := rules.why_not(reader.account_state, ways, open_ways):
        _fail(unit, row, code)
        return None
    if until := rules.held_until(unit.now, row.reason, reader.reach):
        _hold(unit, row, until)
        return None
    tried = row.tried if channel in row.tried.split() else f"{row.tried} {channel}".strip()
    if not store.change_notice(
        unit, row, state=rules.SENDING, channel=channel, tried=tried, tries=row.tries + 1, turn=row.turn + 1
    ):
        return None
    stuck_at = unit.now + timedelta(minutes=unit.policy.notice_stuck_minutes)
    clocks.start(unit, STUCK, row.notice_id, stuck_at, number=row.turn + 1)
    return Taken(row.notice_id, row.turn + 1, row.template, channel, reader)


def record(unit: Unit, notice_id: str, turn: int, outcome: str, ways: Collection[str] = ()) -> bool:
    """Writes down how handing over went and what follows; false for one that somebody else wrote down meanwhile.

    `ways` are those by which this reader can be reached here.
    """
    row = store.notice(unit.scope, unit, notice_id)
    if row.state != rules.SENDING or row.turn != turn:
        return False
    clocks.stop(unit, STUCK, notice_id)
    policy = unit.policy
    then = rules.after(
        outcome, template=row.template, channel=row.channel, tries_count=row.tries, now=unit.now,
        other=next((way for way in ways if way not in row.tried.split()), ""),
        tries=rules.Tries(policy.notice_first_pause_minutes, policy.notice_pause_times, policy.notice_tries),
    )  # fmt: skip
    if then.state == rules.WAITING and then.at is not None:
        tries = row.tries if then.channel == row.channel else 0
        _wait(unit, row, then.at, channel=then.channel, tries=tries)
    elif then.state == rules.SENT:
        fact = NoticeSent(
            notice_id=notice_id, recipient_id=row.recipient_id, channel=row.channel, sent_at=unit.now
        )  # fmt: skip
        _come_to(unit, row, rules.SENT, fact)
    elif then.state == rules.UNKNOWN:
        unknown = NoticeUnknown(
            notice_id=notice_id, recipient_id=row.recipient_id, partner_id=row.partner_id, channel=row.channel,
            unknown_at=unit.now,
        )  # fmt: skip
        _come_to(unit, row, rules.UNKNOWN, unknown)
    else:
        _fail(unit, row, then.code)
    return True


def tell_of_stuck(unit: Unit) -> int:
    """Says of every notice whose handing over never came to an end that nobody knows; gives how many."""
    found = [clock for clock in clocks.due(unit.scope, unit, STUCK) if clocks.fire(unit, clock)]
    return sum(record(unit, clock.subject, clock.number, rules.NO_ANSWER) for clock in found)


def _hold(unit: Unit, row: Any, until: Any) -> None:
    _wait(unit, row, until, state=rules.HELD)
    fact = NoticeHeld(notice_id=row.notice_id, recipient_id=row.recipient_id, until=until, held_at=unit.now)
    unit.state(stream(row.notice_id), fact)
    unit.note("notice.hold", subject=row.recipient_id, record=row.notice_id, kind="account")


def _wait(unit: Unit, row: Any, at: Any, *, state: str = rules.WAITING, **columns: Any) -> None:
    if store.change_notice(unit, row, state=state, turn=row.turn + 1, **columns):
        clocks.start(unit, _clock_for(row.reason), row.notice_id, at, number=row.turn + 1)


def _fail(unit: Unit, row: Any, code: str) -> None:
    fact = NoticeFailed(
        notice_id=row.notice_id, recipient_id=row.recipient_id, partner_id=row.partner_id, code=code, failed_at=unit.now
    )
    _come_to(unit, row, rules.FAILED, fact, code=code)


def _come_to(unit: Unit, row: Any, state: str, fact: Any, **columns: Any) -> None:
    if store.change_notice(unit, row, state=state, **columns):
        unit.state(stream(row.notice_id), fact)
        unit.note(f"notice.{state}", subject=row.recipient_id, record=row.notice_id, kind="account")


# ---- what did not arrive


def for_somebody(unit: Unit) -> list[Any]:
    """What did not arrive, or nobody knows, within reach of whoever asks."""
    return list(store.notices_for_somebody(unit.scope, unit, rules.FOR_SOMEBODY))


def settle(unit: Unit, notice_id: str, how: str) -> None:
    """Somebody saw to a notice: they told the reader otherwise, need not, or have it sent once more."""
    row = store.notice(unit.scope, unit, notice_id)
    rules.check_may_settle(row.state, row.settled_at is not None)
    if how == rules.SENT_AGAIN:
        again = {"state": rules.WAITING, "channel": None, "tried": "", "tries": 0, "code": None, "turn": row.turn + 1}
        is_ours = store.change_notice(unit, row, **again)
        clocks.start(unit, _clock_for(row.reason), notice_id, unit.now, number=row.turn + 1)
    else:
        is_ours = store.change_notice(unit, row, settled_how=how, settled_at=unit.now, settled_by=unit.who.id)
    if not is_ours:
        raise rules.NoticeSettled()
    fact = NoticeSettled(notice_id=notice_id, recipient_id=row.recipient_id, how=how, settled_at=unit.now)
    unit.state(stream(notice_id), fact)
    unit.note("notice.settle", subject=row.recipient_id, record=notice_id, kind="account")
