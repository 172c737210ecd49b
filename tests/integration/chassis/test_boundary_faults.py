"""What would let somebody past the boundary is found before a service starts: in tables, keys, views and roles."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.boundary import COLUMN, NETWORK, faults, policies
from chassis.boundary.faults import BoundaryOpen
from chassis.database import Database
from chassis.migrate import TablesNotReady, bring_up
from contracts.addresses import SERVICES
from tests.builders import a_house
from tests.parts import postgres as parts
from tests.parts.postgres import ALONE, BACKUP, OWNER, ROOM, TABLES, Databases, Postgres
from tests.tellers import over_all_of

ROOT = Path(__file__).parents[3]
# Tables that name a partner and are left out of row security, each with its reason: none.
LEFT_OUT: dict[str, set[str]] = {}
# Tables that say of which partner somebody was who looked: whose row it is, is nobody's partner.
OF_WHOEVER_LOOKED = {"glasses", "shown_lately"}


def found_as(server: Postgres, name: str, role: str = ROOM, allowed: Any = ()) -> faults.Faults:
    database = Database(server.url(name, role))
    try:
        with database.reading() as connection:
            return faults.find(connection, allowed)
    finally:
        database.close()


@pytest.fixture
def matching(postgres: Databases) -> str:
    """The name of a matching room's database."""
    return str(sa.make_url(postgres.of("matching").replace("{service}", "matching")).database)


@pytest.mark.parametrize("room", SERVICES)
def test_every_table_of_a_room_with_a_partners_column_is_guarded(room: str, postgres: Databases) -> None:
    name = str(sa.make_url(postgres.of(room).replace("{service}", room)).database)
    store = importlib.import_module(f"services.{room}.store")
    declared = {
        table.name
        for metadata in (store.metadata, tables.metadata)
        for table in metadata.sorted_tables
        if COLUMN in table.c
    }
    with postgres.server._connect(name) as connection:
        rows = connection.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attname LIKE '%partner%' WHERE c.relkind = 'r' AND c.relname NOT LIKE 'pg_%'"
        ).fetchall()
    others = {name for name, _guarded in rows} - declared
    assert others == OF_WHOEVER_LOOKED & {
        table.name for one in (store.metadata, tables.metadata) for table in one.sorted_tables
    }
    assert declared <= {name for name, _guarded in rows}
    assert {name for name, is_guarded in rows if not is_guarded} - others == LEFT_OUT.get(room, set())
    assert found_as(postgres.server, name, allowed=over_all_of(room)) == faults.Faults((), ())


@pytest.mark.parametrize("room", SERVICES)
def test_a_key_that_is_let_through_is_still_there(room: str, postgres: Databases) -> None:
    name = str(sa.make_url(postgres.of(room).replace("{service}", room)).database)
    assert len(found_as(postgres.server, name).of_shape) == len(over_all_of(room))
    assert all(over_all_of(room).values())


BREAKS = {
    "ALTER TABLE peers NO FORCE ROW LEVEL SECURITY": "peers has a partner's column and is not under row security",
    "ALTER TABLE peers DISABLE ROW LEVEL SECURITY": "peers has a partner's column and is not under row security",
    "CREATE POLICY wide ON peers USING (true)": "peers has other policies than ours: partner_1, wide",
    "DROP POLICY partner_1 ON peers": "peers has other policies than ours: none",
    "ALTER POLICY partner_1 ON peers USING (true) WITH CHECK (true)": "does not say what it should",
    "CREATE TABLE letters (letter_id text PRIMARY KEY, partner_id text)": "letters has a partner's column and is not",
    "ALTER TABLE peers ADD COLUMN badge text UNIQUE": "the unique key of peers (badge) does not begin with partner_id",
    "CREATE UNIQUE INDEX ON peers (lower(called), partner_id)": "peers ((expression), partner_id) does not begin",
    "CREATE VIEW all_peers AS SELECT * FROM peers": "the view all_peers looks with its owner's eyes",
    "CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM peers": "kept is a materialized view",
}
STAYS_WELL = (
    "CREATE VIEW theirs WITH (security_invoker) AS SELECT * FROM peers",
    "ALTER TABLE peers ADD COLUMN badge text, ADD UNIQUE (partner_id, badge)",
    "CREATE TABLE letters (letter text UNIQUE)",
)


@pytest.mark.parametrize("broken", BREAKS)
def test_what_opens_the_boundary_is_found(broken: str, matching: str, postgres: Databases) -> None:
    with postgres.server._connect(matching) as connection:
        connection.execute(broken)
    (fault,) = found_as(postgres.server, matching).of_shape
    assert BREAKS[broken] in fault


@pytest.mark.parametrize("harmless", STAYS_WELL)
def test_what_does_not_is_let_be(harmless: str, matching: str, postgres: Databases) -> None:
    with postgres.server._connect(matching) as connection:
        connection.execute(harmless)
    assert found_as(postgres.server, matching).of_shape == ()


