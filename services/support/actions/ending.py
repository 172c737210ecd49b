"""How a support rests, goes on and ends; an ending says which connections are alive, or honestly that none is yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.support import SupportEnded, SupportPaused, SupportResumed
from services.support import domain, store
from services.support.actions import changing


def pause(unit: Unit, support_id: str, paused_by: str | None = None) -> None:
    """Lets a support rest, without a reason; `paused_by` is whoever speaks when not given."""
    row = changing.load(unit, support_id, "pause")
    side = changing.side_of(row, unit.who)
    paused_by = paused_by or side
    domain.check_may_say(side, paused_by, "paused_by")
    today = changing.day_of(unit.now)
    changing.save(unit, row, state=domain.PAUSED, paused_on=today, paused_by=paused_by)
    fact = SupportPaused(
        support_id=support_id, person_id=row.person_id, peer_id=row.peer_id, paused_on=today, paused_by=paused_by
    )
    changing.state(unit, row, fact)
    unit.note("support.pause", subject=row.person_id, record=support_id)


def resume(unit: Unit, support_id: str) -> None:
    """Goes on after a rest."""
    row = changing.load(unit, support_id, "resume")
    changing.save(unit, row, state=domain.ACTIVE, paused_on=None, paused_by=None)
    today = changing.day_of(unit.now)
    fact = SupportResumed(support_id=support_id, person_id=row.person_id, peer_id=row.peer_id, resumed_on=today)
    changing.state(unit, row, fact)
    unit.note("support.resume", subject=row.person_id, record=support_id)


def end(unit: Unit, support_id: str, ending: str, agreed_by: str, wants_return: bool | None = None) -> None:
    """Ends a support: how, agreed by whom, and whether the person waits again with their place kept.

    Refuses to speak for another side, and a swap without a return. Which connections are alive is counted, not asked.
    """
    row = changing.load(unit, support_id, "end")
    domain.check_may_say(changing.side_of(row, unit.who), agreed_by, "agreed_by")
    returns = domain.comes_back(ending, wants_return)
    _end(unit, row, ending, agreed_by, wants_return=returns, ended_on=changing.day_of(unit.now))


def end_with_referral(unit: Unit, referral_id: str, closed_at: datetime) -> None:
    """Ends what is under way for a referral the person took back, once, on that day; what had not begun is let go."""
    _end_all(unit, store.ids_of(service_scope(unit.service), unit, referral_id=referral_id), closed_at)


def end_with_person(unit: Unit, person_id: str, forgotten_at: datetime) -> None:
    """Ends what is under way for somebody who is forgotten; what had not begun is let go."""
    rows = store.supports_of_person(service_scope(unit.service), unit, person_id)
    _end_all(unit, [row.support_id for row in rows], forgotten_at)


def _end_all(unit: Unit, support_ids: Iterable[str], at: datetime) -> None:
    whole = service_scope(unit.service)
    for support_id in support_ids:
        row = store.support(whole, unit, support_id, to_change=True)
        if row.state == domain.AGREED:
            changing.save(unit, row, state=domain.RELEASED)
        elif row.state in domain.LIVE:
            day = changing.day_of(at)
            _end(unit, row, "early_by_choice", domain.PERSON, wants_return=False, ended_on=day)


def _end(unit: Unit, row: Any, ending: str, agreed_by: str, *, wants_return: bool, ended_on: date) -> None:
    whole = service_scope(unit.service)
    alive = [one for one in store.connections_of(whole, unit, [row.support_id]) if one.state in domain.ALIVE]
    how: dict[str, Any] = {"ending": ending, "agreed_by": agreed_by, "wants_return": wants_return, "ended_on": ended_on}
    changing.save(unit, row, state=domain.ENDED, paused_on=None, paused_by=None, **how)
    fact = SupportEnded(
        support_id=row.support_id,
        match_id=row.match_id,
        referral_id=row.referral_id,
        person_id=row.person_id,
        peer_id=row.peer_id,
        contacts_made_count=store.count_contacts_made(whole, unit, row.support_id),
        connections_alive_count=len(alive),
        **how,
    )
    changing.state(unit, row, fact)
    changing.tell_peer(unit, row, "ending")
    unit.note("support.end", subject=row.person_id, record=row.support_id)
