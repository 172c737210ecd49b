"""Seals audit rows into the chain, in short transactions beside the work: a process that dies only delays it.

A row gets its place when it is sealed, and places have no gaps: numbers that a transaction drew and gave back leave
none behind, and a row that commits after higher numbers were sealed comes after them. Two processes may seal at once:
whoever is second finds the rows taken and changes nothing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.audit import chain
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.errors import Retry
from chassis.tables import audit

BATCH = 500
_ONE_SEALER = sa.text("SELECT pg_try_advisory_xact_lock(7302031)")
_OPEN = sa.select(audit).where(audit.c.place.is_(None)).order_by(audit.c.sequence).limit(BATCH)
_LAST = sa.select(audit.c.place, audit.c.hash).where(audit.c.place.is_not(None)).order_by(audit.c.place.desc()).limit(1)
_EACH = sa.text("UPDATE audit SET place = :place, hash = :hash WHERE sequence = :sequence AND place IS NULL")
_TOGETHER = sa.text(
    "UPDATE audit SET place = given.place, hash = given.hash"
    " FROM unnest(:sequences, :places, :hashes) AS given(sequence, place, hash)"
    " WHERE audit.sequence = given.sequence AND audit.place IS NULL"
).bindparams(
    sa.bindparam("sequences", type_=sa.ARRAY(sa.BigInteger)),
    sa.bindparam("places", type_=sa.ARRAY(sa.BigInteger)),
    sa.bindparam("hashes", type_=sa.ARRAY(sa.Text)),
)


class SealedMeanwhile(Retry):
    """Another process sealed these rows a moment ago."""


def seal(database: Database, room: str) -> int:
    """Seals what is not sealed yet, a batch in each transaction; gives how many rows that were."""
    done = 0
    while some := _seal_some(database, room):
        done += some
        if some < BATCH:
            break
    return done


def _seal_some(database: Database, room: str) -> int:
    with database.reading(NETWORK) as connection:
        if connection.execute(_OPEN.limit(1)).first() is None:
            return 0
    with database.writing(NETWORK) as connection:
        # The lock saves work; what holds is that a row is sealed only while it has no place, and no place twice.
        if not database.is_sqlite and not connection.execute(_ONE_SEALER).scalar():
            return 0
        rows = connection.execute(_OPEN).all()
        last = connection.execute(_LAST).first()
        place, before = (int(last.place), str(last.hash)) if last else (0, chain.first(room))
        sealed = []
        for row in rows:
            place += 1
            before = chain.hash_of(before, {**row._mapping, "place": place})
            sealed.append({"sequence": row.sequence, "place": place, "hash": before})
        if sealed and _write(connection, sealed) != len(sealed):
            raise SealedMeanwhile()
    return len(sealed)


def _write(connection: sa.Connection, sealed: list[dict[str, Any]]) -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.execute(_EACH, sealed).rowcount)
    lists = {f"{name}s" if name != "hash" else "hashes": [one[name] for one in sealed] for name in sealed[0]}
    return int(connection.execute(_TOGETHER, lists).rowcount)
