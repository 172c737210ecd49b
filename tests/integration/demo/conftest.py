"""A small made-up region, filled once for all that looks at it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.house import House
from demo import play
from demo.progress import Progress
from services.__main__ import a_house
from tests.builders import a_settings

TODAY = date(2026, 11, 25)
SMALL = play.Size(partners=4, peers=20, referrals=52, days=330)


def filled(data: Path, size: play.Size = SMALL, today: date = TODAY) -> None:
    """Plays a made-up region into a folder."""
    settings = a_settings(data, relaxed=True)
    assert play.fill(a_house, settings, Progress(), threading.Event(), plain=True, size=size, today=today)


class Region:
    """A filled folder, open for looking."""

    def __init__(self, house: House) -> None:
        self.house = house

    def seen(self, room: str, *columns: sa.Column[Any]) -> set[Any]:
        """The different values some columns of a room's table hold."""
        with self.house.services[room].reading() as unit:
            rows = unit.connection.execute(sa.select(*columns).distinct()).all()
        return {row[0] if len(columns) == 1 else tuple(row) for row in rows}

    def count(self, room: str, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        """How many rows of a room's table there are."""
        with self.house.services[room].reading() as unit:
            query = sa.select(sa.func.count()).select_from(table).where(*where)
            return int(unit.connection.execute(query).scalar_one())


@pytest.fixture(scope="session")
def region_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small region after its year, as nobody has opened it yet; to be copied."""
    data = tmp_path_factory.mktemp("region") / "var"
    filled(data)
    return data


@pytest.fixture(scope="session")
def region(region_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A small region after its year."""
    data = tmp_path_factory.mktemp("open_region") / "var"
    shutil.copytree(region_folder, data)
    house = a_house(a_settings(data), clock=HandClock(datetime.combine(TODAY, time(9), UTC)))
    yield Region(house)
    house.close()


@pytest.fixture
def fill_into() -> Callable[..., None]:
    """Fills a folder of its own."""
    return filled
