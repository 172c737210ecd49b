"""A worry's way: raised to a named owner with a time to answer by, taken up, handed on, passed up, closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis import clocks, told, working_days
from chassis.access import service_scope
from chassis.unit import Unit
from contracts.supervision import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernEscalated,
    ConcernHandedOn,
    ConcernRaised,
)
from services.supervision import store
from services.supervision.actions import telling
from services.supervision.domain import concerns as rules

# The clock of whoever owns a worry and has not taken it up.
ANSWER = "concern_answer"


class ChangedMeanwhile(rules.WorryClosed):
    """Somebody else moved the worry on at the same moment."""

    says = "Somebody else changed this worry at the same moment. Look at it again."


@dataclass(frozen=True)
class Raised:
    """A worry as somebody raised it; `words` are sealed."""

    concern_id: str
    level: int
    about: str
    about_id: str | None
    raised_by: str
    raised_by_id: str
    raised_at: datetime
    words: str


def stream(concern_id: str) -> str:
    """The stream of one worry's facts."""
    return f"supervision/concern/{concern_id}"


# ---- raised


def raise_concern(unit: Unit, raised: Raised) -> bool:
    """Puts a worry on a named human being's list with a time to answer by; false when it stands there already.

    The clock runs from when it was raised. With nobody who may own it, it waits on the network lead's list.
    """
    level = rules.level_of(raised.level)
    worry = _worry(unit, raised)
    found = rules.choose(worry, _candidates(unit))
    owner_id, rung = found or (None, rules.FIRST_RUNG[level])
    by = _answer_by(unit, level, raised.raised_at)
    row = {
        **vars(raised),
        "level": level,
        "state": rules.RAISED,
        "owner_id": owner_id,
        "rung": rung,
        "turn": 1,
        "acknowledge_by": by,
    }
    if not store.add(unit, store.concerns, row):
        return False
    _start_clock(unit, raised.concern_id, owner_id, level, by, turn=1)
    fact = ConcernRaised(
        concern_id=raised.concern_id,
        level=level,
        owner_id=owner_id,
        raised_by_id=raised.raised_by_id,
        acknowledge_by=by,
        raised_at=raised.raised_at,
    )
    unit.state(stream(raised.concern_id), fact)
    telling.tell_owner(unit, owner_id, level, rung)
    unit.note("worry.raise", subject=raised.about_id, record=raised.concern_id)
    return True


def _worry(unit: Unit, row: Any) -> rules.Worry:
    whole = service_scope(unit.service)
    peer_id = _peer_concerned(unit, row)
    own = store.supervisor_of(whole, unit, peer_id) if peer_id else None
    kept_from = told.accounts_kept_from(whole, unit, row.about_id, row.raised_by_id)
    return rules.Worry(row.level, row.about, row.about_id, row.raised_by_id, own, kept_from)


def _peer_concerned(unit: Unit, row: Any) -> str | None:
    """The peer whose supervisor answers first: whom it is about, who raised it, or who walks beside the person."""
    if row.about == "peer" and row.about_id:
        return str(row.about_id)
    if row.raised_by == "peer":
        return str(row.raised_by_id)
    whole = service_scope(unit.service)
    if row.about == "person" and row.about_id:
        return store.peer_of_person(whole, unit, row.about_id)
    return store.peer_of_person(whole, unit, row.raised_by_id) if row.raised_by == "person" else None


def _candidates(unit: Unit) -> list[rules.Candidate]:
    return store.candidates(service_scope(unit.service), unit, rules.LADDER)


def _answer_by(unit: Unit, level: int, at: datetime) -> datetime:
    policy = unit.policy
    hours = rules.Hours(
        level_1_hour=policy.level_1_hour,
        level_2_hours=policy.level_2_hours,
        night_from_hour=policy.night_from_hour,
        night_until_hour=policy.night_until_hour,
        morning_hour=policy.morning_hour,
        level_3_hours=policy.level_3_hours,
    )
    working_day = working_days.after(at, policy.level_1_working_days).astimezone(working_days.LONDON).date()
    return rules.answer_by(level, at, working_day, hours)


