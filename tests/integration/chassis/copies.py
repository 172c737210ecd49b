"""Copies of a service's records, taken at one time and put back at another, on either database."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from chassis.service import Service
from tests.integration.chassis.conftest import World, a_service


class Copies:
    """Takes and puts back copies of the small rooms of one world."""

    def __init__(self, world: World, server: Any) -> None:
        self._world, self._server = world, server
        self._kept: list[str] = []
        self.reactions: Any = None

    def take(self, room: str) -> None:
        """Keeps the records of a room as they are now; the room is closed and opened for it."""
        getattr(self._world, room).close()
        if self._server:
            self._copy(self._name(room), self._kept_as(room))
            self._kept.append(self._kept_as(room))
        else:
            shutil.copy(self._path(room), self._path(room).with_suffix(".kept"))
        self._open(room)

    def put_back(self, room: str) -> Service:
        """Puts the copy in the place of the records, and opens the room on it."""
        getattr(self._world, room).close()
        if self._server:
            self._server.drop([self._name(room)])
            self._copy(self._kept_as(room), self._name(room))
        else:
            for path in self._path(room).parent.glob(f"{self._path(room).name}*"):
                path.unlink()
            shutil.copy(self._path(room).with_suffix(".kept"), self._path(room))
        return self._open(room)

    def close(self) -> None:
        """Takes the copies away."""
        if self._server:
            self._server.drop(self._kept)

    def _open(self, room: str) -> Service:
        service = a_service(NAMES[room], self._world.settings, self._world.shared, self._reactions(room))
        setattr(self._world, room, service)
        return service

    def _reactions(self, room: str) -> Any:
        return (self.reactions or self._world.reactions()) if room == "hearer" else {}

    def _path(self, room: str) -> Path:
        return Path(self._world.settings.data) / f"{NAMES[room]}.sqlite"

    def _name(self, room: str) -> str:
        return str(self._world.settings.database_for(NAMES[room]).rpartition("/")[2])

    def _kept_as(self, room: str) -> str:
        return f"{self._name(room)}_kept"

    def _copy(self, name: str, to: str) -> None:
        self._server.copy(name, to)


# The rooms of a world by the name it has for them.
NAMES = {"partners": "partners", "referrals": "referrals", "hearer": "matching"}


def copies_of(world: World, request: pytest.FixtureRequest) -> Copies:
    """Copies for a world, on the database it has."""
    return Copies(world, request.getfixturevalue("postgres_server") if world.settings.database_url else None)
