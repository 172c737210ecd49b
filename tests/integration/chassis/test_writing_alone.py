"""Two processes on one SQLite file: who writes holds the place from its first read on, who reads never writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.database import Database, DatabaseAway

_COUNT = sa.text("SELECT count FROM counts")
_WRITE = "UPDATE counts SET count = count + 1"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    """A database with one number in it."""
    database = Database(f"sqlite:///{tmp_path}/counts.sqlite")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE counts (count INTEGER)")
        connection.exec_driver_sql("INSERT INTO counts VALUES (1)")
    yield database
    database.close()


@pytest.fixture
def other(opened: Database) -> Iterator[sqlite3.Connection]:
    """The connection of another process, which does not wait."""
    connection = sqlite3.connect(str(opened.url.database), timeout=0, isolation_level=None)
    yield connection
    connection.close()


def test_nobody_writes_between_what_a_writer_read_and_what_it_writes(
    opened: Database, other: sqlite3.Connection
) -> None:
    with opened.writing() as connection:
        assert connection.execute(_COUNT).scalar_one() == 1
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute(_WRITE)
        connection.exec_driver_sql(_WRITE)
    other.execute(_WRITE)
    with opened.reading() as connection:
        assert connection.execute(_COUNT).scalar_one() == 3


def test_whoever_reads_keeps_nobody_from_writing_and_sees_one_moment(
    opened: Database, other: sqlite3.Connection
) -> None:
    with opened.reading() as connection:
        assert connection.execute(_COUNT).scalar_one() == 1
        other.execute(_WRITE)
        assert connection.execute(_COUNT).scalar_one() == 1


def test_whoever_reads_cannot_write(opened: Database) -> None:
    with pytest.raises(DatabaseAway) as refused, opened.reading() as connection:
        connection.exec_driver_sql(_WRITE)
    assert "readonly" in str(refused.value.__cause__)
    with opened.reading() as connection:
        assert connection.execute(_COUNT).scalar_one() == 1