def _start_clock(unit: Unit, concern_id: str, owner_id: str | None, level: int, by: datetime, *, turn: int) -> None:
    if owner_id is not None:
        moves_up_at = rules.moves_up_at(level, by, unit.policy.level_4_minutes)
        clocks.start(unit, ANSWER, concern_id, moves_up_at, number=turn)


# ---- taken up, handed on, closed by its owner


def acknowledge(unit: Unit, concern_id: str) -> None:
    """The owner has read a worry and takes it up; its clock stops."""
    row = store.concern(unit.scope, unit, concern_id, to_change=True)
    rules.check_may_acknowledge(row.state)
    _change(unit, row, state=rules.ACKNOWLEDGED, acknowledged_at=unit.now)
    clocks.stop(unit, ANSWER, concern_id)
    fact = ConcernAcknowledged(concern_id=concern_id, owner_id=row.owner_id, acknowledged_at=unit.now)
    unit.state(stream(concern_id), fact)
    unit.note("worry.acknowledge", subject=row.about_id, record=concern_id)


def may_be_handed_to(unit: Unit, row: Any) -> list[str]:
    """The accounts that may own a worry next."""
    worry = _worry(unit, row)
    able = [one for one in _candidates(unit) if rules.rung_of(worry, one) is not None]
    return [one.account_id for one in able if one.account_id != row.owner_id]


def hand_on(unit: Unit, concern_id: str, owner_id: str) -> None:
    """Gives a worry to another named account that may own it; its clock starts again."""
    row = store.concern(unit.scope, unit, concern_id, to_change=True)
    to = next((one for one in _candidates(unit) if one.account_id == owner_id), None)
    rung = rules.check_may_hand_on(row.state, _worry(unit, row), to, row.owner_id)
    _pass_on(unit, row, owner_id, rung, "worry.hand_on")


def _pass_on(unit: Unit, row: Any, owner_id: str | None, rung: int, action: str) -> None:
    fact = ConcernHandedOn(
        concern_id=row.concern_id,
        from_id=row.owner_id,
        owner_id=owner_id,
        acknowledge_by=_give(unit, row, owner_id, rung),
        handed_on_at=unit.now,
    )
    unit.state(stream(row.concern_id), fact)
    telling.tell_owner(unit, owner_id, row.level, rung)
    unit.note(action, subject=row.about_id, record=row.concern_id)


def close(unit: Unit, concern_id: str, code: str) -> None:
    """Brings a worry to its end, by its owner."""
    row = store.concern(unit.scope, unit, concern_id, to_change=True)
    rules.check_may_close(row.state, _worry(unit, row), unit.who.id)
    _change(unit, row, state=rules.CLOSED, closed_at=unit.now, code=code)
    fact = ConcernClosed(concern_id=concern_id, owner_id=row.owner_id, code=code, closed_at=unit.now)
    unit.state(stream(concern_id), fact)
    unit.note("worry.close", subject=row.about_id, record=concern_id)
    for person_id in {row.about_id, row.raised_by_id} - {None}:
        if told.has_forgotten(unit, person_id):
            let_go_of_person(unit, person_id)


# ---- because time passed, or somebody came


def pass_up(unit: Unit, concern_id: str, turn: int) -> bool:
    """Gives a worry nobody took up to the next role up, its clock started again; false with nobody further up.

    `turn` is the number of the clock that ran out; one that somebody else acted on meanwhile does nothing.
    """
    row = store.concern(unit.scope, unit, concern_id, to_change=True)
    if row.state != rules.RAISED or row.owner_id is None or row.turn != turn:
        return False
    worry = _worry(unit, row)
    found = rules.choose(worry, _candidates(unit), from_rung=row.rung + 1, but_not=row.owner_id)
    if found is None:
        return False
    owner_id, rung = found
    by = _give(unit, row, owner_id, rung)
    fact = ConcernEscalated(
        concern_id=concern_id, from_id=row.owner_id, owner_id=owner_id, acknowledge_by=by, escalated_at=unit.now
    )
    unit.state(stream(concern_id), fact)
    telling.tell_owner(unit, owner_id, row.level, rung)
    unit.note("worry.escalate", subject=row.about_id, record=concern_id)
    return True


