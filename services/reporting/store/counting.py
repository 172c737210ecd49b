"""What is counted: one row per fact, and the group codes apart. Read by the draw alone; no door imports this."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit
from services.reporting.domain.picture import Event
from services.reporting.store.tables import draws, events_counted, groups, pairs, severed

_IS_SEVERED = sa.select(severed.c.fact_id).where(severed.c.fact_id == sa.bindparam("fact"))
# Referrals, partners and peers counted here are nobody's own: whoever may not see the whole sees nothing.
_COLUMNS = (
    "kind", "on_day", "due_on", "referral_id", "match_id", "support_id", "session_id", "peer_id", "partner_id", "code",
    "number", "returns",
)  # fmt: skip


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    return query if scope.reach == "network" else query.where(sa.false())


def events(scope: Scope, unit: Unit) -> Sequence[Event]:
    """Every row counted, each with the area it belongs to; a referral's comes by way of its reporting id."""
    area = sa.func.coalesce(groups.c.area, events_counted.c.area)
    # A severed row has the reporting id in place of the referral's.
    reporting_id = sa.func.coalesce(pairs.c.reporting_id, events_counted.c.referral_id)
    query = sa.select(*(events_counted.c[name] for name in _COLUMNS), area)
    query = query.select_from(
        events_counted.outerjoin(pairs, pairs.c.referral_id == events_counted.c.referral_id).outerjoin(
            groups, groups.c.reporting_id == reporting_id
        )
    )
    return [Event._make(row) for row in unit.connection.execute(_within(scope, query))]


def row_count(scope: Scope, unit: Unit) -> int:
    """How many rows there are of what a draw reads; it grows with every fact that changes a figure.

    A pair comes with the row of its referral; severing one changes no figure.
    """
    tables = (events_counted, groups)
    counts = (sa.select(sa.func.count()).select_from(table) for table in tables)
    return sum(int(unit.connection.execute(_within(scope, query)).scalar() or 0) for query in counts)


def first_day(scope: Scope, unit: Unit) -> date | None:
    """The day the first referral counted came in; days that human beings typed reach further back, also by mistake."""
    query = sa.select(sa.func.min(events_counted.c.on_day)).where(events_counted.c.kind == "referral.received")
    found: date | None = unit.connection.execute(_within(scope, query)).scalar()
    return found


def last_draw(scope: Scope, unit: Unit, period_id: str) -> Any | None:
    """From how many rows and on which day an open period was last drawn, or None."""
    query = sa.select(draws).where(draws.c.period_id == period_id)
    return unit.connection.execute(_within(scope, query)).one_or_none()


def keep_draw(unit: Unit, period_id: str, row_count: int, on_day: date) -> None:
    """Keeps what an open period was drawn from."""
    put(unit.connection, draws, {"period_id": period_id, "row_count": row_count, "on_day": on_day})


def add(unit: Unit, fact_id: str, kind: str, on_day: date, **columns: Any) -> bool:
    """Adds the row of one fact; false when it was counted before."""
    if unit.connection.execute(_IS_SEVERED, {"fact": fact_id}).first() is not None:
        return False
    row = {"fact_id": fact_id, "kind": kind, "on_day": on_day, "is_severed": False, **columns}
    return insert_or_ignore(unit.connection, events_counted, [row]) == 1


def pair(unit: Unit, **row: Any) -> None:
    """Ties a referral to the reporting id its group codes come under."""
    insert_or_ignore(unit.connection, pairs, [row])


def put_groups(unit: Unit, reporting_id: str, **codes: Any) -> None:
    """Keeps the group codes of a reporting id; stated again, the newer ones hold."""
    put(unit.connection, groups, {"reporting_id": reporting_id, **codes})
