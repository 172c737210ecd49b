"""What supervision brings to a list: a session to plan or confirm; and a worry, to its owner and its raiser alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.roles import NETWORK_LEAD
from contracts.supervision import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernEscalated,
    ConcernHandedOn,
    ConcernRaised,
    SupervisionDue,
    SupervisionHeld,
    SupervisionMissed,
    SupervisionOverdue,
    SupervisionPlanned,
)
from services.home import store
from services.home.actions import hearing

# ---- sessions ----


def on_supervision_due(unit: Unit, fact: SupervisionDue | SupervisionOverdue) -> None:
    """The supervisor plans the session; without one the network lead finds one."""
    store.keep_due(
        unit, peer_id=fact.peer_id, kind=fact.kind, supervisor_id=fact.supervisor_id, due_at=fact.due_at,
        said_at=hearing.stated_at(unit),
    )  # fmt: skip
    _settle(unit, fact.peer_id, fact.kind)


def _settle(unit: Unit, peer_id: str, kind: str) -> None:
    """Works out whether a session is to be planned: sessions and what is owed are heard in either order."""
    owed = f"{peer_id}/{kind}"
    hearing.close(unit, owed, "plan_supervision", "find_supervisor")
    due = store.due(unit.scope, unit, peer_id, kind)
    if due is None:
        return
    whose = {"who_id": due.supervisor_id} if due.supervisor_id else {"role": NETWORK_LEAD}
    store.renew_work(
        unit, "plan_supervision" if due.supervisor_id else "find_supervisor", owed, about_id=peer_id, due_at=due.due_at,
        since=due.said_at, is_open=not due.is_met and not store.is_planned(unit.scope, unit, peer_id, kind), **whose,
    )  # fmt: skip


def on_supervision_planned(unit: Unit, fact: SupervisionPlanned) -> None:
    """Both see when it is; afterwards both say whether it was held."""
    store.keep_session(unit, session_id=fact.session_id, peer_id=fact.peer_id, kind=fact.kind, due_at=fact.due_at)
    _settle(unit, fact.peer_id, fact.kind)
    at = hearing.stated_at(unit)
    sides = (
        ("supervisor_holds", fact.supervisor_id, fact.peer_id),
        ("peer_holds", fact.peer_id, fact.supervisor_id),
    )
    for kind, who_id, about_id in sides:
        store.renew_work(unit, kind, fact.session_id, who_id=who_id, about_id=about_id, due_at=fact.starts_at, since=at)


def on_supervision_held(unit: Unit, fact: SupervisionHeld) -> None:
    """Both have confirmed; what was owed by then is met."""
    found = store.session(unit.scope, unit, fact.session_id)
    if found:
        store.meet_due(unit, fact.peer_id, fact.kind, found.due_at)
    _end_session(unit, fact.session_id)


def on_supervision_missed(unit: Unit, fact: SupervisionMissed) -> None:
    """Nothing is to confirm; what is owed is to be planned again."""
    _end_session(unit, fact.session_id)


def _end_session(unit: Unit, session_id: str) -> None:
    hearing.close(unit, session_id, "supervisor_holds", "peer_holds")
    store.end_session(unit, session_id)
    found = store.session(unit.scope, unit, session_id)
    if found:
        _settle(unit, found.peer_id, found.kind)


# ---- worries ----


def on_concern_raised(unit: Unit, fact: ConcernRaised) -> None:
    """Its owner reads it; without one the network lead sees to it. Whoever raised it sees that it is in hand."""
    _to_read(unit, fact.concern_id, fact.owner_id, fact.acknowledge_by)
    store.open_work(
        unit, "worry_in_hand", fact.concern_id, who_id=fact.raised_by_id, person_id=fact.raised_by_id,
        since=fact.raised_at,
    )  # fmt: skip


def on_concern_handed_on(unit: Unit, fact: ConcernHandedOn) -> None:
    """Its new owner reads it."""
    _to_read(unit, fact.concern_id, fact.owner_id, fact.acknowledge_by)


def on_concern_escalated(unit: Unit, fact: ConcernEscalated) -> None:
    """Someone further up reads it."""
    _to_read(unit, fact.concern_id, fact.owner_id, fact.acknowledge_by)


def _to_read(unit: Unit, concern_id: str, owner_id: str | None, by: datetime) -> None:
    at = hearing.stated_at(unit)
    hearing.close(unit, concern_id, "read_worry", "handle_worry", "worry_unowned")
    if owner_id:
        store.renew_work(unit, "read_worry", concern_id, who_id=owner_id, due_at=by, since=at)
    else:
        store.renew_work(unit, "worry_unowned", concern_id, role=NETWORK_LEAD, due_at=by, since=at)


def on_concern_acknowledged(unit: Unit, fact: ConcernAcknowledged) -> None:
    """Its owner has read it, and has it in hand."""
    hearing.close(unit, fact.concern_id, "read_worry", "worry_unowned")
    store.renew_work(unit, "handle_worry", fact.concern_id, who_id=fact.owner_id, since=fact.acknowledged_at)


def on_concern_closed(unit: Unit, fact: ConcernClosed) -> None:
    """It is at its end, for everyone."""
    hearing.close(unit, fact.concern_id, "read_worry", "handle_worry", "worry_unowned", "worry_in_hand")


DOES: Mapping[type, Reaction] = {
    SupervisionDue: on_supervision_due,
    SupervisionOverdue: on_supervision_due,
    SupervisionPlanned: on_supervision_planned,
    SupervisionHeld: on_supervision_held,
    SupervisionMissed: on_supervision_missed,
    ConcernRaised: on_concern_raised,
    ConcernHandedOn: on_concern_handed_on,
    ConcernEscalated: on_concern_escalated,
    ConcernAcknowledged: on_concern_acknowledged,
    ConcernClosed: on_concern_closed,
}