def find_owner(unit: Unit, concern_id: str) -> bool:
    """Gives a worry nobody owned to the first who may own it; false while there is still nobody."""
    row = store.concern(unit.scope, unit, concern_id, to_change=True)
    if row.owner_id is not None or row.state == rules.CLOSED:
        return False
    found = rules.choose(_worry(unit, row), _candidates(unit))
    if found is None:
        return False
    _pass_on(unit, row, *found, "worry.find_owner")
    return True


def take_from_partner(unit: Unit, partner_id: str) -> int:
    """Gives the open worries of a suspended partner's accounts to others who may own them; gives how many moved."""
    moved = 0
    for row in store.concerns_with_partner(service_scope(unit.service), unit, partner_id):
        found = rules.choose(_worry(unit, row), _candidates(unit), from_rung=row.rung, but_not=row.owner_id)
        if found is not None:
            _pass_on(unit, row, *found, "worry.hand_on")
            moved += 1
    return moved


def take_from_account(unit: Unit, account_id: str) -> int:
    """Gives the open worries of somebody who may not own them any more to others who may; gives how many moved.

    With nobody who may, one stays with its owner's name until somebody is there, and its clock goes on.
    """
    moved = 0
    for row in store.concerns_owned_by(service_scope(unit.service), unit, account_id):
        found = rules.choose(_worry(unit, row), _candidates(unit), from_rung=row.rung, but_not=row.owner_id)
        found = found or rules.choose(_worry(unit, row), _candidates(unit), but_not=row.owner_id)
        if found is not None:
            _pass_on(unit, row, *found, "worry.hand_on")
            moved += 1
    return moved


def hand_over(unit: Unit, from_id: str, to_id: str) -> int:
    """Gives one owner's open worries to another, each clock started again; gives how many moved.

    One that whoever takes over may not own goes to somebody else who may; with nobody, it stays.
    """
    moved = 0
    for row in store.concerns_owned_by(service_scope(unit.service), unit, from_id):
        worry = _worry(unit, row)
        theirs = [one for one in _candidates(unit) if one.account_id == to_id]
        found = rules.choose(worry, theirs, from_rung=row.rung) or rules.choose(worry, theirs)
        found = found or rules.choose(worry, _candidates(unit), from_rung=row.rung, but_not=from_id)
        if found is not None:
            _pass_on(unit, row, *found, "worry.hand_on")
            moved += 1
    return moved


def keep_from(unit: Unit, person_id: str, account_ids: Collection[str]) -> None:
    """Keeps which accounts must not be told of a person; the worries about or from them go to others at once."""
    if account_ids:
        told.keep_from(unit, person_id, account_ids)
        take_from_kept(unit)


def let_go_of_person(unit: Unit, person_id: str) -> None:
    """Lets go of who must not be told of somebody forgotten, once no worry is open that such a one might own."""
    if not store.is_in_an_open_worry(service_scope(unit.service), unit, person_id):
        told.forget(unit, person_id)


def take_from_kept(unit: Unit) -> int:
    """Gives each open worry whose owner must not be told of its person to somebody who may; gives how many moved.

    With nobody who may own it, it waits on the network lead's list.
    """
    rows = store.concerns_kept_from_owner(service_scope(unit.service), unit)
    for row in rows:
        worry, able = _worry(unit, row), _candidates(unit)
        found = rules.choose(worry, able, from_rung=row.rung) or rules.choose(worry, able)
        owner_id, rung = found or (None, rules.FIRST_RUNG[row.level])
        _pass_on(unit, row, owner_id, rung, "worry.take_away")
    return len(rows)


def _give(unit: Unit, row: Any, owner_id: str | None, rung: int) -> datetime:
    by = _answer_by(unit, row.level, unit.now)
    turn = row.turn + 1
    _change(
        unit,
        row,
        state=rules.RAISED,
        owner_id=owner_id,
        rung=rung,
        turn=turn,
        acknowledge_by=by,
        acknowledged_at=None,
    )
    clocks.stop(unit, ANSWER, row.concern_id)
    _start_clock(unit, row.concern_id, owner_id, row.level, by, turn=turn)
    return by


def _change(unit: Unit, row: Any, **columns: Any) -> None:
    if not store.change_concern(unit, row, **columns):
        raise ChangedMeanwhile()
