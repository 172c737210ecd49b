"""SQLite has no row security: a statement that does not bind the partner who asks is refused before it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import rows, tables
from chassis.boundary import NETWORK, NOBODY
from chassis.boundary.statements import Unbound
from chassis.database import Database

OURS, THEIRS = "ours", "theirs"
metadata = sa.MetaData()
things = sa.Table(
    "things", metadata, sa.Column("thing_id", sa.Text, primary_key=True), sa.Column("partner_id", sa.Text),
    sa.Column("size", sa.Integer),
)  # fmt: skip
parts = sa.Table(
    "parts", metadata, sa.Column("part_id", sa.Text, primary_key=True), sa.Column("partner_id", sa.Text),
    sa.Column("thing_id", sa.Text),
)  # fmt: skip
places = sa.Table("places", metadata, sa.Column("thing_id", sa.Text), sa.Column("name", sa.Text))
mine: sa.BindParameter[str] = sa.bindparam("mine")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two partners with a thing and a part each."""
    opened = Database(f"sqlite:///{tmp_path}/bound.sqlite", relaxed=True)
    with opened.writing(NETWORK) as connection:
        metadata.create_all(connection)
        tables.audit.create(connection)
        for whose in (OURS, THEIRS):
            connection.execute(sa.insert(things), {"thing_id": f"{whose}-1", "partner_id": whose, "size": 1})
            connection.execute(
                sa.insert(parts), {"part_id": f"{whose}-p", "partner_id": whose, "thing_id": f"{whose}-1"}
            )
            connection.execute(sa.insert(places), {"thing_id": f"{whose}-1", "name": whose})
    yield opened
    opened.close()


def bound(query: Any, table: Any = things) -> Any:
    return query.where(table.c.partner_id == mine)


same_thing = parts.c.thing_id == things.c.thing_id
same_partner = parts.c.partner_id == things.c.partner_id
other = things.alias("other")

REACHES_NO_FURTHER: dict[str, Any] = {
    "a list": bound(sa.select(things)),
    "one row": bound(sa.select(things).where(things.c.thing_id == "ours-1")),
    "a count": bound(sa.select(sa.func.count()).select_from(things)),
    "groups": bound(sa.select(things.c.size, sa.func.count())).group_by(things.c.size),
    "a condition beside an OR": bound(sa.select(things).where(sa.or_(things.c.size == 1, things.c.size == 2))),
    "an alias": sa.select(other).where(other.c.partner_id == mine),
    "both tables of a join bound": bound(bound(sa.select(things, parts).join_from(things, parts, same_thing)), parts),
    "bound by being equal": bound(sa.select(things, parts).join_from(things, parts, same_thing & same_partner)),
    "equal in a WHERE": bound(sa.select(things, parts).join_from(things, parts, same_thing)).where(same_partner),
    "an outer join whose right side is bound in it": bound(
        sa.select(things, parts.c.part_id).outerjoin_from(things, parts, same_thing & same_partner)
    ),
    "an EXISTS that is tied to the row outside": bound(
        sa.select(things).where(sa.exists().where(same_thing, same_partner))
    ),
    "a scalar inside": bound(
        sa.select(
            things.c.thing_id,
            sa.select(sa.func.count()).select_from(parts).where(same_thing, same_partner).scalar_subquery(),
        )
    ),
    "a SELECT in FROM": sa.select(bound(sa.select(things)).subquery()),
    "a union": bound(sa.select(things.c.thing_id)).union_all(bound(sa.select(parts.c.part_id), parts)),
    "a CTE": sa.select(bound(sa.select(things)).cte("those")),
    "what is not guarded": sa.select(places),
    "a table that is not guarded, joined": bound(
        sa.select(things, places.c.name).join_from(things, places, places.c.thing_id == things.c.thing_id)
    ),
    "a change": bound(sa.update(things).values(size=2)),
    "taking away": bound(sa.delete(things)),
}

