"""What is kept and changed; every change says from which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit

from .tables import connections, contacts, meetings, people, supports


def brakes_on(unit: Unit, subjects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, list(subjects))


def keep_called(unit: Unit, table: sa.Table, **row: str) -> None:
    """Keeps what a human being wants to be called, in place of what was known."""
    put(unit.connection, table, row)


def forget_person(unit: Unit, person_id: str) -> None:
    """Lets go of what a person wants to be called, and of every note about them."""
    unit.connection.execute(sa.delete(people).where(people.c.person_id == person_id))
    theirs = (contacts.c.support_id == supports.c.support_id, supports.c.person_id == person_id)
    unit.connection.execute(sa.update(contacts).where(*theirs).values(note=None))


def add(unit: Unit, table: sa.Table, **row: Any) -> bool:
    """Adds a row; false when one with the same key is there already."""
    return insert_or_ignore(unit.connection, table, [row]) == 1


_CHANGE = sa.update(supports).where(
    supports.c.support_id == sa.bindparam("of"), supports.c.state == sa.bindparam("was")
)


def change(unit: Unit, support_id: str, was: str, **columns: Any) -> bool:
    """Changes a support that still stands at `was`; false when somebody was faster."""
    return unit.connection.execute(_CHANGE, {**columns, "of": support_id, "was": was}).rowcount == 1


def tie_meeting(unit: Unit, meeting_id: str, contact_id: str) -> bool:
    """Ties a planned meeting to its contact; false when it has one."""
    rows = sa.update(meetings).where(meetings.c.meeting_id == meeting_id, meetings.c.contact_id.is_(None))
    return unit.connection.execute(rows.values(contact_id=contact_id)).rowcount == 1


def move_connection(unit: Unit, connection_id: str, was: str, **columns: Any) -> bool:
    """Moves a connection that still stands at `was`; false when somebody was faster."""
    rows = sa.update(connections).where(connections.c.connection_id == connection_id, connections.c.state == was)
    return unit.connection.execute(rows.values(**columns)).rowcount == 1
