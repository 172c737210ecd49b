"""A house held at one state: what a case changes is undone after it, so that every case meets the same house.

Each database gets one transaction around a case. What the house calls a transaction is a savepoint in it: it begins,
commits and rolls back as ever, sees what was committed before it in the same case, and nothing stays.
"""

from __future__ import annotations

import base64
import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa

from chassis import ids
from chassis.boundary import SETTING
from chassis.database import Database
from chassis.house import House
from chassis.ids import SeededIds

_SAVE, _RELEASE, _BACK = "SAVEPOINT knock", "RELEASE SAVEPOINT knock", "ROLLBACK TO SAVEPOINT knock"


class CaseIds(SeededIds):
    """Ids that begin anew with every case, the same on both databases."""

    def __init__(self) -> None:
        super().__init__(7)

    def again(self, seed: str) -> None:
        """Begins the ids of a case."""
        self._chance = random.Random(seed)


class Chance:
    """Stands for `secrets` in a case: the same draws on both databases, so that what is given once is the same too."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)

    def token_bytes(self, size: int) -> bytes:
        return self._chance.randbytes(size)

    def token_urlsafe(self, size: int) -> str:
        return base64.urlsafe_b64encode(self.token_bytes(size)).rstrip(b"=").decode()

    def token_hex(self, size: int) -> str:
        return self.token_bytes(size).hex()

    def randbelow(self, end: int) -> int:
        return self._chance.randrange(end)


@contextmanager
def chance(seed: str) -> Iterator[None]:
    """Draws by `seed` instead of by chance, while a case is asked."""
    real = ids.secrets
    ids.secrets = Chance(seed)  # type: ignore[assignment]
    try:
        yield
    finally:
        ids.secrets = real


class _Sqlite(sqlite3.Connection):
    """A connection whose transactions are savepoints while it is held."""

    is_in_case = False
    is_knocking = False

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if not statement.startswith("BEGIN"):
            return super().execute(statement, *values)
        if not self.is_in_case:
            super().execute("BEGIN")
            self.is_in_case = True
        self.is_knocking = True
        return super().execute(_SAVE)

    def commit(self) -> None:
        if self.is_knocking:
            self.is_knocking = False
            super().execute(_RELEASE)

    def rollback(self) -> None:
        if self.is_knocking:
            self.is_knocking = False
            super().execute(_BACK)
            super().execute(_RELEASE)

    def undo(self) -> None:
        """Takes back everything of the case."""
        if self.is_in_case:
            self.is_in_case = self.is_knocking = False
            super().execute("ROLLBACK")


class _Postgres(psycopg.Connection[Any]):
    """The same for PostgreSQL; what begins and ends goes past psycopg, which would forget its prepared statements."""

    is_in_case = False
    is_knocking = False

    def begin_knock(self, words: bytes) -> None:
        """Begins what the house calls a transaction, bound to whom its `words` say; else to nobody."""
        if not self.is_in_case:
            self._say("BEGIN")
            self.is_in_case = True
        self.is_knocking = True
        bound = words.decode().partition(";")[2] or f"SET LOCAL {SETTING} = ''"
        self._say(f"{_SAVE};{bound}")

    def commit(self) -> None:
        if self.is_knocking:
            self.is_knocking = False
            self._say(_RELEASE)

    def rollback(self) -> None:
        if self.is_knocking:
            self.is_knocking = False
            self._say(_BACK)
            self._say(_RELEASE)

    def undo(self) -> None:
        """Takes back everything of the case."""
        if self.is_in_case:
            self.is_in_case = self.is_knocking = False
            self._say("ROLLBACK")

    def _say(self, statement: str) -> None:
        said = self.pgconn.exec_(statement.encode())
        if said.error_message:
            raise psycopg.OperationalError(f"{statement}: {said.error_message.decode()}")


class Held:
    """The databases of a house, held; one connection to each, so that nothing waits for what is not committed."""

    def __init__(self, house: House) -> None:
        self._raws: dict[str, tuple[sa.Engine, list[Any]]] = {}
        named: Mapping[str, Database] = {
            "keys": house.shared.keys.database, **{name: one.database for name, one in house.services.items()},
        }  # fmt: skip
        for name, database in named.items():
            self._hold(name, database)

    def _hold(self, name: str, database: Database) -> None:
        engine, raws = database.engine, list[Any]()
        self._raws[name] = (engine, raws)
        engine.dispose()

        def connect(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
            if raws:
                raise AssertionError(f"a second connection to the database of {name} within one knock")
            if database.is_sqlite:
                named["factory"] = _Sqlite
                made: Any = sqlite3.connect(*given, **named)
            else:
                made = _Postgres.connect(*given, **named, autocommit=True)
            raws.append(made)
            return made

        sa.event.listen(engine, "do_connect", connect)
        if not database.is_sqlite:
            dialect: Any = engine.dialect
            dialect.do_begin = lambda raw: raw.dbapi_connection.begin_knock(raw.info.pop("begins", b""))
        # What is overwritten in the files is cleared outside of any transaction; here nothing is overwritten for good.
        database.scrub = lambda *_tables: True  # type: ignore[method-assign]

    def begin_anew(self) -> None:
        """Lets go of every connection, with whatever is not finished on it."""
        for engine, raws in self._raws.values():
            while raws:
                with suppress(Exception):
                    raws.pop().close()
            engine.dispose(close=False)

    @contextmanager
    def case(self) -> Iterator[None]:
        """What is done inside is undone."""
        try:
            yield
        finally:
            try:
                for _, raws in self._raws.values():
                    for raw in raws:
                        raw.undo()
            except (psycopg.Error, sqlite3.Error):
                self.begin_anew()
