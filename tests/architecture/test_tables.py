"""Tables and migrations agree: what a store declares is what a fresh database has."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from chassis import tables
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.migrate import CHASSIS, bring_up, version_table
from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT


def differences(place: Path, folder: Path, metadata: sa.MetaData) -> list[Any]:
    """What would have to change in a database that was just brought up."""

    def ours(_thing: Any, _name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return not (kind == "table" and reflected and other is None)

    database = Database(f"sqlite:///{place}/now.sqlite")
    bring_up(database, folder)
    with database.reading(NETWORK) as connection:
        options = {"include_object": ours, "version_table": version_table(folder), "compare_type": True}
        found = list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
    database.close()
    return found


@pytest.mark.parametrize("room", SERVICES)
def test_a_rooms_migrations_make_the_tables_its_store_declares(tmp_path: Path, room: str) -> None:
    store = importlib.import_module(f"services.{room}.store")
    folder = ROOT / "services" / room / "migrations"
    assert differences(tmp_path, folder, store.metadata) == [], f'run: python deploy/new_migration.py {room} "..."'


def test_the_chassis_migrations_make_the_tables_every_service_has(tmp_path: Path) -> None:
    assert differences(tmp_path, CHASSIS, tables.metadata) == []


def test_a_room_calls_no_table_as_the_chassis_does() -> None:
    for room in SERVICES:
        store = importlib.import_module(f"services.{room}.store")
        assert set(store.metadata.tables) & set(tables.metadata.tables) == set(), room


def test_a_column_without_a_migration_is_seen(tmp_path: Path) -> None:
    store = importlib.import_module("services.referrals.store")
    changed = sa.MetaData()
    for table in store.metadata.sorted_tables:
        table.to_metadata(changed)
    changed.tables["people"].append_column(sa.Column("favourite_colour", sa.Text))
    found = differences(tmp_path, ROOT / "services" / "referrals" / "migrations", changed)
    assert [(change[0], change[3].name) for change in found] == [("add_column", "favourite_colour")]


@pytest.mark.parametrize("room", SERVICES)
def test_migrations_are_numbered_one_after_the_other(room: str) -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "services" / room / "migrations").glob("*.py"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
