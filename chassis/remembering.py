"""A room and the key store of one mind about who is forgotten, whichever of them was put back from an older copy.

Each knows it by itself: a room by the brake that `person.forgotten` left, the key store by its gravestones. What one of
them lacks it is told by the other, before the room's doors open and at every tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from chassis.database import Database
from chassis.errors import Retry
from chassis.events.envelope import FORGOTTEN
from chassis.granted import ServiceKeys
from chassis.rows import insert_or_ignore
from chassis.tables import brakes

_OURS = sa.select(brakes.c.subject).where(brakes.c.kind == FORGOTTEN, brakes.c.is_on)
_COUNT = sa.select(sa.func.count()).select_from(_OURS.subquery())


class Remembering:
    """What one process of a room compares, and when it last did."""

    def __init__(self, database: Database, keys: ServiceKeys) -> None:
        self._database, self._keys = database, keys
        self._known: tuple[int, int] | None = None

    def look(self) -> int:
        """Compares when anything changed; gives how many people were told to either side.

        A room that may destroy keys destroys those of whom the key store did not know; every other lets nothing of
        theirs open meanwhile. Whoever it did not know itself is there for nobody from now on.
        """
        with self._database.reading() as connection:
            count = int(connection.execute(_COUNT).scalar_one())
        try:
            known = (count, self._keys.count_graves())
            if known == self._known:
                return 0
            graves = self._keys.graves()
        except Retry:
            self._keys.withhold(self._ours())
            raise
        ours = self._ours()
        told = self._tell_the_store(ours - graves.keys())
        unknown = {owner: at for owner, at in graves.items() if owner not in ours}
        if unknown:
            self._tell_the_room(unknown)
        # What both were told is looked at once more at the next tick, and agrees then.
        self._known = None if told or unknown else known
        return told + len(unknown)

    def _ours(self) -> set[str]:
        with self._database.reading() as connection:
            return set(connection.execute(_OURS).scalars())

    def _tell_the_store(self, lacking: set[str]) -> int:
        self._keys.withhold(lacking)
        if not self._keys.may_forget:
            return 0
        for owner_id in sorted(lacking):
            self._keys.forget(owner_id)
        self._keys.withhold(())
        return len(lacking)

    def _tell_the_room(self, unknown: Mapping[str, datetime]) -> None:
        # No stream and number 0: the fact itself, whenever it is heard, is higher.
        rows = [
            {"kind": FORGOTTEN, "subject": owner, "stream": "", "number": 0, "is_on": True, "since": at}
            for owner, at in unknown.items()
        ]
        with self._database.writing() as connection:
            insert_or_ignore(connection, brakes, rows)
