"""The code of conduct as it was heard of: which version is needed, and when somebody accepted one."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from chassis.access import Scope
from chassis.unit import Unit
from services.supervision.store.tables import acceptances, conducts


def conduct_since(scope: Scope, unit: Unit, day: date) -> date | None:
    """When the version was published that is in force on a day; None before there is one."""
    if scope.reach == "none":
        return None
    query = sa.select(conducts.c.published_on).where(conducts.c.in_force_on <= day)
    found: date | None = unit.connection.execute(query.order_by(conducts.c.version.desc()).limit(1)).scalar()
    return found


def accepted_conduct_on(scope: Scope, unit: Unit, account_id: str) -> date | None:
    """The day an account last accepted the conduct themselves, or None."""
    if scope.reach != "network" and scope.own_id != account_id:
        return None
    query = sa.select(acceptances.c.accepted_on).where(acceptances.c.account_id == account_id)
    found: date | None = unit.connection.execute(query).scalar_one_or_none()
    return found
