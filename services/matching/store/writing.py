"""What is kept and changed; every change says from which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.rows import insert_or_ignore, put
from chassis.unit import Unit
from services.matching.store.tables import accounts, matches, options, peers, waits

# Changed so often that the statement is made once.
_ANY_OF: sa.BindParameter[list[str]] = sa.bindparam("was", expanding=True)
_ONE_WAIT = sa.update(waits).where(waits.c.referral_id == sa.bindparam("of"), waits.c.state.in_(_ANY_OF))
_ONE_MATCH = sa.update(matches).where(matches.c.match_id == sa.bindparam("of"), matches.c.state == sa.bindparam("was"))
_ONE_OPTION = sa.update(options).where(
    options.c.match_id == sa.bindparam("of"),
    options.c.peer_id == sa.bindparam("whose"),
    options.c.state.in_(_ANY_OF),
)


def brakes_on(unit: Unit, subjects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The restrictions now on some subjects, those without any left out."""
    from chassis.events.brakes import braked

    return braked(unit.connection, list(subjects))


def keep(unit: Unit, table: sa.Table, **row: Any) -> None:
    """Adds a row, or replaces the one with the same key."""
    put(unit.connection, table, row)


def drop_account(unit: Unit, account_id: str) -> None:
    """Forgets that an account may join as a peer."""
    unit.connection.execute(sa.delete(accounts).where(accounts.c.account_id == account_id))


def add(unit: Unit, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Adds rows."""
    unit.connection.execute(sa.insert(table), [dict(row) for row in rows])


def add_once(unit: Unit, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Adds a row; false when one with the same key is there already."""
    return insert_or_ignore(unit.connection, table, [dict(row)]) == 1


def change_peer(unit: Unit, peer_id: str, **columns: Any) -> None:
    """Changes a peer's row."""
    unit.connection.execute(sa.update(peers).where(peers.c.peer_id == peer_id).values(**columns))


def change_waiting(unit: Unit, referral_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes a person's wait that stands at one of the states `was`; false when it does not."""
    return unit.connection.execute(_ONE_WAIT, {**columns, "of": referral_id, "was": list(was)}).rowcount == 1


def change_match(unit: Unit, match_id: str, was: str, **columns: Any) -> bool:
    """Changes a match that still stands at `was`; false when somebody was faster."""
    return unit.connection.execute(_ONE_MATCH, {**columns, "of": match_id, "was": was}).rowcount == 1


def change_option(unit: Unit, match_id: str, peer_id: str, was: Iterable[str], **columns: Any) -> bool:
    """Changes an option that stands at one of the states `was`; false when it does not."""
    same = {"of": match_id, "whose": peer_id, "was": list(was)}
    return unit.connection.execute(_ONE_OPTION, {**columns, **same}).rowcount == 1


def forget_person(unit: Unit, person_id: str) -> None:
    """Lets go of what was asked about a person before an offer; the steps of their matches stay, as codes."""
    unit.connection.execute(sa.update(matches).where(matches.c.person_id == person_id).values(asked_about=[]))
