"""Brings a service's database to its newest shape: the chassis's own migrations first, then the room's, by Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.boundary import policies, trail
from chassis.database import Database
from chassis.errors import Misbuilt

CHASSIS = Path(__file__).parent / "migrations"
_TABLES = {CHASSIS: "alembic_chassis"}
GUARD_LOCK = 7_302_029


_NOT_ALLOWED = "42501"  # PostgreSQL: insufficient_privilege


class TablesNotReady(Misbuilt):
    """The tables are not of this version, and whoever starts may not change them."""

    says = (
        "The tables of this service are not of its version, and the role it signs in as may not change them, as it"
        " should be. Bring them up first: the same program with --migrate, signed in as the role that may."
    )


def bring_up(database: Database, folder: Path) -> None:
    """Runs every migration that has not run yet; does nothing, and quickly, when there is none.

    On PostgreSQL every table with a partner's column is put under row security afterwards. Refuses (TablesNotReady)
    where something is to be done and the role may not.
    """
    try:
        for place in (CHASSIS, folder):
            if place.is_dir():
                _bring_up(database, place)
        if not database.is_sqlite:
            _guard(database)
    except sa.exc.DBAPIError as refused:
        if getattr(refused.orig, "sqlstate", "") == _NOT_ALLOWED:
            raise TablesNotReady() from None
        raise


def _guard(database: Database) -> None:
    with database.reading() as connection:
        is_guarded = all(table.is_whole for table in policies.guarded(connection))
        if is_guarded and not trail.too_free(connection):
            return
    with database.writing() as connection:
        # Two processes start at once; the second finds nothing left to do.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({GUARD_LOCK})")
        policies.guard(connection)
        trail.narrow(connection)


def version_table(place: Path) -> str:
    """The table in which a folder of migrations keeps what has run."""
    return _TABLES.get(place, "alembic_service")


def _bring_up(database: Database, place: Path) -> None:
    config = _config(place)
    newest = ScriptDirectory.from_config(config).get_current_head()
    if newest is None or newest == _current(database, version_table(place)):
        return
    config.attributes["database"] = database
    config.attributes["version_table"] = version_table(place)
    command.upgrade(config, "head")


def _config(place: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration"))
    config.set_main_option("version_locations", str(place))
    config.set_main_option("path_separator", "newline")
    return config


def _current(database: Database, table: str) -> str | None:
    with database.reading() as connection:
        if not sa.inspect(connection).has_table(table):
            return None
        return connection.execute(sa.text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608 - our own name
