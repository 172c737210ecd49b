"""Who is cleared for new matches: recorded by a supervisor, reviewed whenever something it rests on changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chassis.access import service_scope
from chassis.unit import Unit
from chassis.working_days import LONDON
from contracts.supervision import PeerCleared, PeerHeldBack
from services.supervision import store
from services.supervision.domain import standing

# The kind of supervision a new match rests on.
LINE = "line"


def stream(peer_id: str) -> str:
    """The stream of what supervision says of one peer."""
    return f"supervision/peer/{peer_id}"


def today(unit: Unit) -> date:
    """The day it is in London."""
    return unit.now.astimezone(LONDON).date()


def record(unit: Unit, peer_id: str, given: Mapping[str, date | None]) -> None:
    """Records what new matches need of a peer: conduct accepted on, check and training valid until, or nothing known.

    Clears the peer when all holds, or holds them back when they were cleared and it no longer does.
    """
    row = store.peer_to_change(unit.scope, unit, peer_id)
    if peer_id == unit.who.id:
        raise standing.OwnStanding()
    standing.check_conduct_day(given["conduct_accepted_on"], today(unit))
    store.change_peer(unit, row.peer_id, **given)
    unit.note("peer.clear", subject=peer_id, record=peer_id)
    review(unit, peer_id)


def accept_conduct(unit: Unit, account_id: str, accepted_on: date) -> None:
    """Keeps that somebody accepted the conduct themselves; a peer who lacked only that is cleared."""
    store.keep(unit, store.acceptances, account_id=account_id, accepted_on=accepted_on)
    if store.is_peer(service_scope(unit.service), unit, account_id):
        store.change_peer(unit, account_id, conduct_accepted_on=accepted_on)
        review(unit, account_id)


def review(unit: Unit, peer_id: str) -> bool:
    """Looks at everything a peer's standing rests on and states the change, if there is one; true when there was."""
    row = store.peer_to_change(service_scope(unit.service), unit, peer_id)
    gaps = lacking(unit, row)
    then = standing.after(row.standing, gaps)
    if then == row.standing or not store.move_standing(unit, peer_id, row.standing, then):
        return False
    if then == standing.CLEARED:
        unit.state(stream(peer_id), PeerCleared(peer_id=peer_id, cleared_at=unit.now))
        unit.note("peer.cleared", subject=peer_id, record=peer_id)
    else:
        unit.state(stream(peer_id), PeerHeldBack(peer_id=peer_id, held_back_at=unit.now, code=gaps[0]))
        unit.note("peer.held_back", subject=peer_id, record=peer_id, rule=gaps[0])
    return True


def lacking(unit: Unit, row: Any) -> tuple[str, ...]:
    """What a new match needs and this peer does not have now."""
    whole = service_scope(unit.service)
    due = store.owed(whole, unit, row.peer_id, LINE)
    needed = standing.Needed(
        conduct_accepted_on=row.conduct_accepted_on,
        check_valid_until=row.check_valid_until,
        training_valid_until=row.training_valid_until,
        is_overdue=is_overdue(row, due.due_at if due else None, unit.now),
        conduct_since=store.conduct_since(whole, unit, today(unit)),
        own_choice_declines_count=store.own_choice_declines(whole, unit, row.peer_id, LINE),
    )
    return standing.lacking(needed, today(unit), unit.policy.own_choice_declines_count)


def is_overdue(row: Any, due_at: datetime | None, now: datetime) -> bool:
    """Whether a session is owed to a peer past its time; nothing is, during a break."""
    return due_at is not None and due_at < now and not row.is_paused
