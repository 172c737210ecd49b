"""Rows added unless they are there, or put in place of those that are: the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.columns import Moment
from chassis.database import Database
from chassis.rows import insert_or_ignore, put

EARLY, LATE = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
metadata = sa.MetaData()
things = sa.Table(
    "things",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("order", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("said", sa.JSON, nullable=True),
)
marks = sa.Table("marks", metadata, sa.Column("mark", sa.Text, primary_key=True))


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Connection]:
    """A transaction on an empty database of each kind."""
    sqlite = f"sqlite:///{tmp_path}/things.sqlite"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres").empty()
    database = Database(url)
    with database.writing() as connection:
        metadata.create_all(connection)
        yield connection
    database.close()


def a_thing(order: int, at: datetime = EARLY, said: Any = None) -> dict[str, Any]:
    return {"kind": "a", "order": order, "at": at, "said": said}


def rows(connection: sa.Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(sa.select(things).order_by(things.c.order))]


def test_a_row_whose_key_is_there_is_left_as_it_was(connection: sa.Connection) -> None:
    assert insert_or_ignore(connection, things, [a_thing(1, said={"x": [1]})]) == 1
    assert insert_or_ignore(connection, things, [a_thing(1, LATE), a_thing(2, LATE)]) == 1
    assert rows(connection) == [("a", 1, EARLY, {"x": [1]}), ("a", 2, LATE, None)]


def test_a_row_put_takes_the_place_of_the_one_with_its_key(connection: sa.Connection) -> None:
    put(connection, things, a_thing(1))
    put(connection, things, a_thing(1, LATE, said="so"), a_thing(2))
    assert rows(connection) == [("a", 1, LATE, "so"), ("a", 2, EARLY, None)]


def test_columns_that_are_not_named_stay_as_they_were(connection: sa.Connection) -> None:
    put(connection, things, a_thing(1, said="kept"))
    put(connection, things, {"kind": "a", "order": 1, "at": LATE})
    assert rows(connection) == [("a", 1, LATE, "kept")]


def test_a_row_that_is_all_key_is_put_once(connection: sa.Connection) -> None:
    put(connection, marks, {"mark": "m"})
    put(connection, marks, {"mark": "m"})
    assert connection.execute(sa.select(sa.func.count()).select_from(marks)).scalar() == 1


def test_nothing_is_nothing(connection: sa.Connection) -> None:
    put(connection, things)
    assert insert_or_ignore(connection, things, []) == 0
