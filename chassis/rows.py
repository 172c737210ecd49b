"""Rows of a service's own tables, written many at a time, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis.crashpoints import hit
from chassis.errors import AuditNotWritten

# What becomes of a row whose key is there already.
NEW, IGNORE, REPLACE = "new", "ignore", "replace"
# The table without whose rows nothing is done or shown.
_AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows with these columns are written: each by a statement, or all by one with a list for each column."""

    names: tuple[str, ...]
    each: sa.TextClause
    together: sa.TextClause


class Gathering:
    """A transaction's connection, and rows that are written together before anything else is asked of it.

    One statement for many rows costs a fraction of many statements; whoever states, notes or keeps a row need not know.
    Whoever opened the transaction calls `write` before it ends.
    """

    def __init__(self, connection: sa.Connection) -> None:
        # For what neither reads nor changes what is gathered.
        self.bare = connection
        # By table: how its rows are written, and the rows by key.
        self._rows: dict[sa.Table, tuple[_Way, dict[Any, Mapping[str, Any]]]] = {}

    @property
    def connection(self) -> sa.Connection:
        """The connection, with everything gathered so far written."""
        if self._rows:
            self.write()
        return self.bare

    def add(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Adds a row that is new."""
        self._gather(table, _way(table, tuple(row), NEW), object(), row)

    def put(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Adds a row, or replaces the columns of the one with the same primary key."""
        self._gather(table, _way(table, tuple(row), REPLACE), tuple(row[name] for name in _key(table)), row)

    def _gather(self, table: sa.Table, way: _Way, key: Any, row: Mapping[str, Any]) -> None:
        gathered = self._rows.get(table)
        if gathered is not None and gathered[0] is not way:
            # Of one table the order of statements matters.
            self.write()
            gathered = None
        if gathered is None:
            gathered = self._rows[table] = (way, {})
        gathered[1][key] = row

    def write(self) -> None:
        """Writes what was gathered, in the order in which its tables were first named."""
        while self._rows:
            table = next(iter(self._rows))
            way, rows = self._rows.pop(table)
            hit("rows.before_write")
            try:
                _write(self.bare, way, list(rows.values()))
            except sa.exc.DBAPIError as trouble:
                if table.name == _AUDIT:
                    raise AuditNotWritten() from trouble
                raise
            hit("rows.after_write")


@functools.cache
def _key(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def insert_or_ignore(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Adds the rows whose key is not there yet; gives how many were added."""
    return max(_write(connection, _way(table, tuple(rows[0]), IGNORE), rows), 0) if rows else 0


def put(connection: sa.Connection, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Adds the rows, or replaces the columns of those with the same primary key; all rows name the same columns."""
    if rows:
        # One statement cannot replace a row twice, so of each key the last stands.
        keys = _key(table)
        last = {tuple(row[name] for name in keys): row for row in rows}
        _write(connection, _way(table, tuple(rows[0]), REPLACE), list(last.values()))


def _write(connection: sa.Connection, way: _Way, rows: Sequence[Mapping[str, Any]]) -> int:
    if len(rows) == 1 or connection.dialect.name == "sqlite":
        return int(connection.execute(way.each, rows).rowcount)
    lists = {name: [row[name] for row in rows] for name in way.names}
    return int(connection.execute(way.together, lists).rowcount)


@functools.lru_cache(maxsize=512)
def _way(table: sa.Table, names: tuple[str, ...], then: str) -> _Way:
    """The statements as text; SQLAlchemy keeps no compiled ON CONFLICT of its own."""
    quote = sa.sql.compiler.IdentifierPreparer(sa.engine.default.DefaultDialect()).quote
    columns = ", ".join(map(quote, names))
    into = f"INSERT INTO {quote(table.name)} ({columns})"
    conflict = ""
    if then != NEW:
        rest = [f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in _key(table)]
        is_replacing = then == REPLACE and rest
        keys = ", ".join(map(quote, _key(table)))
        conflict = (
            f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(rest)}" if is_replacing else " ON CONFLICT DO NOTHING"
        )
    values = ", ".join(f":{name}" for name in names)
    types = {name: table.c[name].type for name in names}
    # The order given is the order written: ids that the database draws rise with it.
    lists = f"unnest({values}) WITH ORDINALITY AS given({columns}, turn)"
    return _Way(
        names,
        sa.text(f"{into} VALUES ({values}){conflict}").bindparams(
            *(sa.bindparam(name, type_=type_) for name, type_ in types.items())
        ),
        sa.text(f"{into} SELECT {columns} FROM {lists} ORDER BY turn{conflict}").bindparams(  # noqa: S608 - our own words
            *(sa.bindparam(name, type_=sa.ARRAY(type_)) for name, type_ in types.items())
        ),
    )
