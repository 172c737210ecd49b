"""The code of conduct: its versions, and who accepted which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .tables import acceptances, conducts


def conduct_versions(scope: Scope, unit: Unit) -> Sequence[Any]:
    """Every version, the newest first; the text is public, and who published it the network's alone."""
    hidden = () if scope.reach == "network" else (conducts.c.published_by,)
    columns = [column for column in conducts.c if column not in hidden]
    return unit.connection.execute(sa.select(*columns).order_by(conducts.c.version.desc())).all()


def add_conduct(unit: Unit, **row: Any) -> bool:
    """Adds a version; false when somebody was faster with that number."""
    return insert_or_ignore(unit.connection, conducts, [row]) == 1


def accepted_version(scope: Scope, unit: Unit, account_id: str) -> int:
    """The newest version an account accepted; 0 for none. Whoever asks for their own sees their own alone."""
    if scope.reach != "network" and scope.who.id != account_id:
        return 0
    query = sa.select(sa.func.max(acceptances.c.version)).where(acceptances.c.account_id == account_id)
    return int(unit.connection.execute(query).scalar() or 0)


def add_acceptance(unit: Unit, account_id: str, version: int) -> bool:
    """Keeps that somebody accepted a version; false when they did so before."""
    row = {"account_id": account_id, "version": version, "accepted_at": unit.now}
    return insert_or_ignore(unit.connection, acceptances, [row]) == 1
