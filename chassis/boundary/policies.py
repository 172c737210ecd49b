"""Row-level security of PostgreSQL on every table with a partner's column, made from the catalogue after migrations."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from chassis.boundary import ADDED_BY_ALL, COLUMN, NETWORK, SETTING

# Read once a query, not once a row. A connection that was used finds '' where a new one finds NULL: both are nobody.
_BOUND = f"(SELECT nullif(current_setting('{SETTING}', true), ''))"
# It says: the partner's, or all for the network. Said with `=`, the planner would take it to leave one row in as many
# as there are partners, beside the read's own condition; of a CASE it takes half to be left, of IS NOT NULL 99.5%. So
# its guesses, and with them its plans, are what they are without the policy.
PREDICATE = f"(CASE {_BOUND} WHEN '{NETWORK}' THEN true WHEN {COLUMN} THEN true END) IS NOT NULL"
# A policy that reads otherwise gets another name, so that a database that has the one before is brought up to it.
POLICY, ADDS = "partner_1", "adds_1"

_GUARDED = sa.text(
    """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
        ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1) AS policies,
        ARRAY(
            SELECT concat(pg_get_expr(p.polqual, c.oid), ' / ', pg_get_expr(p.polwithcheck, c.oid))
            FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY p.polname
        ) AS says
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = :column AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname
    """
)


class Guarded(NamedTuple):
    """A table with a partner's column, and what guards it."""

    name: str
    is_on: bool
    is_forced: bool
    policies: list[str]
    says: list[str]

    @property
    def is_whole(self) -> bool:
        """Whether it is guarded as it should be: on, for its owner too, by our policies and no other."""
        return self.is_on and self.is_forced and self.policies == policies_of(self.name)


def policies_of(table: str) -> list[str]:
    """The names of the policies a table has."""
    return [*([ADDS] if table in ADDED_BY_ALL else []), POLICY]


def guarded(connection: sa.Connection) -> list[Guarded]:
    """The tables with a partner's column, by name."""
    return [Guarded(*row) for row in connection.execute(_GUARDED, {"column": COLUMN})]


def guard(connection: sa.Connection) -> None:
    """Puts every table with a partner's column that is not guarded as it should be under row security."""
    quote = connection.dialect.identifier_preparer.quote
    for table in guarded(connection):
        if table.is_whole:
            continue
        name = quote(table.name)
        for policy in table.policies:
            _do(connection, f"DROP POLICY {quote(policy)} ON {name}")
        _do(connection, f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        _do(connection, f"CREATE POLICY {POLICY} ON {name} USING ({PREDICATE}) WITH CHECK ({PREDICATE})")
        if table.name in ADDED_BY_ALL:
            _do(connection, f"CREATE POLICY {ADDS} ON {name} FOR INSERT WITH CHECK (true)")


def _do(connection: sa.Connection, statement: str) -> Any:
    return connection.exec_driver_sql(statement)
