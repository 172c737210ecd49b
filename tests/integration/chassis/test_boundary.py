"""Row-level security holds the boundary between partners on PostgreSQL, in the matching room's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from chassis.boundary import NETWORK, NOBODY, BoundAnew, PartnerUnfit, check_sets_nothing
from chassis.database import Database
from chassis.tables import audit
from services.matching.store import clearances, peers
from tests.parts.postgres import ROOM, Databases

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
OURS, THEIRS = "ours", "theirs"
# Peers of each partner.
EACH = {OURS: 3, THEIRS: 5}


def a_peer(partner_id: str, number: int) -> dict[str, Any]:
    return {
        "peer_id": f"{partner_id}-{number}", "partner_id": partner_id, "called": f"called {partner_id}", "limits": {},
        "places": 4 if partner_id == THEIRS else 2, "about": None, "is_paused": False, "joined_at": NOW,
    }  # fmt: skip


@pytest.fixture(scope="module")
def url(postgres_server: Any) -> Iterator[str]:
    """A matching room with peers of two partners; tests leave it as it is."""
    databases = Databases(postgres_server)
    made = databases.of("matching").replace("{service}", "matching")
    database = Database(made)
    with database.writing(NETWORK) as connection:
        for partner_id, count in EACH.items():
            connection.execute(sa.insert(peers), [a_peer(partner_id, number) for number in range(count)])
            connection.execute(
                sa.insert(clearances),
                [{"peer_id": f"{partner_id}-{number}", "is_cleared": True, "since": NOW} for number in range(count)],
            )
    database.close()
    yield made
    databases.close()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def count(database: Database, bound_to: str) -> int:
    with database.reading(bound_to) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(peers)).scalar_one())


def driver(url: str, **changes: Any) -> psycopg.Connection[Any]:
    """A connection of the driver's own, past all that the chassis does."""
    given = sa.make_url(url)
    return psycopg.connect(
        host=given.host, port=given.port, user=given.username, password=given.password, dbname=given.database, **changes
    )


# ---- who sees what


@pytest.mark.parametrize(
    ("bound_to", "there"),
    [(OURS, 3), (THEIRS, 5), (NETWORK, 8), (NOBODY, 0), ("nobody-has-this-id", 0)],
)
def test_a_transaction_sees_the_rows_of_whom_it_is_bound_to(database: Database, bound_to: str, there: int) -> None:
    assert count(database, bound_to) == there


@pytest.mark.parametrize("unfit", ["p' OR true --", "ours'; SET LOCAL app.partner = 'network", "two words", "x" * 37])
def test_what_is_no_id_binds_nothing(database: Database, unfit: str) -> None:
    with pytest.raises(PartnerUnfit):
        count(database, unfit)


WAYS: dict[str, Any] = {
    "a count": sa.select(sa.func.count()).select_from(peers),
    "whether there is one": sa.select(sa.exists().where(peers.c.peer_id == "theirs-0")),
    "the most": sa.select(sa.func.max(peers.c.places)),
    "groups": sa.select(peers.c.partner_id, sa.func.count()).group_by(peers.c.partner_id),
    "a join": sa.select(sa.func.count()).select_from(clearances.join(peers, peers.c.peer_id == clearances.c.peer_id)),
    "what is missing beside another table": sa.select(sa.func.count())
    .select_from(clearances.outerjoin(peers, peers.c.peer_id == clearances.c.peer_id))
    .where(peers.c.peer_id.is_not(None)),
    "a part of a statement": sa.select(sa.func.count())
    .select_from(clearances)
    .where(clearances.c.peer_id.in_(sa.select(peers.c.peer_id))),
    "all names as one text": sa.select(sa.func.string_agg(sa.distinct(peers.c.called), ",")),
}
OF_OURS: dict[str, Any] = {
    "a count": [(3,)], "whether there is one": [(False,)], "the most": [(2,)], "groups": [(OURS, 3)], "a join": [(3,)],
    "what is missing beside another table": [(3,)], "a part of a statement": [(3,)],
    "all names as one text": [("called ours",)],
}  # fmt: skip
OF_ALL: dict[str, Any] = {
    "a count": [(8,)], "whether there is one": [(True,)], "the most": [(4,)], "groups": [(OURS, 3), (THEIRS, 5)],
    "a join": [(8,)], "what is missing beside another table": [(8,)], "a part of a statement": [(8,)],
    "all names as one text": [("called ours,called theirs",)],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_asking_tells_of_others(database: Database, way: str) -> None:
    for bound_to, expected in ((OURS, OF_OURS), (NETWORK, OF_ALL)):
        with database.reading(bound_to) as connection:
            assert sorted(tuple(row) for row in connection.execute(WAYS[way])) == expected[way]


# ---- who changes what


@pytest.mark.parametrize(
    "change",
    [
        sa.insert(peers).values(a_peer(THEIRS, 99)),
        sa.update(peers).where(peers.c.peer_id == "ours-0").values(partner_id=THEIRS),
    ],
    ids=["adding for another", "giving away"],
)
def test_nothing_is_made_another_partners(database: Database, change: Any) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="new row violates row-level security"), database.writing(OURS) as here:
        here.execute(change)
    assert count(database, THEIRS) == 5


@pytest.mark.parametrize("change", [sa.update(peers).values(places=0), sa.delete(peers)], ids=["changing", "taking"])
def test_others_rows_are_not_there_to_be_changed(database: Database, change: Any) -> None:
    with database.writing(OURS) as connection:
        # By its key, and all there are.
        assert connection.execute(change.where(peers.c.peer_id == "theirs-0")).rowcount == 0
        assert connection.execute(change.where(peers.c.peer_id != "ours-0")).rowcount == 2
        connection.rollback()
    assert count(database, NETWORK) == 8


