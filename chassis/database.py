"""One service's own database: a writing or a reading transaction per knock, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import functools
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.boundary import NOBODY, begin_words, check_fit, check_sets_nothing
from chassis.boundary.statements import BOUND_TO, Guard
from chassis.errors import Misbuilt, Retry

# How long a knock waits for a connection or a lock before it answers "try again" (seconds).
WAIT_SECONDS = 5
# A connection to PostgreSQL that has rested longer is asked first whether it still leads anywhere.
RESTED_SECONDS = 1
_READ_ONLY = "25006"  # PostgreSQL: read_only_sql_transaction
_BEGINS = "begins"


class DatabaseAway(Retry):
    """The service's database does not answer."""

    says = "The service's records cannot be reached just now. Nothing was lost. Try again in a moment."


class AddressFaulty(Misbuilt):
    """The address of a database cannot be read."""

    says = "The address of the database cannot be read. Write it as postgresql+psycopg://name:password@host:port/name."


class Database:
    """Opens transactions on one database, each bound to a partner, to the network or to nobody (chassis/boundary).

    `url` is an SQLAlchemy address. `relaxed` leaves out waiting for the disk and is only for what becomes real when it
    is whole, or never. `schema` is where everything is looked for on PostgreSQL, when not in the usual place.
    """

    def __init__(self, url: str, *, relaxed: bool = False, schema: str = "") -> None:
        try:
            self.url = sa.make_url(url)
        except (sa.exc.ArgumentError, ValueError):
            # Nothing of it is repeated: it may hold a password.
            raise AddressFaulty() from None
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
        sa.event.listen(engine, "before_cursor_execute", Guard().look)
        return engine

    def _prepare_sqlite(self, raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=" + ("OFF" if self._relaxed else "FULL"))
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute("PRAGMA recursive_triggers=ON")

    def _postgres(self) -> sa.Engine:
        engine = sa.create_engine(
            self.url,
            pool_size=8,
            max_overflow=8,
            pool_timeout=WAIT_SECONDS,
            connect_args={
                "connect_timeout": WAIT_SECONDS,
                # A process that is frozen in a transaction must not hold others up for good.
                "options": "-c lock_timeout=10000 -c statement_timeout=30000"
                " -c idle_in_transaction_session_timeout=30000"
                + (f" -c search_path={self._schema}" if self._schema else ""),
            },
        )
        sa.event.listen(engine, "checkin", _note_rest)
        sa.event.listen(engine, "checkout", functools.partial(_look_alive, engine.dialect))
        sa.event.listen(engine, "before_cursor_execute", _look_at_words)
        # What goes wrong here is known for what it is: a connection that leads nowhere is not used again.
        engine.dialect.do_begin = functools.partial(_begin_postgres, engine.dialect.loaded_dbapi)  # type: ignore[method-assign]
        return engine

    @contextmanager
    def writing(self, bound_to: str = NOBODY) -> Iterator[sa.Connection]:
        """Gives a connection inside one transaction that commits when the block ends well and rolls back when not.

        `bound_to` says whose rows of guarded tables are there in it: a partner's by its id, the network's all, or none.
        """
        if self.is_sqlite and not self._one_writer.acquire(timeout=WAIT_SECONDS * 6):
            raise DatabaseAway()
        try:
            with self._connection() as connection:
                self._say_how(connection, bound_to, is_reading=False)
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
    def reading(self, bound_to: str = NOBODY) -> Iterator[sa.Connection]:
        """Gives a connection inside one transaction in which every write is refused by the database itself."""
        with self._connection() as connection:
            self._say_how(connection, bound_to, is_reading=True)
            with connection.begin():
                if self.is_sqlite:
                    _begin_sqlite(connection, is_reading=True)
                yield connection

    def _say_how(self, connection: sa.Connection, bound_to: str, *, is_reading: bool) -> None:
        """Says whom the next transaction of a connection is bound to; nothing said holds for a second one."""
        if self.is_sqlite:
            check_fit(bound_to)
            connection.info[BOUND_TO] = bound_to
        else:
            connection.info[_BEGINS] = begin_words(bound_to, is_reading=is_reading)

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


def _note_rest(_raw: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _look_alive(dialect: Any, raw: Any, record: Any, _proxy: Any) -> None:
    """Asks a connection that has rested whether it still leads anywhere; the pool makes a new one when not.

    One that was in use a moment ago is not asked: the question costs as much as a query.
    """
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) > RESTED_SECONDS:
        try:
            dialect.do_ping(raw)
        except dialect.dbapi.Error as gone:
            raise sa.exc.DisconnectionError() from gone


def _begin_postgres(psycopg: Any, proxy: Any) -> None:
    """Begins and binds in the one round trip that BEGIN takes anyway; psycopg then finds itself in a transaction."""
    words = proxy.info.pop(_BEGINS, None)
    if words is not None:
        server = proxy.driver_connection.pgconn
        result = server.exec_(words)
        if server.status != psycopg.pq.ConnStatus.OK:
            raise psycopg.OperationalError("the connection leads nowhere any more")
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)


def _look_at_words(
    _connection: sa.Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    check_sets_nothing(statement)


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
