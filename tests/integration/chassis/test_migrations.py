"""Every room's tables come up on a real PostgreSQL, also when two copies of a service start at the same moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.database import Database
from contracts.addresses import SERVICES
from tests.parts.postgres import Databases

ROOT = Path(__file__).parents[3]
BRING_UP = """
import sys
from pathlib import Path
from chassis.database import Database
from chassis.migrate import bring_up
database = Database(sys.argv[1])
bring_up(database, Path(sys.argv[2]))
database.close()
"""


@pytest.mark.parametrize("room", SERVICES)
def test_two_starts_at_once_make_the_tables_once(room: str, postgres: Databases) -> None:
    url, folder = postgres.empty(), ROOT / "services" / room / "migrations"
    command = [sys.executable, "-c", BRING_UP, url, str(folder)]
    starts = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _copy in range(2)]
    said = [start.communicate()[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    database = Database(url)
    with database.reading() as connection:
        found = set(sa.inspect(connection).get_table_names())
    database.close()
    assert set(tables.metadata.tables) <= found
    assert {"alembic_chassis", "alembic_service"} <= found


def test_a_fresh_copy_of_a_room_has_its_tables_and_no_rows(postgres: Databases) -> None:
    first, second = postgres.of("referrals"), postgres.of("referrals")
    one, other = Database(first.replace("{service}", "referrals")), Database(second.replace("{service}", "referrals"))
    with one.writing() as connection:
        connection.execute(sa.insert(tables.brakes).values(
            kind="protected", subject="s", stream="t", number=1, is_on=True, since=sa.func.now()
        ))  # fmt: skip
    count = sa.select(sa.func.count()).select_from(tables.brakes)
    with one.reading() as mine, other.reading() as theirs:
        assert (mine.scalar(count), theirs.scalar(count)) == (1, 0)
    one.close()
    other.close()
