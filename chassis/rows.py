"""Rows of a service's own tables, written many at a time, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.crashpoints import hit
from chassis.errors import AuditNotWritten

# What becomes of a row whose key is there already.
NEW, IGNORE, REPLACE = "new", "ignore", "replace"
# The table without whose rows nothing is done or shown.
_AUDIT = "audit"
# Between the texts of a column sent as one, and in the place of nothing; a text that holds either is sent apart.
_BETWEEN, _NOTHING = "\x1f", "\x1e"
_POSTGRES: Any = postgresql.dialect


@dataclass(frozen=True, slots=True)
class _Way:
    """How rows with these columns are written: each by a statement, or all by one with a list for each column."""

    names: tuple[str, ...]
    each: sa.TextClause
    together: sa.TextClause
    table: sa.Table
    then: str


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
        gathered = self._rows.get(table)
        if gathered is not None and gathered[0].then == NEW and gathered[0].names == tuple(row):
            gathered[1][object()] = row
            return
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
    if connection.dialect.name == "sqlite":
        if way.table.name == _AUDIT and way.then == NEW:
            return _write_straight(connection, way, rows)
        return int(connection.execute(way.each, rows).rowcount)
    if len(rows) == 1:
        return int(connection.execute(way.each, rows).rowcount)
    if same := _same_in_all(way, rows):
        return _write_alike(connection, way, rows, same)
    lists = {name: [row[name] for row in rows] for name in way.names}
    return int(connection.execute(way.together, lists).rowcount)


def _write_alike(connection: sa.Connection, way: _Way, rows: Sequence[Mapping[str, Any]], same: frozenset[str]) -> int:
    """Writes rows that are mostly alike: what all say is bound once, and a column of texts is one text."""
    values = {name: rows[0][name] for name in same}
    lists = {name: [row[name] for row in rows] for name in way.names if name not in same}
    joined = frozenset(name for name, many in lists.items() if _may_be_joined(way.table.c[name].type, many))
    values |= {name: _joined(many) if name in joined else many for name, many in lists.items()}
    return int(connection.execute(_alike(way.table, way.names, same, joined), values).rowcount)


def _may_be_joined(type_: Any, many: Sequence[Any]) -> bool:
    return isinstance(type_, sa.String) and not any(
        text is not None and (_BETWEEN in text or _NOTHING in text) for text in many
    )


def _joined(many: Sequence[str | None]) -> str:
    return _BETWEEN.join([_NOTHING if text is None else text for text in many])


def _same_in_all(way: _Way, rows: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The columns that say the same in every new row, when that is most of them: what is said once is bound once."""
    if way.then != NEW:
        return frozenset()
    first, others = rows[0], rows[1:]
    # The last column is a list in any case: it says how many rows there are.
    same = frozenset(name for name in way.names[:-1] if all(row[name] == first[name] for row in others))
    return same if 2 * len(same) > len(way.names) else frozenset()


def _write_straight(connection: sa.Connection, way: _Way, rows: Sequence[Mapping[str, Any]]) -> int:
    """Writes rows that everybody may add (chassis/boundary), past what would look at each value of each of them."""
    statement, shapes = _straight(way.table, way.names, connection.dialect)
    if len(rows) == 1:
        values: Any = tuple(shape(rows[0][name]) if shape else rows[0][name] for name, shape in shapes)
    else:
        columns = [[shape(row[name]) if shape else row[name] for row in rows] for name, shape in shapes]
        values = list(zip(*columns, strict=True))
    return int(connection.exec_driver_sql(statement, values).rowcount)


@functools.lru_cache(maxsize=64)
def _straight(
    table: sa.Table, names: tuple[str, ...], dialect: Any
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]]:
    shapes = tuple((name, table.c[name].type.bind_processor(dialect)) for name in names)
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {_quote(table.name)} ({_columns(names)}) VALUES ({places})", shapes  # noqa: S608 - our own words


@functools.lru_cache(maxsize=512)
def _way(table: sa.Table, names: tuple[str, ...], then: str) -> _Way:
    """The statements as text; SQLAlchemy keeps no compiled ON CONFLICT of its own."""
    conflict = ""
    if then != NEW:
        rest = [f"{_quote(name)} = excluded.{_quote(name)}" for name in names if name not in _key(table)]
        is_replacing = then == REPLACE and rest
        keys = _columns(_key(table))
        conflict = (
            f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(rest)}" if is_replacing else " ON CONFLICT DO NOTHING"
        )
    values = ", ".join(f":{name}" for name in names)
    into = f"INSERT INTO {_quote(table.name)} ({_columns(names)})"
    each = sa.text(f"{into} VALUES ({values}){conflict}").bindparams(
        *(sa.bindparam(name, type_=table.c[name].type) for name in names)
    )
    return _Way(names, each, _listed(table, names, conflict), table, then)


@functools.lru_cache(maxsize=64)
def _alike(table: sa.Table, names: tuple[str, ...], same: frozenset[str], joined: frozenset[str]) -> sa.TextClause:
    return _listed(table, names, same=same, joined=joined)


def _listed(
    table: sa.Table, names: tuple[str, ...], conflict: str = "", same: frozenset[str] = frozenset(),
    joined: frozenset[str] = frozenset(),
) -> sa.TextClause:  # fmt: skip
    """One statement for many rows on PostgreSQL: a list for each column, or one text, or for `same` one value."""
    lists = [name for name in names if name not in same]
    asked = [f"string_to_array(:{name}, chr(31), chr(30))" if name in joined else f":{name}" for name in lists]
    chosen = [f"CAST(:{name} AS {_kind(table.c[name].type)})" if name in same else _quote(name) for name in names]
    # The order given is the order written: ids that the database draws rise with it.
    given = f"unnest({', '.join(asked)}) WITH ORDINALITY AS given({_columns(lists)}, turn)"
    into = f"INSERT INTO {_quote(table.name)} ({_columns(names)})"
    types = {name: table.c[name].type for name in names}
    single = same | joined
    return sa.text(f"{into} SELECT {', '.join(chosen)} FROM {given} ORDER BY turn{conflict}").bindparams(  # noqa: S608 - our own words
        *(sa.bindparam(name, type_=one if name in single else sa.ARRAY(one)) for name, one in types.items())
    )


def _kind(type_: sa.types.TypeEngine[Any]) -> str:
    """A type in PostgreSQL's words; text without its length, which a cast would cut silently."""
    return "TEXT" if isinstance(type_, sa.String) else type_.compile(dialect=_POSTGRES())


def _columns(names: Iterable[str]) -> str:
    return ", ".join(map(_quote, names))


@functools.cache
def _quote(name: str) -> str:
    return sa.sql.compiler.IdentifierPreparer(sa.engine.default.DefaultDialect()).quote(name)
