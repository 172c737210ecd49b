"""Who has looked at whose record, and how far the audit trails of the rooms go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.audit.reading import about
from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit

from .tables import kept_heads, records_seen

# Whoever only works for the house, or has not said who they are, looks at nothing.
_LOOKING = ("account", "system", "person")


def keep_seen(
    unit: Unit, subject_ids: Collection[str], *, seen_at: datetime, roles: str, partner_id: str, purpose: str
) -> None:
    """Keeps whose records were seen; the same in the same minute is kept once."""
    same = {"seen_at": seen_at, "roles": roles, "partner_id": partner_id, "purpose": purpose}
    insert_or_ignore(unit.connection, records_seen, [{"subject_id": one, **same} for one in sorted(set(subject_ids))])


def forget_seen(unit: Unit, subject_id: str) -> None:
    """Lets go of who looked at the record of somebody who is forgotten; the audit trails keep it under their id."""
    unit.connection.execute(sa.delete(records_seen).where(records_seen.c.subject_id == subject_id))


def seen_elsewhere(scope: Scope, unit: Unit, limit: int) -> Sequence[Any]:
    """Who looked at the record of whoever asks in other rooms, newest first."""
    query = sa.select(records_seen).where(records_seen.c.subject_id == (scope.own_id or ""))
    return unit.connection.execute(query.order_by(records_seen.c.seen_at.desc()).limit(limit)).all()


def seen_here(scope: Scope, unit: Unit, actions: Collection[str], limit: int) -> Sequence[Any]:
    """Who looked at the record of whoever asks in this room, newest first, as its own audit trail has it."""
    rows = about(scope.own_id or "")
    query = sa.select(rows).where(
        rows.c.action.in_(sorted(actions)), rows.c.outcome == "done", rows.c.who_kind.in_(_LOOKING)
    )
    return unit.connection.execute(query.order_by(rows.c.sequence.desc()).limit(limit)).all()


def keep_head(unit: Unit, **row: Any) -> None:
    """Keeps the head of a room's audit trail."""
    put(unit.connection, kept_heads, row)


def heads_of(scope: Scope, unit: Unit, room: str) -> Sequence[Any]:
    """The heads a room stated; only across the whole network."""
    if scope.reach != "network":
        return []
    query = sa.select(kept_heads).where(kept_heads.c.room == room).order_by(kept_heads.c.published_at)
    return unit.connection.execute(query).all()