REACHES_FURTHER: dict[str, Any] = {
    "a list": sa.select(things),
    "one row by its id": sa.select(things).where(things.c.thing_id == "theirs-1"),
    "a count": sa.select(sa.func.count()).select_from(things),
    "an EXISTS alone": sa.select(sa.exists().where(things.c.thing_id == "theirs-1")),
    "the greatest": sa.select(sa.func.max(things.c.size)),
    "bound in one arm of an OR": sa.select(things).where(sa.or_(things.c.partner_id == mine, things.c.size == 1)),
    "not equal": sa.select(things).where(things.c.partner_id != mine),
    "turned round": sa.select(things).where(~(things.c.partner_id == mine)),
    "one of several": sa.select(things).where(things.c.partner_id.in_([OURS, THEIRS])),
    "bound to the other partner": sa.select(things).where(things.c.partner_id == THEIRS),
    "an alias beside the bound table": bound(sa.select(things, other.c.size).join_from(things, other, sa.true())),
    "one table of a join": bound(sa.select(things, parts).join_from(things, parts, same_thing)),
    "an outer join bound by its condition": sa.select(things).outerjoin_from(
        things, parts, same_thing & same_partner & (things.c.partner_id == mine)
    ),
    "a full join": sa.select(things).join_from(
        things, parts, same_thing & same_partner & (things.c.partner_id == mine), full=True
    ),
    "an EXISTS that is not tied": bound(sa.select(things).where(sa.exists().where(same_thing))),
    "a SELECT in FROM": sa.select(sa.select(things).subquery()),
    "a SELECT in FROM under a bound one": bound(
        sa.select(things, sa.select(parts.c.part_id).subquery().c.part_id.label("their_part"))
    ),
    "one half of a union": bound(sa.select(things.c.thing_id)).union_all(sa.select(parts.c.part_id)),
    "a CTE": sa.select(sa.select(things).cte("those")),
    "a scalar inside": bound(
        sa.select(things.c.thing_id, sa.select(sa.func.count()).select_from(parts).scalar_subquery())
    ),
    "a SELECT that is kept apart": bound(
        sa.select(things).where(things.c.size.in_(sa.select(things.c.size).where(things.c.size == 1).correlate(None)))
    ),
    "a subquery in ORDER BY": bound(sa.select(things)).order_by(
        sa.select(sa.func.count()).select_from(parts).scalar_subquery()
    ),
    "a change of all": sa.update(things).values(size=2),
    "a change by id": sa.update(things).where(things.c.thing_id == "theirs-1").values(size=2),
    "a change that gives away": bound(sa.update(things).values(partner_id=THEIRS)),
    "a change that looks at another table": bound(sa.update(things).values(size=2)).where(same_thing),
    "taking all away": sa.delete(things),
    "copying": sa.insert(places).from_select(["thing_id", "name"], sa.select(things.c.thing_id, things.c.thing_id)),
    "text": sa.text("SELECT * FROM things WHERE partner_id = :mine"),
    "text that changes": sa.text("UPDATE things SET size = 2 WHERE partner_id = :mine"),
    "text that adds what it reads": sa.text(
        "INSERT INTO things (thing_id, partner_id) VALUES ((SELECT thing_id FROM things), :mine)"
    ),
}


def run(connection: sa.Connection, query: Any) -> Any:
    needs = "mine" in query.compile().params
    return connection.execute(query, {"mine": OURS} if needs else {})


@pytest.mark.parametrize("name", REACHES_NO_FURTHER)
def test_a_statement_that_binds_the_partner_runs_as_often_as_one_likes(name: str, database: Database) -> None:
    for _turn in range(2):
        with database.writing(OURS) as connection:
            found = run(connection, REACHES_NO_FURTHER[name])
            if found.returns_rows and name != "what is not guarded":
                assert THEIRS not in repr(found.all())


@pytest.mark.parametrize("name", REACHES_FURTHER)
def test_a_statement_that_does_not_is_refused_as_often_as_it_is_tried(name: str, database: Database) -> None:
    for _turn in range(2):
        with pytest.raises(Unbound) as refused, database.writing(OURS) as connection:
            run(connection, REACHES_FURTHER[name])
        assert refused.value.table in {"things", "parts"}
        assert refused.value.table in refused.value.says


# This one breaks a key of its own, whoever runs it.
@pytest.mark.parametrize("name", sorted({*REACHES_FURTHER} - {"text that adds what it reads"}))
def test_the_network_is_held_up_by_nothing(name: str, database: Database) -> None:
    with database.writing(NETWORK) as connection:
        run(connection, REACHES_FURTHER[name])


