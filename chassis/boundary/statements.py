"""The guard of SQLite, which has no row security: each statement is looked at before it runs, and refused if unbound.

A statement that reads a guarded table must bind its partner column, by `=` and AND alone, to the partner its
transaction is bound to. What a statement wants is worked out once for each compiled form of it, which SQLAlchemy keeps;
after that each run compares values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from chassis.boundary import ADDED_BY_ALL, COLUMN, NETWORK, NOBODY
from chassis.boundary.reading import Wants, wants_of
from chassis.errors import Misbuilt

_WORD = re.compile(r"\w+")
_ADDS = re.compile(r"\s*INSERT\s+INTO\s+\"?(\w+)\"?\s*\(([^()]*)\)\s*VALUES\s*\(([^()]*)\)(.*)", re.I | re.S)
_READS = re.compile(r"\b(?:select|from|join)\b", re.I)
_TABLES = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) i ON i.name = ? WHERE m.type = 'table'"
BOUND_TO = "bound_to"


class Unbound(Misbuilt):
    """A statement would see the rows of more than the partner who asks."""

    def __init__(self, table: str, bound_to: str) -> None:
        self.table = table
        whom = "one partner" if bound_to else "nobody"
        super().__init__(
            f"The transaction is bound to {whom}, and a statement in it takes rows of {table} without binding"
            f" {table}.{COLUMN} to that partner. Put the scope's condition on it; what the service looks up for itself"
            " before anybody is signed in opens its transaction with whole=True."
        )


@dataclass(frozen=True)
class _Text:
    """A statement written as text: the words in it, and what it adds to when that is all it does."""

    words: frozenset[str]
    adds_to: str = ""
    value: str = ""


class Guard:
    """Looks at the statements of one SQLite database."""

    def __init__(self) -> None:
        self._wants: WeakKeyDictionary[Any, Wants | _Text] = WeakKeyDictionary()
        self._version, self._tables = -1, frozenset[str]()

    def look(
        self, connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool
    ) -> None:
        """Called before each statement; refuses (Unbound) one that reaches past whom its transaction is bound to."""
        bound_to = connection.info.get(BOUND_TO, NOBODY)
        if bound_to == NETWORK:
            return
        compiled = getattr(context, "compiled", None)
        if compiled is None:
            self._look_at_text(connection, _as_text(statement), bound_to, _named(parameters))
            return
        wants = self._wants.get(compiled)
        if wants is None:
            wants = self._wants[compiled] = _wants(compiled)
        values: Sequence[Mapping[str, Any]] = getattr(context, "compiled_parameters", None) or [{}]
        if isinstance(wants, _Text):
            self._look_at_text(connection, wants, bound_to, values)
        else:
            _look_at(wants, bound_to, values)

    def _look_at_text(
        self, connection: sa.Connection, text: _Text, bound_to: str, values: Sequence[Mapping[str, Any]]
    ) -> None:
        found = self._guarded(connection) & text.words
        for table in sorted(found):
            is_added_alone = table == text.adds_to and len(found) == 1
            is_theirs = bound_to != NOBODY and all(one.get(text.value) == bound_to for one in values)
            if not (is_added_alone and (is_theirs or table in ADDED_BY_ALL)):
                raise Unbound(table, bound_to)

    def _guarded(self, connection: sa.Connection) -> frozenset[str]:
        """The guarded tables there are, looked up anew when the shape of the database changed."""
        raw: Any = connection.connection.driver_connection
        (version,) = raw.execute("PRAGMA schema_version").fetchone()
        if version != self._version:
            rows = raw.execute(_TABLES, (COLUMN,)).fetchall()
            self._version, self._tables = version, frozenset(name for (name,) in rows)
        return self._tables


def _look_at(wants: Wants, bound_to: str, values: Sequence[Mapping[str, Any]]) -> None:
    for table in wants.unbound:
        raise Unbound(table, bound_to)
    for table, name in wants.bound:
        if not bound_to or any(one.get(name) != bound_to for one in values):
            raise Unbound(table, bound_to)


def _wants(compiled: Any) -> Wants | _Text:
    if isinstance(compiled.statement, sa.TextClause):
        return _as_text(compiled.statement.text)
    return wants_of(compiled)


def _as_text(statement: str) -> _Text:
    words = frozenset(_WORD.findall(statement))
    adds = _ADDS.fullmatch(statement)
    if not adds or _READS.search(adds[4]) or _READS.search(adds[3]):
        return _Text(words)
    columns = [name.strip().strip('"') for name in adds[2].split(",")]
    given = [value.strip() for value in adds[3].split(",")]
    value = dict(zip(columns, given, strict=False)).get(COLUMN, "")
    return _Text(words, adds[1], value.removeprefix(":"))


def _named(parameters: Any) -> Sequence[Mapping[str, Any]]:
    return [parameters] if isinstance(parameters, Mapping) else [{}]
