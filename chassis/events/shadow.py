"""A shadow of a service's records, in which it hears everything anew while the records themselves go on.

It has all the tables of the service, so whatever a reaction states, notes or sets in it is thrown away with it. On
SQLite it is a file beside the records, on PostgreSQL a schema of the same database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis import tables
from chassis.boundary import NETWORK
from chassis.database import Database, take_time
from chassis.errors import Conflict
from chassis.events.projections import Projection, hash_of, hash_taken_over, rows_in
from chassis.tables import brakes, clocks, given_up, inbox, kept_from

_NUMBERS = sa.select(inbox.c.stream, inbox.c.number).where(inbox.c.consumer == sa.bindparam("of"))
_GIVEN_UP = sa.select(given_up.c.fact_id).where(given_up.c.consumer == sa.bindparam("of"))

_LOCK = sa.text("SELECT pg_try_advisory_lock(7302028, hashtext(:of))")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(7302028, hashtext(:of))")


class MadeAgainAlready(Conflict):
    """Another process is making this service's records again."""

    says = "This service is being made again already, by another process. Wait until that one has ended."


class Shadow:
    """The shadow of one service's records, under a name of its own."""

    def __init__(self, live: Database, service: str, name: str, projections: Sequence[Projection]) -> None:
        # No schema but one of ours has such a name, so none that holds anything else is ever thrown away.
        self._live, self._service, self._name = live, service, f"shadow_{name}"
        self._projections = projections
        # Rows of a table come after those of the tables it refers to.
        order = [table for metadata in self._metadata() for table in metadata.sorted_tables]
        self._in_order = sorted(projections, key=lambda one: order.index(one.table))
        self._is_there = False

    def _metadata(self) -> list[sa.MetaData]:
        own = [one.table.metadata for one in self._projections if one.table.metadata is not tables.metadata]
        return [tables.metadata, *dict.fromkeys(own)]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps everybody else from making one here meanwhile; refuses when somebody does (MadeAgainAlready)."""
        if self._live.is_sqlite:
            # One process holds the folder.
            yield
            return
        with self._live.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            if not connection.execute(_LOCK, {"of": self._service}).scalar():
                raise MadeAgainAlready()
            try:
                yield
            finally:
                connection.execute(_UNLOCK, {"of": self._service})

    # ---- made and thrown away

    def make(self) -> Database:
        """Makes it, in the place of one that was left behind, with what no fact makes again; gives its database."""
        self.drop()
        if not self._live.is_sqlite:
            with self._live.writing() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {self._name}")
        self.database = self._open()
        self._is_there = True
        with self.database.writing() as connection:
            for metadata in self._metadata():
                metadata.create_all(connection)
        self._begin()
        return self.database

    def _open(self) -> Database:
        if self._live.is_sqlite:
            return Database(f"sqlite:///{self._path}", relaxed=True)
        return Database(self._live.url.render_as_string(hide_password=False), schema=self._name)

    @property
    def _path(self) -> Path:
        records = Path(self._live.url.database or "")
        return records.with_name(f"{records.stem}.{self._name}{records.suffix}")

    def drop(self) -> None:
        """Throws it away."""
        if self._is_there:
            self.database.close()
            self._is_there = False
        if self._live.is_sqlite:
            for path in self._path.parent.glob(f"{self._path.name}*"):
                path.unlink()
        else:
            with self._live.writing() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self._name} CASCADE")

    def _begin(self) -> None:
        """Copies what a reaction may ask for and facts alone do not make: the service's own records, as they stand."""
        projected = {one.table for one in self._projections}
        own = [table for metadata in self._metadata()[1:] for table in metadata.sorted_tables if table not in projected]
        whole = [*own, clocks, given_up, *(() if kept_from in projected else (kept_from,))]
        queries = [(table, sa.select(table)) for table in whole]
        queries.append((brakes, sa.select(brakes).where(brakes.c.stream.startswith(f"{self._service}/"))))
        queries += [(one.table, one.rows_taken_over) for one in self._in_order]
        with self._live.reading(NETWORK) as live, self.database.writing(NETWORK) as shadow:
            if not self._live.is_sqlite:
                live.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                take_time(live)
            for table, query in queries:
                _copy(live, query, shadow, table)
            self._stamp = hash_taken_over(live, self._projections)

    # ---- how far each has come

    def live_numbers(self) -> Mapping[str, int]:
        """How far the records have come on each stream."""
        return self._numbers(self._live)

    def numbers(self) -> Mapping[str, int]:
        """How far the shadow has come on each stream."""
        return self._numbers(self.database)

    def _numbers(self, database: Database) -> Mapping[str, int]:
        with database.reading() as connection:
            return dict(connection.execute(_NUMBERS, {"of": self._service}).tuples().all())

    def given_up(self) -> Collection[str]:
        """The facts the records went on without."""
        with self._live.reading() as connection:
            return set(connection.execute(_GIVEN_UP, {"of": self._service}).scalars())

    # ---- put in place

    @contextmanager
    def standing_still(self) -> Iterator[sa.Connection]:
        """The records while nobody hears anything into them; whoever reads goes on, on PostgreSQL all else too."""
        with self._live.writing(NETWORK) as connection:
            take_time(connection)
            if not self._live.is_sqlite:
                # First what is heard into, then how far it was heard: a batch in hand ends before.
                named = ", ".join(one.table.name for one in self._projections)
                connection.exec_driver_sql(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")
                connection.exec_driver_sql("LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE")
            yield connection

    def still_takes_over(self, live: sa.Connection) -> bool:
        """Whether the rows taken over are still all there are: nobody was forgotten meanwhile."""
        return hash_taken_over(live, self._projections) == self._stamp

    def swap(self, live: sa.Connection) -> tuple[str, str, int]:
        """Puts the shadow's rows in the place of the records'; gives both hashes, and how many rows there are now."""
        was, count = hash_of(live, self._projections), 0
        for one in reversed(self._in_order):
            live.execute(sa.delete(one.table))
        with self.database.reading(NETWORK) as shadow:
            for one in self._in_order:
                count += _copy(shadow, sa.select(one.table), live, one.table)
                _count_on(live, one.table)
        return was, hash_of(live, self._projections), count


def _copy(source: sa.Connection, query: sa.Select[Any], target: sa.Connection, table: sa.Table) -> int:
    copied = 0
    for rows in rows_in(source, query):
        target.execute(sa.insert(table), rows)
        copied += len(rows)
    return copied


def _count_on(connection: sa.Connection, table: sa.Table) -> None:
    """Lets a column that counts by itself go on after the rows that were put in."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name == "sqlite":
        return
    newest = sa.select(sa.func.coalesce(sa.func.max(column), 1)).scalar_subquery()
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    connection.execute(sa.select(sa.func.setval(sequence, newest)))
