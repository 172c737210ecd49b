"""What whoever keeps a room running asks of it from a command line: a room is opened without its doors and roles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from chassis import logs
from chassis.errors import Misbuilt, Trouble
from chassis.events.restating import restate
from chassis.house import lock_folder
from chassis.serve import Create, share, with_pass_secret
from chassis.service import Service
from chassis.settings import Settings, read

Rooms = Mapping[str, Create]


@contextmanager
def opened(rooms: Rooms, name: str, data: str) -> Iterator[Service]:
    """Opens one room by the environment's settings; what is wrong is said in plain words, and the end is 2.

    The embedded house must be stopped: one process holds its folder.
    """
    try:
        with _settings(name, data) as settings:
            shared = share(settings)
            service = rooms[name](settings, shared)
            try:
                yield service
            finally:
                service.close()
                shared.bus.close()
                shared.keys.database.close()
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        sys.exit(2)


@contextmanager
def _settings(name: str, data: str) -> Iterator[Settings]:
    settings = read()
    logs.configure(settings.log_level)
    if settings.kafka and settings.database_url:
        yield with_pass_secret(settings)
        return
    folder = Path(data).resolve()
    if not (folder / f"{name}.sqlite").exists():
        raise Misbuilt(f"{folder} holds no records of {name}; name the house's folder with --data")
    with lock_folder(folder):
        yield with_pass_secret(replace(settings, data=folder))


def of_a_room(rooms: Rooms) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of every command about one room."""

    def asked(command: Callable[..., None]) -> Callable[..., None]:
        named = click.option(
            "--service", "name", required=True, type=click.Choice(sorted(rooms)), help="the room it is about"
        )
        return named(
            click.option("--data", default="var", show_default=True, help="the embedded house's folder")(command)
        )

    return asked


def add_to(events: click.Group, rooms: Rooms) -> None:
    """Adds the commands about one room's facts."""

    @events.command("restate")
    @of_a_room(rooms)
    def restate_all(**asked: Any) -> None:
        """Send every fact of a room again, as it was stated, after the broker lost them."""
        with opened(rooms, **asked) as service:
            count = restate(service.database, service.clock.now())
            while service.relay.sweep():
                pass
            click.echo(f"{service.name}: {count} facts stated again")
