"""Rows added unless they are there, or put in place of those that are: the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.columns import Moment, Serial
from chassis.database import Database
from chassis.errors import AuditNotWritten
from chassis.rows import Gathering, insert_or_ignore, put

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
# As the trail is: most columns of the rows of one knock say the same.
trail = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=True),
    sa.Column("count", sa.Integer, nullable=True),
    sa.Column("record", sa.Text, nullable=True),
    sa.Column("subject", sa.String(12), nullable=True),
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


ODD = [
    "plain",
    "",
    "a,b",
    "it's",
    '"',
    "{}",
    "NULL",
    "\\",
    "é 🌊",
    "\x1e",
    "\x1f",
    "a\x1fb",
    "two\nlines",
    ":who",
    "%s",
    None,
]


@pytest.mark.parametrize("record", [["one"], ["one", "two"], ["", ""], [None, None], ODD[:9], [*ODD[:9], None], ODD])
def test_rows_that_are_mostly_alike_are_kept_as_they_were_said_and_in_order(
    connection: sa.Connection, record: list[str | None]
) -> None:
    alike = {"at": EARLY, "who": "o'Brien %s :at", "rule": None, "count": 7}
    rows = [{**alike, "record": one, "subject": f"s{number}"} for number, one in enumerate(record)]
    gathering = Gathering(connection)
    for row in rows:
        gathering.add(trail, row)
    gathering.write()
    kept = connection.execute(sa.select(trail).order_by(trail.c.sequence)).all()
    assert [{name: value for name, value in row._mapping.items() if name != "sequence"} for row in kept] == rows


def test_a_text_that_is_too_long_is_never_cut(connection: sa.Connection) -> None:
    rows = [{"at": EARLY, "who": "w", "rule": None, "count": 1, "subject": "x" * 13, "record": one} for one in "ab"]
    gathering = Gathering(connection)
    for row in rows:
        gathering.add(trail, row)
    if connection.dialect.name == "sqlite":
        gathering.write()
        assert connection.execute(sa.select(trail.c.subject)).scalars().all() == ["x" * 13] * 2
        return
    with pytest.raises(AuditNotWritten), connection.begin_nested():
        gathering.write()
