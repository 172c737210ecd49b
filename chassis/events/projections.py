"""Tables a service made of what it heard and of nothing else: they can be made again, and compared row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_BATCH = 1000


@dataclass(frozen=True)
class Projection:
    """One such table.

    `arrival` names columns that tell in which order facts were heard, which differs each time. `taken_over` says which
    rows no fact makes again, because whom they were about is forgotten: those are taken over as they stand.
    """

    table: sa.Table
    arrival: tuple[str, ...] = ()
    taken_over: sa.ColumnElement[bool] | None = None

    @property
    def rows_taken_over(self) -> sa.Select[Any]:
        """The rows that are taken over; none where every row can be made again."""
        return sa.select(self.table).where(sa.false() if self.taken_over is None else self.taken_over)

    def compared(self) -> list[str]:
        """The columns by which two rows are the same."""
        return sorted(column.name for column in self.table.columns if column.name not in self.arrival)


def hash_of(connection: sa.Connection, projections: Iterable[Projection]) -> str:
    """One hash over every row of some tables, in whatever order they lie; without the columns of arrival."""
    made = hashlib.sha256()
    for one in sorted(projections, key=_name):
        made.update(f"{one.table.name} {_sum_of(connection, sa.select(one.table), one)}\n".encode())
    return made.hexdigest()


def hash_taken_over(connection: sa.Connection, projections: Iterable[Projection]) -> str:
    """One hash over the rows that are taken over."""
    found = (f"{one.table.name} {_sum_of(connection, one.rows_taken_over, one)}" for one in projections)
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def rows_in(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows of a query as columns by name, some at a time."""
    found = connection.execute(query, execution_options={"yield_per": _BATCH})
    for some in found.mappings().partitions():
        yield [dict(row) for row in some]


def _name(projection: Projection) -> str:
    return projection.table.name


def _sum_of(connection: sa.Connection, query: sa.Select[Any], projection: Projection) -> str:
    # A sum, so that no order of rows is asked of a database that has none.
    total = count = 0
    names = projection.compared()
    for some in rows_in(connection, query):
        for row in some:
            text = json.dumps([row[name] for name in names], sort_keys=True, default=str)
            total += int.from_bytes(hashlib.sha256(text.encode()).digest())
            count += 1
    return f"{count} {total % (1 << 256):x}"