def test_bringing_up_guards_what_is_not_guarded(matching: str, postgres: Databases) -> None:
    with postgres.server._connect(matching) as connection:
        connection.execute(f"SET ROLE {OWNER}; CREATE TABLE letters (letter_id text PRIMARY KEY, partner_id text)")
        connection.execute("ALTER TABLE peers NO FORCE ROW LEVEL SECURITY; CREATE POLICY wide ON peers USING (true)")
    assert len(found_as(postgres.server, matching).of_shape) == 2
    database = Database(postgres.server.url(matching, TABLES))
    bring_up(database, ROOT / "services" / "matching" / "migrations")
    database.close()
    assert found_as(postgres.server, matching).of_shape == ()


def test_a_room_finds_its_tables_ready_or_does_not_start(matching: str, postgres: Databases) -> None:
    database, folder = Database(postgres.server.url(matching, ROOM)), ROOT / "services" / "matching" / "migrations"
    bring_up(database, folder)
    with postgres.server._connect(matching) as connection:
        connection.execute("DROP TABLE alembic_service")
    with pytest.raises(TablesNotReady, match="--migrate"):
        bring_up(database, folder)
    database.close()


# ---- roles


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("tests", "tests is a superuser"),
        (BACKUP, f"{BACKUP} has BYPASSRLS"),
        (TABLES, "owns"),
    ],
)
def test_a_role_that_no_service_may_have_is_found(role: str, says: str, matching: str, postgres: Databases) -> None:
    found = found_as(postgres.server, matching, role).of_role
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize("granted", [OWNER, BACKUP, "tests"])
def test_a_role_that_may_become_one_is_found_too(granted: str, matching: str, postgres: Databases) -> None:
    assert found_as(postgres.server, matching).of_role == ()
    with postgres.server._connect() as connection:
        connection.execute(f"GRANT {granted} TO {ROOM}")
        try:
            assert len(found_as(postgres.server, matching).of_role) == 1
        finally:
            connection.execute(f"REVOKE {granted} FROM {ROOM}")


def test_only_backups_are_let_past(postgres_server: Postgres) -> None:
    with postgres_server._connect() as connection:
        past = connection.execute("SELECT rolname FROM pg_roles WHERE rolbypassrls AND NOT rolsuper").fetchall()
        members = connection.execute(
            "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = %s::regrole", (BACKUP,)
        ).fetchall()
    assert (past, members) == ([(BACKUP,)], [])


def test_in_production_a_service_that_owns_its_tables_does_not_start(tmp_path: Path, postgres: Databases) -> None:
    url = postgres.empty()
    with pytest.raises(BoundaryOpen, match=f"{ALONE} owns"):
        a_house(tmp_path / "one", "matching", database_url=url, demo=False)
    house = a_house(tmp_path / "two", "matching", database_url=postgres.of("matching"), demo=False)
    house.close()


def test_a_test_database_is_used_all_the_same_and_its_service_says_so(
    tmp_path: Path, postgres: Databases, told: Any
) -> None:
    house = a_house(tmp_path, "matching", database_url=postgres.empty(), log_level="warning")
    house.close()
    lines = [line for line in told.getvalue().splitlines() if "boundary_weak" in line]
    assert len(lines) == 1
    assert f"{ALONE} owns" in lines[0]


def test_tables_without_row_security_are_not_worked_on_even_in_a_demo(
    tmp_path: Path, matching: str, postgres: Databases
) -> None:
    with postgres.server._connect(matching) as connection:
        connection.execute("CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM peers")
    with pytest.raises(BoundaryOpen, match="kept is a materialized view"):
        a_house(tmp_path, "matching", database_url=postgres.server.url(matching, ROOM))


# ---- copies


@pytest.fixture
def told_of(matching: str, postgres: Databases) -> str:
    """A matching room in which a partner is known by name."""
    database = Database(postgres.server.url(matching, ROOM))
    with database.writing(NETWORK) as connection:
        connection.exec_driver_sql("INSERT INTO partners (partner_id, name) VALUES ('p', 'Kanarienvogel')")
    database.close()
    return matching


def dumped(postgres: Databases, name: str, role: str, *options: str) -> subprocess.CompletedProcess[str]:
    programs, _how = parts._programs()
    address = postgres.server.url(name, role).replace("+psycopg", "")
    return subprocess.run(
        [str(programs / "pg_dump"), "--table=partners", "--data-only", *options, address], capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def test_a_copy_is_taken_by_the_role_that_may(told_of: str, postgres: Databases) -> None:
    whole = dumped(postgres, told_of, BACKUP)
    assert (whole.returncode, whole.stdout.count("Kanarienvogel")) == (0, 1)


def test_a_copy_taken_as_the_service_fails_aloud_and_with_its_option_is_empty(
    told_of: str, postgres: Databases
) -> None:
    aloud = dumped(postgres, told_of, ROOM)
    assert aloud.returncode != 0
    assert "row-level security" in aloud.stderr
    empty = dumped(postgres, told_of, ROOM, "--enable-row-security")
    assert (empty.returncode, empty.stdout.count("Kanarienvogel")) == (0, 0)


def test_the_policy_reads_as_it_was_measured() -> None:
    assert policies.PREDICATE == (
        "(CASE (SELECT nullif(current_setting('app.partner', true), '')) WHEN 'network' THEN true"
        " WHEN partner_id THEN true END) IS NOT NULL"
    )
