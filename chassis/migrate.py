"""Brings a service's database to its newest shape: the chassis's own migrations first, then the room's, by Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.database import Database

CHASSIS = Path(__file__).parent / "migrations"
_TABLES = {CHASSIS: "alembic_chassis"}


def bring_up(database: Database, folder: Path) -> None:
    """Runs every migration that has not run yet; does nothing, and quickly, when there is none."""
    for place in (CHASSIS, folder):
        if place.is_dir():
            _bring_up(database, place)


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
