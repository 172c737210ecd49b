"""Supervision sessions: owed, planned by the supervisor, held when both confirm, made up for when missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.supervision import SupervisionDue, SupervisionHeld, SupervisionMissed, SupervisionPlanned
from services.supervision import store
from services.supervision.actions import standing, telling
from services.supervision.domain import sessions as rules


def stream(session_id: str) -> str:
    """The stream of one session's facts."""
    return f"supervision/session/{session_id}"


def entitled_days(unit: Unit) -> Mapping[str, int]:
    """Every how many days a peer is entitled to each kind of session; a kind not named is held without being owed."""
    return {standing.LINE: unit.policy.line_days}


# ---- what is owed


def owe(unit: Unit, peer: Any, kind: str, due_at: datetime, number: int = 1) -> None:
    """Opens what is owed to a peer; does nothing when this number was opened before."""
    row = {"peer_id": peer.peer_id, "kind": kind, "number": number, "due_at": due_at, "state": rules.OPEN}
    if not store.add(unit, store.dues, row):
        return
    _state_due(unit, peer, kind, due_at)


def _state_due(unit: Unit, peer: Any, kind: str, due_at: datetime) -> None:
    fact = SupervisionDue(
        peer_id=peer.peer_id,
        partner_id=peer.partner_id,
        supervisor_id=peer.supervisor_id,
        kind=kind,
        due_at=due_at,
    )
    unit.state(standing.stream(peer.peer_id), fact)


def tell_of_supervisor(unit: Unit, peer: Any) -> None:
    """Says anew of all that is owed to a peer: somebody else plans it from now on."""
    for kind in entitled_days(unit):
        due = store.owed(service_scope(unit.service), unit, peer.peer_id, kind)
        if due is not None:
            _state_due(unit, peer, kind, due.due_at)


def give_to(unit: Unit, planned: Any, supervisor_id: str) -> None:
    """Makes a planned session another supervisor's, at the same time; both confirm it as before."""
    _change(unit, planned, supervisor_id=supervisor_id)
    fact = SupervisionPlanned(
        session_id=planned.session_id, peer_id=planned.peer_id, supervisor_id=supervisor_id, kind=planned.kind,
        starts_at=planned.starts_at, due_at=planned.due_at,
    )  # fmt: skip
    unit.state(stream(planned.session_id), fact)
    unit.note("supervision.hand_over", subject=planned.peer_id, record=planned.session_id)


def owe_first(unit: Unit, peer: Any, from_at: datetime) -> None:
    """Makes sure that every kind a peer is entitled to is owed, at the latest its own days after `from_at`."""
    whole = service_scope(unit.service)
    for kind, days in entitled_days(unit).items():
        due_at = rules.next_due(from_at, days)
        open_now = store.owed(whole, unit, peer.peer_id, kind)
        if open_now is None:
            owe(unit, peer, kind, due_at)
        elif due_at < open_now.due_at:
            move_due(unit, peer, open_now, due_at)


def move_due(unit: Unit, peer: Any, due: Any, due_at: datetime) -> None:
    """Moves when something owed is due."""
    if due_at != due.due_at and store.change_due(unit, due, due_at=due_at):
        _state_due(unit, peer, due.kind, due_at)


def _owe_next(unit: Unit, peer: Any, kind: str, settled_as: str, due_at: datetime | None) -> None:
    """Settles what is owed, and opens the next; a kind that is not owed stays so."""
    due = store.owed(service_scope(unit.service), unit, peer.peer_id, kind)
    if due is not None and due_at is not None and store.change_due(unit, due, state=settled_as):
        owe(unit, peer, kind, due_at, due.number + 1)


# ---- planned


def plan(unit: Unit, peer_id: str, starts_at: datetime, kind: str) -> str:
    """Plans a session with the supervisor who asks, or moves the one already planned; gives its id.

    The same time again changes nothing. A time a few days back writes down a session that was held unplanned.
    """
    policy = unit.policy
    rules.check_time(starts_at, unit.now, back_days=policy.record_back_days, ahead_days=policy.plan_ahead_days)
    peer = store.peer_to_change(unit.scope, unit, peer_id)
    planned = store.planned_session(service_scope(unit.service), unit, peer_id, kind)
    if planned is not None:
        rules.check_may_move(_read(planned), starts_at, unit.now)
        if planned.starts_at == starts_at:
            return str(planned.session_id)
    due = store.owed(service_scope(unit.service), unit, peer_id, kind)
    fact = SupervisionPlanned(
        session_id=planned.session_id if planned is not None else unit.ids.new(),
        peer_id=peer_id,
        supervisor_id=unit.who.id,
        kind=kind,
        starts_at=starts_at,
        due_at=due.due_at if due is not None else starts_at,
    )
    if planned is None:
        store.add(unit, store.sessions, {**vars(fact), "state": rules.PLANNED})
    else:
        _change(unit, planned, supervisor_id=fact.supervisor_id, due_at=fact.due_at, starts_at=starts_at)
    unit.state(stream(fact.session_id), fact)
    if starts_at > unit.now:
        telling.tell(unit, peer_id, "session", "session")
    unit.note("supervision.plan", subject=peer.peer_id, record=fact.session_id)
    return fact.session_id


