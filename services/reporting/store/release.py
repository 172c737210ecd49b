"""What may be read: periods, and figures that went through the disclosure step. Doors read this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.events.coverage import covered_until
from chassis.rows import insert_or_ignore
from chassis.unit import Unit
from services.reporting.domain.figures import Cell, Protected
from services.reporting.domain.periods import OPEN, Period
from services.reporting.store.tables import figures, periods


def _within(scope: Scope, query: sa.Select[Any]) -> sa.Select[Any]:
    return query if scope.reach == "network" else query.where(sa.false())


def covers_until(scope: Scope, unit: Unit) -> datetime | None:
    """Up to when everything the network stated is counted here; None before anything was read."""
    return covered_until(unit.connection, unit.service) if scope.reach == "network" else None


def period(scope: Scope, unit: Unit, period_id: str) -> Any:
    """One period with its report; NotFound when it was never opened."""
    query = sa.select(periods).where(periods.c.period_id == period_id)
    row = unit.connection.execute(_within(scope, query)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def periods_listed(scope: Scope, unit: Unit, *, state: str = "") -> Sequence[Any]:
    """Periods, those that began last first and shorter ones first among them; of one state when given."""
    query = _within(scope, sa.select(periods))
    if state:
        query = query.where(periods.c.state == state)
    return unit.connection.execute(query.order_by(periods.c.starts_on.desc(), periods.c.ends_on)).all()


def figures_of(scope: Scope, unit: Unit, period_id: str) -> Mapping[Cell, Protected]:
    """The figures of a period's report by measure and place; none before its first draw."""
    query = sa.select(figures).where(figures.c.period_id == period_id)
    rows = unit.connection.execute(_within(scope, query))
    return {(row.code, row.area): Protected(row.value, row.out_of, row.marker) for row in rows}


def open_period(unit: Unit, made: Period) -> bool:
    """Adds a period that is open; false when it was there already."""
    row = {
        "period_id": made.period_id,
        "kind": made.kind,
        "starts_on": made.starts_on,
        "ends_on": made.ends_on,
        "state": OPEN,
        "opened_at": unit.now,
    }
    return insert_or_ignore(unit.connection, periods, [row]) == 1


def change_open(unit: Unit, period_id: str, **columns: Any) -> bool:
    """Changes a period that is still open; false when it is published, for then nothing of it changes any more."""
    still = sa.update(periods).where(periods.c.period_id == period_id, periods.c.state == OPEN)
    return unit.connection.execute(still.values(**columns)).rowcount == 1


def put_figures(unit: Unit, period_id: str, shown: Mapping[Cell, Protected]) -> None:
    """Puts the figures of an open period in place of those drawn before."""
    unit.connection.execute(sa.delete(figures).where(figures.c.period_id == period_id))
    rows = [{"period_id": period_id, "code": code, "area": area, **vars(one)} for (code, area), one in shown.items()]
    if rows:
        unit.connection.execute(sa.insert(figures), rows)
