"""Up to when a consumer knows everything the network stated, as far as the carrier held it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from chassis.tables import caught_up, parked, unreadable, waiting


def covered_until(connection: sa.Connection, consumer: str) -> datetime | None:
    """Up to when everything on the carrier is applied; None means never.

    What waits, is parked or could not be read holds it back until it goes on, is given up or put away by people.
    """
    read = connection.execute(sa.select(sa.func.min(caught_up.c.at)).where(caught_up.c.consumer == consumer)).scalar()
    if read is None:
        return None
    held: list[datetime | None] = [
        connection.execute(sa.select(sa.func.min(table.c.since)).where(table.c.consumer == consumer, *still)).scalar()
        for table, *still in ((waiting,), (parked,), (unreadable, unreadable.c.asking_id.is_(None)))
    ]
    moments: list[datetime] = [moment for moment in (read, *held) if moment is not None]
    return min(moments)