# ---- held, missed, declined


def confirm(unit: Unit, session_id: str) -> None:
    """Takes in that whoever asks says the session was held; with both words it is, and the next is owed."""
    row = store.session(unit.scope, unit, session_id, to_change=True)
    by_supervisor, by_peer = unit.who.id == row.supervisor_id, unit.who.id == row.peer_id
    supervisor, peer, then = rules.confirm(_read(row), unit.now, by_supervisor=by_supervisor, by_peer=by_peer)
    if row.state != rules.PLANNED:
        return
    _change(
        unit,
        row,
        state=then,
        supervisor_confirmed_at=row.supervisor_confirmed_at or (unit.now if supervisor else None),
        peer_confirmed_at=row.peer_confirmed_at or (unit.now if peer else None),
        settled_at=unit.now if then == rules.HELD else None,
    )
    unit.note("supervision.confirm", subject=row.peer_id, record=session_id)
    if then == rules.HELD:
        _follow_held(unit, row)


def _follow_held(unit: Unit, row: Any) -> None:
    fact = SupervisionHeld(
        session_id=row.session_id,
        peer_id=row.peer_id,
        supervisor_id=row.supervisor_id,
        kind=row.kind,
        held_at=row.starts_at,
    )
    unit.state(stream(row.session_id), fact)
    peer = store.peer_to_change(service_scope(unit.service), unit, row.peer_id)
    days = entitled_days(unit).get(row.kind)
    _owe_next(unit, peer, row.kind, rules.MET, rules.next_due(row.starts_at, days) if days else None)
    standing.review(unit, row.peer_id)


def miss(unit: Unit, session_id: str, missed_by: str) -> None:
    """Records that a session did not take place, and because of whom; it is made up for, and is no mark on anyone."""
    row = store.session(unit.scope, unit, session_id, to_change=True)
    rules.check_open(_read(row))
    _change(unit, row, state=rules.MISSED, missed_by=missed_by, settled_at=unit.now)
    _state_missed(unit, row, missed_by)
    peer = store.peer_to_change(service_scope(unit.service), unit, row.peer_id)
    due = store.owed(service_scope(unit.service), unit, row.peer_id, row.kind)
    missed_at = max(row.starts_at, unit.now)
    make_up = rules.make_up_due(due.due_at, missed_at, unit.policy.make_up_days) if due is not None else None
    _owe_next(unit, peer, row.kind, rules.MISSED, make_up)
    unit.note("supervision.missed", subject=row.peer_id, record=session_id)
    standing.review(unit, row.peer_id)


def decline(unit: Unit, session_id: str, because: str) -> None:
    """The peer does not take an offered time; what is owed stays owed, and another time is offered.

    An own choice counts only when the peer is on no break; `not_possible` needs no more words and never counts.
    """
    row = store.session(unit.scope, unit, session_id, to_change=True)
    rules.check_may_decline(_read(row), unit.now)
    peer = store.peer_to_change(service_scope(unit.service), unit, row.peer_id)
    counts = because == rules.OWN_CHOICE and not peer.is_paused
    kept = rules.OWN_CHOICE if counts else rules.NOT_POSSIBLE
    missed_by = "peer" if counts else "other"
    _change(unit, row, state=rules.DECLINED, missed_by=missed_by, because=kept, settled_at=unit.now)
    _state_missed(unit, row, missed_by)
    unit.note("supervision.decline", subject=row.peer_id, record=session_id)
    standing.review(unit, row.peer_id)


def _state_missed(unit: Unit, row: Any, missed_by: str) -> None:
    fact = SupervisionMissed(
        session_id=row.session_id,
        peer_id=row.peer_id,
        supervisor_id=row.supervisor_id,
        missed_by=missed_by,
        missed_at=unit.now,
    )
    unit.state(stream(row.session_id), fact)


def come_back(unit: Unit, peer: Any, resumed_at: datetime) -> None:
    """Gives a peer who is back from a break time for what fell due meanwhile."""
    whole = service_scope(unit.service)
    for kind in entitled_days(unit):
        due = store.owed(whole, unit, peer.peer_id, kind)
        if due is not None and due.due_at < resumed_at + timedelta(days=unit.policy.after_break_days):
            move_due(unit, peer, due, rules.due_after_break(due.due_at, resumed_at, unit.policy.after_break_days))


def _read(row: Any) -> rules.Session:
    return rules.Session(
        row.state, row.starts_at, row.supervisor_confirmed_at is not None, row.peer_confirmed_at is not None
    )


def _change(unit: Unit, row: Any, **columns: Any) -> None:
    if not store.change_session(unit, row.session_id, row.state, **columns):
        raise rules.SessionSettled()
