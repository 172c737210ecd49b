"""Up to when a consumer knows everything the network stated, as far as the carrier held it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from chassis.tables import caught_up, parked, unreadable, waiting


def covered_until(connection: sa.Connection, consumer: str) -> datetime | None:
    """Up to when everything on the carrier is applied; what waits or is parked holds it back. None means never."""
    read = connection.execute(sa.select(sa.func.min(caught_up.c.at)).where(caught_up.c.consumer == consumer)).scalar()
    if read is None:
        return None
    held: list[datetime | None] = [
        connection.execute(sa.select(sa.func.min(table.c.since)).where(table.c.consumer == consumer)).scalar()
        for table in (waiting, parked, unreadable)
    ]
    moments: list[datetime] = [moment for moment in (read, *held) if moment is not None]
    return min(moments)