def test_the_same_statement_is_looked_at_anew_for_each_value(database: Database) -> None:
    query = bound(sa.select(things))
    for whose in (OURS, THEIRS, OURS):
        with database.reading(whose) as connection:
            assert [row.partner_id for row in connection.execute(query, {"mine": whose})] == [whose]
    with pytest.raises(Unbound), database.reading(OURS) as connection:
        connection.execute(query, {"mine": THEIRS})


@pytest.mark.parametrize("query", [bound(sa.select(things)), sa.select(things), sa.select(parts)])
def test_nobody_sees_nothing(query: Any, database: Database) -> None:
    with pytest.raises(Unbound), database.reading() as connection:
        run(connection, query)
    with pytest.raises(Unbound), database.reading(NOBODY) as connection:
        connection.execute(sa.select(things).where(things.c.partner_id == ""))


def adding(whose: str) -> dict[str, Callable[[sa.Connection], Any]]:
    """Each way in which rows are added here."""
    row = {"thing_id": "new", "partner_id": whose, "size": 1}
    by_hand = sa.text("INSERT INTO things (thing_id, partner_id) VALUES ('new', :whose) ON CONFLICT DO NOTHING")
    return {
        "one": lambda connection: connection.execute(sa.insert(things), row),
        "values": lambda connection: connection.execute(sa.insert(things).values(row)),
        "several values": lambda connection: connection.execute(
            sa.insert(things).values([{**row, "partner_id": OURS, "thing_id": "first"}, row])
        ),
        "many": lambda connection: connection.execute(
            sa.insert(things), [{**row, "partner_id": OURS, "thing_id": "first"}, row]
        ),
        "kept": lambda connection: rows.put(connection, things, row),
        "once": lambda connection: rows.insert_or_ignore(connection, things, [row]),
        "gathered": lambda connection: gather(connection, row),
        "text": lambda connection: connection.execute(by_hand, {"whose": whose}),
    }


def gather(connection: sa.Connection, row: dict[str, Any]) -> None:
    gathering = rows.Gathering(connection)
    gathering.add(things, row)
    gathering.write()


@pytest.mark.parametrize("way", adding(OURS))
def test_a_partner_adds_its_own_rows_and_no_others(way: str, database: Database) -> None:
    with database.writing(OURS) as connection:
        adding(OURS)[way](connection)
    with pytest.raises(Unbound), database.writing(OURS) as connection:
        adding(THEIRS)[way](connection)
    with database.reading(NETWORK) as connection:
        whose = connection.execute(sa.select(things.c.partner_id).where(things.c.thing_id == "new")).scalars().all()
    assert whose == [OURS]


def test_a_row_without_a_partner_is_not_added_by_one(database: Database) -> None:
    with pytest.raises(Unbound), database.writing(OURS) as connection:
        connection.execute(sa.insert(things), {"thing_id": "nobody's"})


@pytest.mark.parametrize("whom", [NOBODY, OURS])
def test_whoever_is_refused_leaves_an_audit_row_and_reads_none(whom: str, database: Database) -> None:
    columns = [column for column in tables.audit.c if not column.nullable and column.name not in {"sequence", "at"}]
    row = {"at": sa.func.now(), **{column.name: "x" for column in columns}, "partner_id": None}
    with database.writing(whom) as connection:
        connection.execute(sa.insert(tables.audit).values(row))
    with pytest.raises(Unbound), database.reading(whom) as connection:
        connection.execute(sa.select(tables.audit))


def test_statements_of_the_driver_are_looked_at_too(database: Database) -> None:
    with pytest.raises(Unbound), database.reading(OURS) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM things")
    with database.reading(OURS) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM places").scalar() == 2


def test_a_connection_keeps_nothing_of_whom_it_was_bound_to(database: Database) -> None:
    query = bound(sa.select(things))
    for whose in (OURS, NETWORK, NOBODY, THEIRS, NOBODY):
        if whose == NOBODY:
            with pytest.raises(Unbound), database.reading(whose) as connection:
                connection.execute(query, {"mine": OURS})
            continue
        with database.reading(whose) as connection:
            assert len(connection.execute(query, {"mine": OURS if whose == NETWORK else whose}).all()) == 1


def test_a_table_that_came_later_is_guarded(database: Database) -> None:
    with database.writing(NETWORK) as connection:
        connection.exec_driver_sql("CREATE TABLE later (partner_id TEXT)")
    with pytest.raises(Unbound), database.reading(OURS) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM later")
