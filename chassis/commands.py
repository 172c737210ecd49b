"""What whoever keeps a room running asks of it from a command line: a room is opened without its doors and roles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from chassis import logs
from chassis.access import Principal
from chassis.errors import Invalid, Misbuilt, Trouble
from chassis.events import reading_back
from chassis.events.restating import restate
from chassis.events.standing import OlderCopy
from chassis.house import lock_folder
from chassis.rebuilding import CONSUMER, rebuild
from chassis.serve import Create, share
from chassis.service import Service
from chassis.settings import Settings, read

Rooms = Mapping[str, Create]


@contextmanager
def opened(rooms: Rooms, name: str, data: str, *, is_new: bool = False) -> Iterator[Service]:
    """Opens one room by the environment's settings; what is wrong is said in plain words, and the end is 2.

    The embedded house must be stopped: one process holds its folder. `is_new` lets a folder be made.
    """
    with told(), settings_of(name, data, is_new=is_new) as settings:
        shared = share(settings)
        service = rooms[name](settings, shared)
        try:
            yield service
        finally:
            service.close()
            shared.bus.close()
            shared.keys.database.close()


@contextmanager
def told() -> Iterator[None]:
    """What is wrong is said in plain words, and the end is 2."""
    try:
        yield
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        for fault in trouble.faults if isinstance(trouble, Invalid) else ():
            click.echo(f"- {fault.where}: {fault.says}", err=True)
        sys.exit(2)


@contextmanager
def settings_of(name: str, data: str, *, is_new: bool = False) -> Iterator[Settings]:
    """The environment's settings, with the embedded house's folder held; refuses one without records of `name`."""
    settings = read()
    logs.configure(settings.log_level)
    if settings.kafka and settings.database_url:
        yield settings
        return
    folder = Path(data).resolve()
    if not is_new and not (folder / f"{name}.sqlite").exists():
        raise Misbuilt(f"{folder} holds no records of {name}; name the house's folder with --data")
    with lock_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield replace(settings, data=folder)


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


def check_commands(root: click.Group, actions: Mapping[str, str]) -> None:
    """Keeps a house from starting that has a command without an action, or an action of a command that is not there."""
    found = set(_leaves(root, ""))
    for name in sorted(found - set(actions)):
        raise Misbuilt(f"the command {name!r} names no action; add it to the role table")
    for name in sorted(set(actions) - found):
        raise Misbuilt(f"the role table names a command {name!r} that is not there")


def _leaves(group: click.Group, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def add_to(events: click.Group, rooms: Rooms) -> None:
    """Adds the commands about one room's facts."""

    @events.command("restate")
    @of_a_room(rooms)
    def restate_all(**asked: Any) -> None:
        """Send every fact of a room again, as it was stated, after the broker lost them."""
        with opened(rooms, **asked) as service:
            # What is sent is noted as known: an older copy that sent first would never be found to be one.
            if not service.standing.is_sound():
                raise OlderCopy()
            count = restate(service.database, service.clock.now())
            while service.relay.sweep():
                pass
            click.echo(f"{service.name}: {count} facts stated again")

    @events.command("rebuild")
    @of_a_room(rooms)
    @click.option("--consumer", default=CONSUMER, show_default=True, help="what the shadow is called meanwhile")
    def rebuild_all(consumer: str, **asked: Any) -> None:
        """Make again what a room made of the facts it heard, and put it in place while its doors are open."""
        with opened(rooms, **asked) as service:
            done = rebuild(service, consumer)
            same = "the same as before" if done.is_same else "NOT the same as before"
            click.echo(f"{service.name}: {done.facts} facts heard again, {done.rows} rows made, {same}")

    @events.command("settle")
    @of_a_room(rooms)
    @click.option("--as", "account_id", type=click.UUID, help="the id of the account that has seen to what differs")
    def settle(account_id: UUID | None, **asked: Any) -> None:
        """List the facts of a room that an older copy of its records lacked; with --as open its doors again.

        Each of them is known to the network, and what it changed in the room is not in these records.
        """
        with opened(rooms, **asked) as service:
            service.standing.look()
            _settle(service, str(account_id) if account_id else "")


def _settle(service: Service, account_id: str) -> None:
    with service.reading() as unit:
        found = reading_back.differences(unit.connection)
    for row in found:
        clash = "  ANOTHER FACT HAS THIS NUMBER HERE" if row.is_clash else ""
        click.echo(f"{row.stated_at.isoformat()}  {row.type:<28} {row.stream}@{row.number}{clash}")
    if not found:
        click.echo(f"{service.name}: nothing differs")
    elif not account_id:
        click.echo(f"{service.name}: {len(found)} facts to see to; then say so with --as")
    else:
        with service.writing() as unit:
            count = reading_back.settle(unit.connection, account_id, unit.now)
            replace(unit, who=Principal("command", account_id)).note("older_copy.settle")
        click.echo(f"{service.name}: {count} facts settled; its doors are open")
