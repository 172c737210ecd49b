"""Connections the person wants in their life: found, tried, going, going without the peer; or let go."""

from __future__ import annotations

from typing import Any

from chassis.access import service_scope
from chassis.once import Answer
from chassis.unit import Unit
from contracts.support import ConnectionMoved
from services.support import domain, store
from services.support.actions import changing


def find_connection(unit: Unit, support_id: str, kind: str, what: str) -> Answer:
    """Keeps a role, group or place the person would like; the words are sealed, the step is stated."""
    row = changing.load(unit, support_id, "connect")
    connection_id, today = unit.ids.new(), changing.day_of(unit.now)
    store.add(
        unit,
        store.connections,
        connection_id=connection_id,
        support_id=support_id,
        kind=kind,
        what=unit.ring.seal(row.person_id, changing.NOTES_CLASS, what, field="what"),
        state=domain.FOUND,
        added_at=unit.now,
        moved_on=today,
    )
    _state(unit, row, connection_id, domain.FOUND)
    body = {"connection_id": connection_id, "kind": kind, "state": domain.FOUND, "moved_on": today.isoformat()}
    return Answer(201, body, connection_id)


def move_connection(unit: Unit, support_id: str, connection_id: str, to: str) -> dict[str, Any]:
    """Moves a connection a step or more forward, or lets it go; gives it as it stands then."""
    row = changing.load(unit, support_id, "connect")
    found = store.connection(service_scope(unit.service), unit, support_id, connection_id)
    domain.check_connection_move(found.state, to)
    today = changing.day_of(unit.now)
    if not store.move_connection(unit, connection_id, found.state, state=to, moved_on=today):
        raise domain.ChangedMeanwhile()
    _state(unit, row, connection_id, to)
    return {"connection_id": connection_id, "kind": found.kind, "state": to, "moved_on": today}


def _state(unit: Unit, row: Any, connection_id: str, to: str) -> None:
    fact = ConnectionMoved(
        support_id=row.support_id,
        connection_id=connection_id,
        person_id=row.person_id,
        state=to,
        moved_on=changing.day_of(unit.now),
    )
    changing.state(unit, row, fact)
    unit.note("connection.move", subject=row.person_id, record=connection_id)
