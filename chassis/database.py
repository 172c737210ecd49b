"""One service's own database: a writing or a reading transaction per knock, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.crashpoints import hit
from chassis.errors import Retry

# How long a knock waits for a connection or a lock before it answers "try again" (seconds).
WAIT_SECONDS = 5
_READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction


class DatabaseAway(Retry):
    """The service's database does not answer."""

    says = "The service's records cannot be reached just now. Nothing was lost. Try again in a moment."


class Database:
    """Opens transactions on one database.

    `url` is an SQLAlchemy address. `relaxed` leaves out waiting for the disk and is only for what becomes real when it
    is whole, or never. `schema` is where everything is looked for on PostgreSQL, when not in the usual place.
    """

    def __init__(self, url: str, *, relaxed: bool = False, schema: str = "") -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._relaxed, self._schema = relaxed, schema
        # Whether the process before this one had no time to close an SQLite file.
        self.was_left_open = False
        self._one_writer = threading.Lock()
        self.engine = self._sqlite() if self.is_sqlite else self._postgres()

    def _sqlite(self) -> sa.Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            log = Path(f"{self.url.database}-wal")
            self.was_left_open = log.exists() and log.stat().st_size > 0
        engine = sa.create_engine(
            self.url,
            poolclass=sa.pool.QueuePool,
            pool_size=8,
            max_overflow=16,
            connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False},
        )
        sa.event.listen(engine, "connect", self._prepare_sqlite)
        return engine

    def _prepare_sqlite(self, raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=" + ("OFF" if self._relaxed else "FULL"))
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute("PRAGMA recursive_triggers=ON")

    def _postgres(self) -> sa.Engine:
        return sa.create_engine(
            self.url,
            pool_size=8,
            max_overflow=8,
            pool_timeout=WAIT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": WAIT_SECONDS,
                # A process that is frozen in a transaction must not hold others up for good.
                "options": "-c lock_timeout=10000 -c statement_timeout=30000"
                " -c idle_in_transaction_session_timeout=30000"
                + (f" -c search_path={self._schema}" if self._schema else ""),
            },
        )

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Gives a connection inside one transaction that commits when the block ends well and rolls back when not."""
        if self.is_sqlite and not self._one_writer.acquire(timeout=WAIT_SECONDS * 6):
            raise DatabaseAway()
        try:
            with self._connection() as connection:
                with connection.begin():
                    if self.is_sqlite:
                        _begin_sqlite(connection, is_reading=False)
                    yield connection
        except sa.exc.DBAPIError as trouble:
            # A server that was made a copy of another takes no writes: away, until connections lead to the new one.
            if getattr(trouble.orig, "sqlstate", "") == _READ_ONLY:
                raise DatabaseAway() from trouble
            raise
        finally:
            if self.is_sqlite:
                self._one_writer.release()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Gives a connection inside one transaction in which every write is refused by the database itself."""
        with self._connection() as connection:
            with connection.begin():
                if self.is_sqlite:
                    _begin_sqlite(connection, is_reading=True)
                else:
                    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                yield connection

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, sqlite3.OperationalError) as away:
            raise DatabaseAway() from away

    def answers(self) -> bool:
        """Says whether the database answers now."""
        try:
            with self.reading() as connection:
                connection.execute(sa.text("SELECT 1"))
        except Retry:
            return False
        return True

    def scrub(self, *tables: str) -> bool:
        """Clears what the files still hold of rows that were overwritten; false when somebody reads just now.

        SQLite: overwritten bytes are zeroed as they go, and the write-ahead log, which holds them still, is emptied.
        PostgreSQL: dead rows of `tables` are let go; what stays of them, and how long, says docs/security.md.
        """
        with self._connection() as connection:
            if not self.is_sqlite:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                for statement in ("SET statement_timeout = 0", *(f"VACUUM {name}" for name in tables)):
                    alone.exec_driver_sql(statement)
                alone.exec_driver_sql("RESET statement_timeout")
                return True
            raw = connection.connection.driver_connection
            is_busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # type: ignore[union-attr]
            return not is_busy

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()


def _begin_sqlite(connection: sa.Connection, *, is_reading: bool) -> None:
    """Begins straight on the driver's connection: every knock does this, and each detour costs as much as a query."""
    raw = connection.connection.driver_connection
    if connection.info.get("is_reading") is not is_reading:
        raw.execute(f"PRAGMA query_only={'ON' if is_reading else 'OFF'}")  # type: ignore[union-attr]
        connection.info["is_reading"] = is_reading
    raw.execute("BEGIN" if is_reading else "BEGIN IMMEDIATE")  # type: ignore[union-attr]


def take_time(connection: sa.Connection) -> None:
    """Lets the statements of this transaction take as long as they need; for work on everything there is."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


class Gathering:
    """A transaction's connection, and rows that are written together before anything else is asked of it.

    One statement for many rows costs a fraction of many statements; whoever states, notes or keeps a row need not know.
    Whoever opened the transaction calls `write` before it ends.
    """

    def __init__(self, connection: sa.Connection) -> None:
        # For what neither reads nor changes what is gathered.
        self.bare = connection
        # By table: the statement, and its rows by key.
        self._rows: dict[sa.Table, tuple[sa.Executable, dict[Any, Mapping[str, Any]]]] = {}

    @property
    def connection(self) -> sa.Connection:
        """The connection, with everything gathered so far written."""
        if self._rows:
            self.write()
        return self.bare

    def add(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Adds a row that is new."""
        self._gather(table, _insertion(table), object(), row)

    def put(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Adds a row, or replaces the columns of the one with the same primary key."""
        names = tuple(row)
        self._gather(table, _insert(table, names, True), tuple(row[name] for name in _key(table)), row)

    def _gather(self, table: sa.Table, statement: sa.Executable, key: Any, row: Mapping[str, Any]) -> None:
        gathered = self._rows.get(table)
        if gathered is not None and gathered[0] is not statement:
            # Of one table the order of statements matters.
            self.write()
            gathered = None
        if gathered is None:
            gathered = self._rows[table] = (statement, {})
        gathered[1][key] = row

    def write(self) -> None:
        """Writes what was gathered, in the order in which its tables were first named."""
        while self._rows:
            table = next(iter(self._rows))
            statement, rows = self._rows.pop(table)
            hit("rows.before_write")
            self.bare.execute(statement, list(rows.values()))
            hit("rows.after_write")


@functools.cache
def _insertion(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


@functools.cache
def _key(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def insert_or_ignore(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Adds the rows whose key is not there yet; gives how many were added."""
    return max(connection.execute(_insert(table, tuple(rows[0]), False), rows).rowcount, 0) if rows else 0


def put(connection: sa.Connection, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    """Adds the rows, or replaces the columns of those with the same primary key; all rows name the same columns."""
    if rows:
        connection.execute(_insert(table, tuple(rows[0]), True), rows)


@functools.lru_cache(maxsize=512)
def _insert(table: sa.Table, names: tuple[str, ...], is_replacing: bool) -> sa.TextClause:
    """The statement as text that both databases read alike; SQLAlchemy keeps no compiled ON CONFLICT of its own."""
    quote = sa.sql.compiler.IdentifierPreparer(sa.engine.default.DefaultDialect()).quote
    keys = [column.name for column in table.primary_key.columns]
    rest = [f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys]
    then = "DO NOTHING"
    if is_replacing and rest:
        then = f"({', '.join(map(quote, keys))}) DO UPDATE SET {', '.join(rest)}"
    values = ", ".join(f":{name}" for name in names)
    into = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))})"
    text = sa.text(f"{into} VALUES ({values}) ON CONFLICT {then}")
    return text.bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in names))
