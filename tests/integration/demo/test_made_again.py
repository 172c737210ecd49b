"""A region that was really lived in: what its rooms made of facts is made again, the same, on both databases.

Also when facts come in another order, and when nobody in it is known any more.
"""

from __future__ import annotations

import importlib
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.boundary import NETWORK
from chassis.clock import HandClock
from chassis.database import Database
from chassis.events.projections import hash_of
from chassis.events.restating import restate
from chassis.house import House
from chassis.keys import keys
from chassis.rebuilding import rebuild
from chassis.service import Service
from contracts.addresses import SERVICES
from services.__main__ import a_house
from tests.builders import a_settings
from tests.integration.demo.conftest import TODAY

# A row of each room that a spoilt read model would have, as a table, a column and another value.
SPOILT = {
    "home": ("names", "called", "s1.called.x.AAAA"), "referrals": ("partners", "name", "Another"),
    "matching": ("clearances", "is_cleared", None), "support": ("people", "called", "s1.called.x.AAAA"),
    "supervision": ("supports", "ended_on", TODAY), "reporting": ("events_counted", "on_day", TODAY),
    "partners": ("in_hand", "owner_id", "5d8f3b1e-6f0c-4c55-9a51-6b1f1f6f2a10"),
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def lived_in(request: pytest.FixtureRequest, region_folder: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of the region, its records in files or in PostgreSQL."""
    data = tmp_path / "var"
    shutil.copytree(region_folder, data)
    settings = a_settings(data)
    if request.param == "postgres":
        settings = a_settings(data, database_url=request.getfixturevalue("postgres").of(*SERVICES))
        for room in SERVICES:
            _move(room, data / f"{room}.sqlite", settings.database_for(room))
    house = a_house(settings, clock=HandClock(datetime.combine(TODAY, time(9), UTC)))
    yield house
    house.close()


def _move(room: str, source: Path, address: str) -> None:
    """Brings a room's records from a file to another database."""
    own = importlib.import_module(f"services.{room}.store").metadata
    records, database = Database(f"sqlite:///{source}"), Database(address)
    with records.reading(NETWORK) as before, database.writing(NETWORK) as now:
        for table in (*tables.metadata.sorted_tables, *own.sorted_tables):
            rows = [dict(row) for row in before.execute(sa.select(table)).mappings()]
            if rows and table is not tables.buckets:
                now.execute(sa.insert(table), rows)
    records.close()
    database.close()


def rooms(house: House) -> list[Service]:
    return [service for service in house.services.values() if service.parts.projections]


def hashes(house: House) -> Mapping[str, str]:
    found = {}
    for service in rooms(house):
        with service.database.reading(NETWORK) as connection:
            found[service.name] = hash_of(connection, service.parts.projections)
    return found


def in_another_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The carrier gives one partition after the other instead of all of them side by side."""
    bus = house.shared.bus
    real: Callable[..., Any] = bus.read_through

    def one_by_one(places: Mapping[Any, int], stand: Any) -> Iterator[Any]:
        order = list(places)
        random.Random(3).shuffle(order)
        for share in order:
            yield from real({share: places[share]}, stand)

    monkeypatch.setattr(bus, "read_through", one_by_one)


def test_every_room_is_made_again_the_same_in_whatever_order_and_a_spoilt_row_is_seen(
    lived_in: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = hashes(lived_in)
    assert set(was) == set(SPOILT)
    done = {service.name: rebuild(service) for service in rooms(lived_in)}
    assert {name: (one.was, one.now) for name, one in done.items()} == {name: (one, one) for name, one in was.items()}
    assert all(one.rows >= (2 if name == "referrals" else 30) for name, one in done.items())
    in_another_order(lived_in, monkeypatch)
    for service in rooms(lived_in):
        if not service.database.is_sqlite and service.name not in {"home", "reporting"}:
            continue  # one of each kind is enough of the slower database
        _spoil(service)
        mended = rebuild(service)
        assert not mended.is_same, service.name
        assert mended.now == was[service.name], service.name


def _spoil(service: Service) -> None:
    name, column, value = SPOILT[service.name]
    table = next(one.table for one in service.parts.projections if one.table.name == name)
    with service.database.writing(NETWORK) as connection:
        row = connection.execute(sa.select(table)).first()
        assert row is not None
        key = [known == getattr(row, known.name) for known in table.primary_key.columns]
        new = not getattr(row, column) if value is None else value
        connection.execute(sa.update(table).where(*key).values({column: new}))


@pytest.mark.parametrize("lived_in", ["sqlite"], indirect=True)
def test_with_nobody_known_any_more_every_reaction_of_every_room_does_what_needs_no_person(lived_in: House) -> None:
    with lived_in.shared.keys.database.writing() as connection:
        assert connection.execute(sa.update(keys).values(wrapped=None)).rowcount > 500
    for service in rooms(lived_in):
        service.keys.forget_cache()
        # What a room could not do with a fact would keep it from coming as far as before (CarrierTooShort).
        assert rebuild(service).facts > 500, service.name


@pytest.mark.parametrize("lived_in", ["sqlite"], indirect=True)
def test_a_log_that_is_lost_and_stated_again_changes_nothing_in_any_room(lived_in: House) -> None:
    was, bus = hashes(lived_in), lived_in.shared.bus
    inboxes = {service.name: _stands(service) for service in rooms(lived_in)}
    for name in bus.topic_names():
        bus.delete_topic(name)  # type: ignore[attr-defined]
    stated = sum(restate(service.database, service.clock.now()) for service in lived_in.services.values())
    lived_in.pump()
    assert sum(one.end for one in bus.stands(SERVICES).values()) == stated > 1500
    assert hashes(lived_in) == was
    assert {service.name: _stands(service) for service in rooms(lived_in)} == inboxes
    assert all(rebuild(service).is_same for service in rooms(lived_in))


def _stands(service: Service) -> set[Any]:
    with service.database.reading() as connection:
        return {tuple(row) for row in connection.execute(sa.select(tables.inbox))}
