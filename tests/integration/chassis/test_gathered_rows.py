"""Rows gathered in a transaction are there for whatever is asked next, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.columns import Serial
from chassis.database import Database
from chassis.errors import AuditNotWritten
from chassis.rows import Gathering
from chassis.service import Service
from chassis.tables import audit, facts, outbox
from contracts.partners import PartnerJoined
from tests.builders import MORNING
from tests.integration.chassis.conftest import World

metadata = sa.MetaData()
things = sa.Table(
    "things",
    metadata,
    sa.Column("thing_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Integer, nullable=True),
    sa.Column("words", sa.Text, nullable=True),
)
lines = sa.Table(
    "lines", metadata, sa.Column("id", Serial, primary_key=True, autoincrement=True), sa.Column("of", sa.Text)
)


@pytest.fixture(params=["sqlite", "postgres"])
def gathering(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gathering]:
    """Rows of a transaction on an empty database of each kind."""
    sqlite = f"sqlite:///{tmp_path}/things.sqlite"
    database = Database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres").empty())
    with database.writing() as connection:
        metadata.create_all(connection)
        yield Gathering(connection)
    database.close()


def steps(connection: sa.Connection) -> dict[str, tuple[Any, Any]]:
    return {row.thing_id: (row.step, row.words) for row in connection.execute(sa.select(things))}


def test_nothing_is_written_until_something_is_asked(gathering: Gathering) -> None:
    gathering.put(things, {"thing_id": "a", "step": 1})
    assert steps(gathering.bare) == {}
    assert steps(gathering.connection) == {"a": (1, None)}


def test_of_rows_with_one_key_the_last_one_holds(gathering: Gathering) -> None:
    for step in (1, 2, 3):
        gathering.put(things, {"thing_id": "a", "step": step})
        gathering.put(things, {"thing_id": f"b{step}", "step": step})
    gathering.write()
    gathering.put(things, {"thing_id": "b1", "step": 9})
    assert steps(gathering.connection) == {"a": (3, None), "b1": (9, None), "b2": (2, None), "b3": (3, None)}


def test_rows_that_name_other_columns_are_put_in_their_order(gathering: Gathering) -> None:
    gathering.put(things, {"thing_id": "a", "step": 1, "words": "one"})
    gathering.put(things, {"thing_id": "a", "words": "two"})
    gathering.put(things, {"thing_id": "a", "step": 3, "words": "three"})
    gathering.put(things, {"thing_id": "a", "step": 4})
    assert steps(gathering.connection) == {"a": (4, "three")}


def test_new_rows_are_all_kept_in_the_order_in_which_they_were_added(gathering: Gathering) -> None:
    for of in ("x", "x", "y", "x"):
        gathering.add(lines, {"of": of})
    assert list(gathering.connection.execute(sa.select(lines.c.of).order_by(lines.c.id)).scalars()) == list("xxyx")


def joins(room: Service, name: str, *, fails: bool = False) -> None:
    """States a fact, notes it, and fails if it is to."""
    with room.writing() as unit:
        fact = PartnerJoined(
            partner_id=name, code=name, name=name, kind="voluntary", area="north", joined_on=MORNING.date()
        )
        unit.state(f"partners/partner/{name}", fact)
        unit.note("partner.join", subject=name)
        if fails:
            raise LookupError(name)


def test_what_is_stated_and_noted_is_written_with_the_commit_or_not_at_all(world: World) -> None:
    joins(world.partners, "a")
    with pytest.raises(LookupError):
        joins(world.partners, "b", fails=True)
    assert [row.stream for row in world.rows(facts, world.partners)] == ["partners/partner/a"]
    assert [row.stream for row in world.rows(outbox, world.partners)] == ["partners/partner/a"]
    assert [row.subject for row in world.rows(audit, world.partners)] == ["a"]


def test_a_transaction_that_only_reads_writes_no_row_it_was_given(world: World) -> None:
    with pytest.raises(AuditNotWritten):
        with world.partners.reading() as unit:
            unit.note("partner.join", subject="a")
    assert world.rows(audit, world.partners) == []


def test_what_a_failing_reaction_had_gathered_is_not_written_with_the_next_fact(world: World) -> None:
    world.failing.add("b")
    for name in ("a", "b", "c"):
        world.joins(name, name)
    world.hear_all()
    assert sorted(world.seen()) == ["a", "c"]
