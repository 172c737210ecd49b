"""Stating again what was stated: a broker that lost its topics is filled from `facts`, same ids and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.database import Database, take_time
from chassis.events.partitions import bucket_of
from chassis.rows import insert_or_ignore
from chassis.tables import facts, outbox

_BATCH = 1000
# In the order they were stated, so that few must wait for what they require; of one stream always by number.
_LATEST = sa.func.max(facts.c.stated_at).over(partition_by=facts.c.stream, order_by=facts.c.number)
_ALL = sa.select(facts.c.stream, facts.c.number).order_by(_LATEST, facts.c.stream, facts.c.number)


def restate(database: Database, now: datetime) -> int:
    """Stages every fact of a service to be sent once more; gives how many. The relay sends them as it sends all else.

    Whoever applied a fact drops its repeat. One transaction: all are staged anew, or nothing has changed.
    """
    with database.writing() as connection:
        take_time(connection)
        # What waits to be sent is among the facts, and takes its place in the order.
        connection.execute(sa.delete(outbox))
        found = connection.execute(_ALL, execution_options={"yield_per": _BATCH})
        return sum(_stage(connection, batch, now) for batch in found.partitions())


def _stage(connection: sa.Connection, batch: Sequence[Any], now: datetime) -> int:
    rows = [
        {"bucket": bucket_of(stream), "stream": stream, "number": number, "staged_at": now} for stream, number in batch
    ]
    # What somebody stated meanwhile is there already.
    insert_or_ignore(connection, outbox, rows)
    return len(rows)