def test_whoever_is_refused_leaves_an_audit_row_and_reads_none_of_others(database: Database) -> None:
    row = {column.name: "x" for column in audit.c if not column.nullable and column.name not in {"sequence", "at"}}
    for bound_to, whose in ((NOBODY, None), (OURS, OURS), (OURS, None), (THEIRS, THEIRS)):
        with database.writing(bound_to) as connection:
            connection.execute(sa.text(
                f"INSERT INTO audit (at, partner_id, {', '.join(row)}) VALUES (now(), :whose, {', '.join(map(':{}'.format, row))})"  # noqa: E501, S608
            ), {"whose": whose, **row})  # fmt: skip
    seen = {}
    for bound_to in (NOBODY, OURS, THEIRS, NETWORK):
        with database.reading(bound_to) as connection:
            seen[bound_to] = connection.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one()
    assert seen == {NOBODY: 0, OURS: 1, THEIRS: 1, NETWORK: 4}


@pytest.mark.parametrize(
    ("tries", "says"),
    [
        ("ALTER TABLE peers DISABLE ROW LEVEL SECURITY", "must be owner"),
        ("ALTER TABLE peers NO FORCE ROW LEVEL SECURITY", "must be owner"),
        ("CREATE POLICY all_of_it ON peers USING (true)", "must be owner"),
        ("TRUNCATE peers", "permission denied"),
        ("CREATE TABLE public.copy_of_it AS SELECT 1", "permission denied"),
        ("SET row_security = off; SELECT count(*) FROM peers", "would be affected by row-level security"),
        ("SET ROLE room_owner", "permission denied"),
        ("SET ROLE room_backup", "permission denied"),
    ],
)
def test_a_room_cannot_switch_it_off(url: str, tries: str, says: str) -> None:
    with driver(url, autocommit=True) as connection, pytest.raises(psycopg.Error, match=says):
        connection.execute(tries)


# ---- when it is said


def test_what_is_bound_is_bound_once(database: Database) -> None:
    anew = "SELECT set_config('app.partner', 'network', true)"
    others = ("SET LOCAL app.partner = 'network'", "set app.partner to 'network'", "SELECT 1; SET ROLE room_owner")
    for words in (anew, *others, 'SET SESSION "app.partner" = 1'):
        with pytest.raises(BoundAnew), database.writing(OURS) as connection:
            connection.execute(sa.text(words))
    with database.writing(OURS) as connection:
        with pytest.raises(BoundAnew), connection.begin_nested():
            connection.exec_driver_sql(anew)
        assert connection.execute(sa.select(sa.func.count()).select_from(peers)).scalar_one() == 3


def test_a_column_that_is_called_like_a_setting_is_changed_as_ever() -> None:
    for words in ("UPDATE work SET role = 'peer'", "UPDATE work SET called = 'set role', role = 'peer'"):
        check_sets_nothing(words)


def test_what_a_savepoint_would_bind_stays_when_it_is_released(url: str) -> None:
    """Why it is refused: this is what the server does with it."""
    with driver(url) as connection:
        connection.execute("SET LOCAL app.partner = 'ours'")
        with connection.transaction():
            connection.execute("SET LOCAL app.partner = 'network'")
        row = connection.execute("SELECT count(*) FROM peers").fetchone()
        assert row == (8,)


def test_a_savepoint_given_up_or_kept_leaves_the_binding_as_it_was(database: Database) -> None:
    query = sa.select(sa.func.count()).select_from(peers)
    with database.writing(OURS) as connection:
        nested = connection.begin_nested()
        assert connection.execute(query).scalar_one() == 3
        nested.rollback()
        with connection.begin_nested():
            assert connection.execute(query).scalar_one() == 3
        assert connection.execute(query).scalar_one() == 3


def test_one_connection_used_by_many_keeps_nothing_of_the_one_before(database: Database) -> None:
    seen, backends = [], set()
    for bound_to in (OURS, NOBODY, THEIRS, NETWORK, NOBODY) * 8:
        with database.reading(bound_to) as connection:
            seen.append(connection.execute(sa.select(sa.func.count()).select_from(peers)).scalar_one())
            backends.add(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
    assert len(backends) == 1
    assert seen == [3, 0, 5, 8, 0] * 8


def test_a_transaction_that_failed_leaves_nothing_either(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.writing(NETWORK) as connection:
        connection.exec_driver_sql("SELECT 1 / 0")
    assert count(database, NOBODY) == 0


def test_a_new_connection_finds_null_and_a_used_one_nothing_and_both_are_nobody(url: str) -> None:
    ask = "SELECT current_setting('app.partner', true)"
    with driver(url, autocommit=True) as connection:
        assert connection.execute(ask).fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM peers").fetchone() == (0,)
        with connection.transaction():
            connection.execute("SET LOCAL app.partner = 'ours'")
        assert connection.execute(ask).fetchone() == ("",)
        assert connection.execute("SELECT count(*) FROM peers").fetchone() == (0,)


def test_outside_a_transaction_of_ours_nothing_is_there(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(peers)).scalar_one() == 0
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(peers)).scalar_one() == 0


def test_a_second_transaction_on_the_same_connection_is_nobodys(database: Database) -> None:
    query = sa.select(sa.func.count()).select_from(peers)
    with database.engine.connect() as connection:
        with database.reading(OURS) as other:
            assert other.execute(query).scalar_one() == 3
        connection.execute(sa.text("SELECT 1"))
        connection.commit()
        assert connection.execute(query).scalar_one() == 0


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), database.reading(OURS) as connection:
        connection.execute(sa.insert(peers).values(a_peer(OURS, 99)))


def test_the_service_signs_in_as_a_room(url: str) -> None:
    assert sa.make_url(url).username == ROOM
