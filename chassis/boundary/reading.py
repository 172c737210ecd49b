"""What a compiled statement takes from guarded tables, and which of its values bind their partner column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ClauseElement, Grouping
from sqlalchemy.sql.selectable import Alias, FromGrouping, Join, SelectBase, SelectStatementGrouping

from chassis.boundary import ADDED_BY_ALL, COLUMN

_ADDED = re.compile(rf"{COLUMN}(?:_m\d+)?")


@dataclass(frozen=True)
class Wants:
    """Tables with the name of the value that binds each, and tables that nothing binds."""

    bound: tuple[tuple[str, str], ...] = ()
    unbound: tuple[str, ...] = ()


def wants_of(compiled: Any) -> Wants:
    """What a statement wants; a shape that is not known wants every guarded table in it, unbound."""
    statement = compiled.statement
    if isinstance(statement, sa.schema.ExecutableDDLElement):
        return Wants()
    reader = _Reader(compiled.bind_names)
    if isinstance(statement, SelectBase):
        reader.select(statement, {}, frozenset())
    elif isinstance(statement, sa.Insert):
        reader.insert(statement, compiled)
    elif isinstance(statement, sa.Update | sa.Delete):
        reader.change(statement, compiled)
    else:
        reader.all_in(statement)
    return Wants(tuple(dict.fromkeys(reader.bound)), tuple(dict.fromkeys(reader.unbound)))


# A column that is known to have a value, by the name of that value.
_Known = Mapping[Any, str]


class _Reader:
    """Walks one statement, each SELECT in it with what the ones around it have bound."""

    def __init__(self, names: Mapping[Any, str]) -> None:
        self._names = names
        self.bound: list[tuple[str, str]] = []
        self.unbound: list[str] = []

    def select(self, given: Any, outer: _Known, around: frozenset[Any]) -> None:
        """One SELECT, or several of a union; `around` are the tables of those it stands in."""
        statement: Any = given
        while isinstance(statement, SelectStatementGrouping):
            statement = statement.element
        if isinstance(statement, sa.CompoundSelect):
            for half in statement.selects:
                self.select(half, outer, around)
            return
        if not isinstance(statement, sa.Select):
            self.all_in(statement)
            return
        correlated = around if statement._auto_correlate else around & frozenset(statement._correlate or ())
        place = _Place([], [], [])
        for one in statement.get_final_froms():
            place.add(one)
        if statement.whereclause is not None:
            place.conditions.append((statement.whereclause, None))
        known = _known(place.conditions, self._names, outer if correlated else {})
        for table in place.tables:
            if table not in correlated:
                self._take(table, known)
        for inner in place.selects:
            self.select(inner, {}, frozenset())
        here = frozenset(place.tables) | correlated
        outside = [child for child in statement.get_children() if not isinstance(child, sa.FromClause)]
        for part in (*outside, *(condition for condition, _only in place.conditions)):
            self._inside(part, known, here)

    def insert(self, statement: sa.Insert, compiled: Any) -> None:
        """Rows that are added: each says the partner who adds it."""
        table: Any = statement.table
        if statement.select is not None:
            self.select(statement.select, {}, frozenset())
        if COLUMN not in table.c or table.name in ADDED_BY_ALL:
            return
        said = [name for name in compiled.binds if _ADDED.fullmatch(name)]
        self.bound += [(table.name, name) for name in said]
        if not said:
            self.unbound.append(table.name)

    def change(self, statement: Any, compiled: Any) -> None:
        """Rows that are changed or taken away: those of the partner who asks, and they stay that partner's."""
        changed: Any = statement.table
        conditions = [(condition, None) for condition in statement._where_criteria]
        known = _known(conditions, self._names, {})
        tables = {changed: None, **dict.fromkeys(_tables_in(statement._where_criteria))}
        for table in tables:
            self._take(table, known)
        if isinstance(statement, sa.Update) and COLUMN in changed.c and COLUMN in compiled.binds:
            self.bound.append((changed.name, COLUMN))
        for part in statement.get_children():
            if not isinstance(part, sa.FromClause):
                self._inside(part, known, frozenset(tables))

    def all_in(self, statement: Any) -> None:
        """Every guarded table that is named anywhere, as bound by nothing."""
        for part in sa.sql.visitors.iterate(statement):
            if isinstance(part, sa.Table) and COLUMN in part.c:
                self.unbound.append(part.name)

    def _take(self, table: Any, known: _Known) -> None:
        if COLUMN not in table.c:
            return
        whose: Any = table.element if isinstance(table, Alias) else table
        if name := known.get(table.c[COLUMN]):
            self.bound.append((whose.name, name))
        else:
            self.unbound.append(whose.name)

    def _inside(self, part: ClauseElement, known: _Known, here: frozenset[Any]) -> None:
        """The SELECTs that stand inside an expression."""
        if isinstance(part, SelectBase):
            self.select(part, known, here)
            return
        for child in part.get_children():
            if not isinstance(child, sa.FromClause) or isinstance(child, SelectBase):
                self._inside(child, known, here)


@dataclass
class _Place:
    """What stands behind one FROM: tables, conditions with the tables they can bind (None: any), and inner SELECTs."""

    tables: list[Any]
    conditions: list[tuple[Any, frozenset[Any] | None]]
    selects: list[Any]

    def add(self, one: Any) -> None:
        """Adds what one FROM names."""
        if isinstance(one, FromGrouping):
            self.add(one.element)
        elif isinstance(one, Join):
            self.add(one.left)
            before = len(self.tables)
            self.add(one.right)
            # The condition of an outer join leaves the rows on its left as they are.
            only = frozenset(self.tables[before:]) if one.isouter else None
            self.conditions.append((one.onclause, frozenset() if one.full else only))
        elif isinstance(one, sa.Table) or (isinstance(one, Alias) and isinstance(one.element, sa.Table)):
            self.tables.append(one)
        elif isinstance(element := getattr(one, "element", None), SelectBase):
            self.selects.append(element)


def _known(
    conditions: Iterable[tuple[Any, frozenset[Any] | None]], names: Mapping[Any, str], outer: _Known
) -> dict[Any, str]:
    """Which columns have which value, by equality with a value or with a column that has one."""
    pairs = [(pair, only) for condition, only in conditions for pair in _equal(condition)]
    known, grows = dict(outer), True
    while grows:
        grows = False
        for (one, other), only in pairs:
            for column, value in ((one, other), (other, one)):
                name = names.get(value) if isinstance(value, BindParameter) else known.get(value)
                if name and column not in known and (only is None or getattr(column, "table", None) in only):
                    known[column], grows = name, True
    return known


def _equal(condition: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(condition, Grouping):
        yield from _equal(condition.element)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for part in condition.clauses:
            yield from _equal(part)
    elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        yield condition.left, condition.right


def _tables_in(conditions: Iterable[Any]) -> Iterator[Any]:
    """The tables whose columns stand in conditions, outside the SELECTs in them."""
    for part in conditions:
        if isinstance(part, sa.Column):
            yield part.table
        elif not isinstance(part, SelectBase):
            yield from _tables_in(part.get_children())
