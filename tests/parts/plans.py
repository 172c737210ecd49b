"""What a store asks of PostgreSQL, and how the server would find it: under the policy, and for whom it lets past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from chassis.access import Principal, Scope
from chassis.boundary import NETWORK
from chassis.database import Database
from tests.parts.postgres import BACKUP, ROOM, as_owner

# Rows of each room, over fifty partners, made by the server itself.
MADE = {
    "referrals": """
        INSERT INTO partners SELECT 'p' || n, 'c' || n, 'Partner ' || n, 'voluntary' FROM generate_series(0, 49) n;
        INSERT INTO people SELECT 'x' || n, 'p' || n % 50, 'c', 'c', 'c' || n, 'given', '{}', 'r', false
            FROM generate_series(1, 20000) n;
        INSERT INTO referrals (referral_id, reference, person_id, partner_id, sender_id, door, state, received_at,
                reply_due_at, incomplete, needs, safety, notes, raw, raw_hash)
            SELECT 'r' || n, 'BT-' || n, 'x' || n, 'p' || n % 50, 's', 'api',
                (ARRAY['received', 'waiting', 'closed'])[n % 3 + 1],
                timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2026-01-03' + n * interval '1 minute',
                '[]', 'n', 's', 'n', 'r', 'h' FROM generate_series(1, 20000) n;
        INSERT INTO outbound SELECT 'p' || n % 50, n / 50, 'm' || n, 't', now(), '{}' FROM generate_series(50, 20000) n;
        INSERT INTO outbound_ends SELECT 'p' || n, 400 FROM generate_series(0, 49) n;
    """,
    "matching": """
        INSERT INTO partners SELECT 'p' || n, 'Partner ' || n FROM generate_series(0, 49) n;
        INSERT INTO accounts SELECT 'a' || n, 'p' || n % 50, 'c' FROM generate_series(1, 6000) n;
        INSERT INTO peers SELECT 'a' || n, 'p' || n % 50, 'c', 2, '{}', NULL, false, now()
            FROM generate_series(1, 5000) n;
        INSERT INTO clearances SELECT 'a' || n, true, now() FROM generate_series(1, 5000) n;
        INSERT INTO waits SELECT 'r' || n, 'x' || n, 'p' || n % 50, 'c', 'n', 's', now(), now(), 'waiting'
            FROM generate_series(1, 10000) n;
    """,
    "partners": """
        INSERT INTO partners SELECT 'p' || n, 'c' || n, 'Partner ' || n, 'voluntary', 'north', NULL, 'active', now()
            FROM generate_series(0, 499) n;
        INSERT INTO agreements SELECT 'g' || n, 'p' || n % 500, now(), now(), now() FROM generate_series(1, 1000) n;
        INSERT INTO accounts (account_id, partner_id, called, roles, state, passes_from, opened_at, opened_by)
            SELECT 'a' || n, 'p' || n % 500, 'c', '[]', 'active', 0, now(), 'o' FROM generate_series(1, 20000) n;
    """,
}
Ask = Callable[[Scope, Any], Any]


def fill(url: str, room: str) -> None:
    """Fills a room's database with its rows, and lets the planner count them."""
    owner = Database(as_owner(url))
    with owner.writing(NETWORK) as connection:
        for statement in MADE[room].split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
        connection.exec_driver_sql("ANALYZE")
    owner.close()


def past_it(url: str) -> str:
    """The address of a room's database for the role that row security lets past."""
    return url.replace(f"//{ROOM}:", f"//{BACKUP}:")


@contextmanager
def asked(url: str, bound_to: str) -> Iterator[Any]:
    """Stands in for a unit that only reads: its connection, and every statement asked of it."""
    database, said = Database(url), list[tuple[str, Any]]()

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        said.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", keep)
    with database.reading(bound_to) as connection:
        yield SimpleNamespace(connection=connection, said=said, now=datetime(2026, 3, 2, 10, tzinfo=UTC))
    database.close()


def scope_of(bound_to: str) -> Scope:
    """Who asks: somebody of the partner, or of the network."""
    who = Principal("account", "somebody", bound_to)
    return Scope("network" if bound_to == "network" else "partner", who)


def plan_of(url: str, bound_to: str, ask: Ask) -> list[list[str]]:
    """The steps of each statement a question makes: kinds of nodes, tables, indexes; without what reads the setting."""
    with asked(url, bound_to) as unit:
        ask(scope_of(bound_to), unit)
        plans = []
        for statement, parameters in list(unit.said):
            found = unit.connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            plans.append(list(_steps(found[0]["Plan"])))
        return plans


def _steps(node: dict[str, Any]) -> Iterator[str]:
    if node.get("Parent Relationship") == "InitPlan":
        return
    names = ("Node Type", "Join Type", "Relation Name", "Index Name", "Parent Relationship")
    yield " ".join(str(node[name]) for name in names if name in node)
    for inner in node.get("Plans", ()):
        yield from _steps(inner)
