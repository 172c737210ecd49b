"""What is kept and changed; every change says from which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.database import put
from chassis.unit import Unit
from services.matching.store.tables import matches, options, peers, waits


def brakes_on(unit: Unit, subjects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, list(subjects))


def keep(unit: Unit, table: sa.Table, **row: Any) -> None:
    """Adds a row, or replaces the one with the same key."""
    put(unit.connection, table, row)


def add(unit: Unit, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Adds rows."""
    unit.connection.execute(sa.insert(table), [dict(row) for row in rows])


def change_peer(unit: Unit, peer_id: str, **columns: Any) -> None:
    """Changes a peer's row."""
    unit.connection.execute(sa.update(peers).where(peers.c.peer_id == peer_id).values(**columns))


def change_waiting(unit: Unit, referral_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes a person's wait that stands at one of the states `was`; false when it does not."""
    rows = sa.update(waits).where(waits.c.referral_id == referral_id, waits.c.state.in_(list(was)))
    return unit.connection.execute(rows.values(**columns)).rowcount == 1


def change_match(unit: Unit, match_id: str, was: str, **columns: Any) -> bool:
    """Changes a match that still stands at `was`; false when somebody was faster."""
    rows = sa.update(matches).where(matches.c.match_id == match_id, matches.c.state == was)
    return unit.connection.execute(rows.values(**columns)).rowcount == 1


def change_option(unit: Unit, match_id: str, peer_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes an option that stands at one of the states `was`; false when it does not."""
    rows = sa.update(options).where(
        options.c.match_id == match_id, options.c.peer_id == peer_id, options.c.state.in_(list(was))
    )
    return unit.connection.execute(rows.values(**columns)).rowcount == 1
