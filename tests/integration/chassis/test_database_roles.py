"""The databases as the production shape makes them: the script itself, run on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from chassis.boundary import faults
from chassis.database import Database
from chassis.migrate import bring_up
from contracts.addresses import SERVICES
from tests.parts import postgres as parts
from tests.parts.postgres import Postgres
from tests.tellers import over_all_of

ROOT = Path(__file__).parents[3]
WORKS, TABLES, COPIES = "works", "tables", "copies"
ROLES = [f"{room}{ending}" for room in SERVICES for ending in ("", "_tables", "_owner")] + ["backup"]


@pytest.fixture(scope="module")
def server(postgres_server: Postgres) -> Iterator[Postgres]:
    """A server on which the script ran."""
    programs, _how = parts._programs()
    given = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1", "PGPORT": str(postgres_server.port), "PGPASSWORD": postgres_server._password,
        "POSTGRES_USER": "tests", "SERVICES_PASSWORD": WORKS, "TABLES_PASSWORD": TABLES, "BACKUP_PASSWORD": COPIES,
    }  # fmt: skip
    script = ROOT / "deploy" / "postgres" / "databases.sh"
    done = subprocess.run(["bash", str(script)], env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield postgres_server
    postgres_server.drop(list(SERVICES))
    with postgres_server._connect() as connection:
        for role in ROLES:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def address(server: Postgres, role: str, password: str, name: str) -> str:
    return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{server.port}/{name}"


def migrated(server: Postgres, room: str, role: str, password: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Brings a room's tables up as the composed process does."""
    given = {
        **os.environ, "BEENTHERE_DATABASE_URL": address(server, role, password, room), "BEENTHERE_DATA": str(folder),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", f"services.{room}", "--migrate"]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def test_tables_are_brought_up_by_the_role_that_may_and_no_other(server: Postgres, tmp_path: Path) -> None:
    refused = migrated(server, "partners", "partners", WORKS, tmp_path)
    assert (refused.returncode, "--migrate" in refused.stderr) == (2, True), refused.stderr
    for _again in range(2):
        done = migrated(server, "partners", "partners_tables", TABLES, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_signs_in_as_a_role_the_boundary_holds_for(server: Postgres, room: str) -> None:
    owner = Database(address(server, f"{room}_tables", TABLES, room))
    bring_up(owner, ROOT / "services" / room / "migrations")
    owner.close()
    database = Database(address(server, room, WORKS, room))
    with database.reading() as connection:
        assert faults.find(connection, over_all_of(room)) == faults.Faults((), ())
        owners = connection.exec_driver_sql(
            "SELECT DISTINCT relowner::regrole::text FROM pg_class c WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        ).scalars()
        assert list(owners) == [f"{room}_owner"]
    database.close()


def test_a_room_reaches_no_other_rooms_database(server: Postgres) -> None:
    for role, password in (("home", WORKS), ("home_tables", TABLES)):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(address(server, role, password, "partners").replace("+psycopg", ""))


def test_nobody_signs_in_as_an_owner_and_only_backup_is_let_past(server: Postgres) -> None:
    with server._connect() as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = ANY(%s)", (ROLES,)
        ).fetchall()
    assert {name for name, may_sign_in, _past in rows if not may_sign_in} == {f"{room}_owner" for room in SERVICES}
    assert {name for name, _may, is_past in rows if is_past} == {"backup"}
    assert len(rows) == len(ROLES)


@pytest.mark.parametrize("tries", ["TRUNCATE partners CASCADE", "CREATE TABLE mine (id text)", "DROP TABLE accounts"])
def test_a_room_does_nothing_to_its_tables(server: Postgres, tries: str) -> None:
    plain = address(server, "partners", WORKS, "partners").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(tries)
