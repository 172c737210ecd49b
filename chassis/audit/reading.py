"""Reads a room's audit rows for whoever checks or exports them, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.audit.heads import Head
from chassis.audit.telling import head_of
from chassis.audit.verifying import Row
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.tables import audit, audit_heads

_BATCH = 5000


def sealed_rows(database: Database) -> Iterator[Row]:
    """Every sealed row in the order of the chain; no transaction is held between two batches."""
    # Whatever somebody wrote into a place, also one below the first, is looked at.
    last = -(2**63) + 1
    while True:
        query = sa.select(audit).where(audit.c.place > last).order_by(audit.c.place).limit(_BATCH)
        with database.reading(NETWORK) as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1]["place"]


def unsealed_count(database: Database) -> int:
    """How many rows wait to be sealed."""
    with database.reading(NETWORK) as connection:
        return int(connection.execute(sa.select(sa.func.count()).where(audit.c.place.is_(None))).scalar_one())


def own_heads(database: Database, room: str) -> list[Head]:
    """The heads kept in the room's own database."""
    with database.reading(NETWORK) as connection:
        rows = connection.execute(sa.select(audit_heads).order_by(audit_heads.c.number)).all()
    return [head_of(row, room) for row in rows]


def about(subject: str) -> sa.Subquery:
    """The audit rows about one human being: those that are sealed, found by whom they are about, and the few others."""
    theirs = sa.select(audit).where(audit.c.subject == subject)
    return sa.union_all(theirs.where(audit.c.place.is_not(None)), theirs.where(audit.c.place.is_(None))).subquery(
        "about"
    )


def rows_of_subject(scope: Scope, connection: sa.Connection, subject: str, limit: int = 0) -> list[dict[str, Any]]:
    """The audit rows about one human being, newest first; whoever looks at their own sees those about themselves."""
    rows = about(subject)
    query = sa.select(rows).order_by(rows.c.sequence.desc())
    if scope.reach != "network":
        query = query.where(rows.c.subject == (scope.own_id or ""))
    return [dict(row._mapping) for row in connection.execute(query.limit(limit) if limit else query)]
