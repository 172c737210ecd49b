"""How home keeps what it hears: a count, a line on a timeline, where a person stands, and what is to do now."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, time
from typing import Any

from chassis.errors import NotFound
from chassis.unit import Unit
from chassis.working_days import LONDON
from contracts.roles import COORDINATOR
from services.home import store
from services.home.domain import journey, telling

# A consent belongs to a person, and so to each of their referrals.
_OF_A_PERSON = "consent."


def stated_at(unit: Unit) -> datetime:
    """When the fact at hand was stated, however late it is heard."""
    return unit.thread.caused_at or unit.now


def end_of(day: date) -> datetime:
    """The last moment of a day in London."""
    return datetime.combine(day, time.max, LONDON)


def keep(unit: Unit, fact: Any) -> None:
    """Counts a fact, and keeps it on the timeline of its referral when it has a place there."""
    kind, at = fact.FACT, stated_at(unit)
    store.count_one(unit, kind.type, at)
    if kind.name not in telling.TELLINGS:
        return
    given = {one.name: getattr(fact, one.name) for one in fields(fact)}
    referral_id = None if kind.name.startswith(_OF_A_PERSON) else _referral_of(unit, given)
    store.keep_in_timeline(
        unit,
        fact_id=unit.thread.causation_id or unit.ids.new(),
        type=kind.type,
        happened_at=at,
        person_id=given.get("person_id"),
        referral_id=referral_id,
        details=telling.details_of(kind.name, given),
    )


def _referral_of(unit: Unit, given: dict[str, Any]) -> str | None:
    if given.get("referral_id"):
        return str(given["referral_id"])
    thing_id = given.get("support_id") or given.get("match_id")
    return store.referral_of(unit.scope, unit, thing_id) if thing_id else None


def move_journey(unit: Unit, referral_id: str, step: str) -> None:
    """Moves a referral along to a step, never back, and looks again at what is to do for its person."""
    row = _journey(unit, referral_id)
    if row:
        store.change_journey(unit, referral_id, step=journey.furthest(row.step, step))
        settle(unit, referral_id)


def settle(unit: Unit, referral_id: str) -> None:
    """Works out where a person stands, and whether somebody is to be found for them, from all that was heard so far."""
    row = _journey(unit, referral_id)
    if row is None:
        return
    steps = store.open_steps(unit.scope, unit, referral_id)
    stage = journey.stage(row.step, steps)
    if stage == row.stage:
        return
    store.change_journey(unit, referral_id, stage=stage)
    if stage == journey.WAITING:
        store.renew_work(
            unit, "find_peer", referral_id, role=COORDINATOR, person_id=row.person_id, about_id=row.person_id,
            since=row.received_at,
        )  # fmt: skip
    elif row.stage == journey.WAITING:
        store.close_work(unit, "find_peer", referral_id, at=stated_at(unit))


def _journey(unit: Unit, referral_id: str) -> Any | None:
    try:
        return store.journey(unit.scope, unit, referral_id)
    except NotFound:
        return None


def close(unit: Unit, thing: str, *kinds: str, who_id: str = "", until: datetime | None = None) -> bool:
    """Closes what is open of some kinds about something; true when anything was."""
    return store.close_about(unit, thing, kinds, who_id=who_id, until=until) > 0


def close_one(unit: Unit, kind: str, thing: str, whose: str = "", *, ahead: bool = False) -> None:
    """Closes one piece of work; `ahead` is for what another stream opens, which may be heard only later."""
    store.close_work(unit, kind, thing, whose=whose, at=stated_at(unit), ahead=ahead)
