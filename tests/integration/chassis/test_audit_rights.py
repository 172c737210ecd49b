"""On PostgreSQL a service's own role adds, reads and seals audit rows, and can neither change nor remove one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors

from chassis.audit import sealing
from chassis.boundary import NETWORK
from chassis.boundary.trail import rights as audit_rights
from chassis.database import Database
from tests.integration.chassis.test_audit_trail import ROOM, Trail

FORBIDDEN = (
    "UPDATE audit SET who_id = 'x'", "UPDATE audit SET at = at", "UPDATE audit SET sequence = sequence + 1",
    "DELETE FROM audit", "TRUNCATE audit", "DROP TABLE audit", "ALTER TABLE audit DISABLE TRIGGER ALL",
    "UPDATE audit_heads SET place = 1", "DELETE FROM audit_heads", "SELECT setval('audit_sequence_seq', 1)",
)  # fmt: skip


def test_a_services_role_seals_rows_and_cannot_change_or_remove_one(postgres: Any, tmp_path: Path) -> None:
    trail = Trail(tmp_path / "var", postgres.of(ROOM))
    trail.note(3)
    _tried_as(trail.database.url, trail)
    assert trail.bad() is None
    trail.close()


def _tried_as(theirs: sa.URL, trail: Trail) -> None:
    database = Database(theirs.render_as_string(hide_password=False))
    assert sealing.seal(database, ROOM) == 3
    with database.writing(NETWORK) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO audit (at, who_kind, who_id, roles, action, outcome, request_id, correlation_id)"
                " VALUES (now(), 'service', 'support', '', 'support.pause', 'done', 'r', 'r')"
            )
        )
    assert sealing.seal(database, ROOM) == 1
    database.close()
    plain = theirs.set(drivername="postgresql").render_as_string(hide_password=False)
    for statement in FORBIDDEN:
        with psycopg.connect(plain) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("role", ["", "a b", "a;drop table audit", "Ä", "PUBLIC"])
def test_an_odd_name_of_a_role_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        audit_rights(role)
