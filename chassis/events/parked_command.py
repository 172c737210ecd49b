"""`beenthere events parked`: lists what is set aside, and asks to have something done about it; it never confirms."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import sqlalchemy as sa

from chassis.access import Principal, service_scope
from chassis.clock import SystemClock
from chassis.database import Database
from chassis.errors import Invalid, Misbuilt, NotFound, Trouble
from chassis.events import askings, set_aside
from chassis.events.askings import Wanted
from chassis.events.policy import Policy
from chassis.ids import RandomIds
from chassis.rows import Gathering
from chassis.settings import PREFIX, Settings, read, read_policy
from chassis.unit import Thread, Unit

# Who asks from here, in an audit row: the account is named, not signed in.
COMMAND = "command"
_FILE = "sqlite:///"


class NoSuchService(Misbuilt):
    """There are no records of this service at the address given."""


@click.group("parked")
def parked() -> None:
    """What is set aside in a service: list it, or ask to have something done. Another person confirms on the page."""


def _where(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which records are meant."""
    for option in reversed(
        [
            click.option("--service", required=True, help="whose"),
            click.option("--data", type=click.Path(path_type=Path), help="folder of an embedded house"),
            click.option("--database-url", help="with {service} in it; or BEENTHERE_DATABASE_URL"),
        ]
    ):
        command = option(command)
    return command


def _asked(what: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of one kind of asking."""

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(
            [
                click.option("--stream", required=True, help="the stream, as list shows it"),
                click.option("--as", "account_id", required=True, help="the id of the account you ask in the name of"),
                click.option("--reason", required=True, type=click.Choice(list(askings.REASONS[what]))),
                click.option("--words", required=True, help="why, in your own words; name nobody"),
            ]
        ):
            command = option(command)
        return _where(command)

    return with_options


@parked.command("list")
@_where
def listed(**where: Any) -> None:
    """Show what is set aside, what waits, what could not be read, and what is to be confirmed."""
    with _looking(**where) as unit:
        for line in _lines(unit):
            click.echo(line)


@parked.command("ask-replay")
@_asked(askings.TRY_AGAIN)
@click.option("--alike", is_flag=True, help="also for all streams that stopped for the same reason")
def ask_replay(stream: str, alike: bool, **given: Any) -> None:
    """Ask that a mended stream be tried again, its facts in order."""
    _ask(askings.TRY_AGAIN, stream, alike=alike, **given)


@parked.command("ask-give-up")
@_asked(askings.GIVE_UP)
@click.option(
    "--afterwards", required=True, type=click.Choice(["hidden", "shown"]),
    help="is whoever the fact is about still hidden in this room, or shown again",
)  # fmt: skip
def ask_give_up(stream: str, afterwards: str, **given: Any) -> None:
    """Ask that the fact a stream stands at be left out for good, and the stream go on after it."""
    _ask(askings.GIVE_UP, stream, fences=afterwards == "hidden", **given)


def _ask(
    what: str, stream: str, *, account_id: str, reason: str, words: str, alike: bool = False, fences: bool = False,
    **where: Any,
) -> None:  # fmt: skip
    wanted = Wanted(what, reason, words, fences=fences, asked_from=askings.COMMAND)
    with _looking(account_id=_account(account_id), writes=True, **where) as unit:
        number = set_aside.parked_stream(unit.scope, unit, stream).number
        aims = [set_aside.aim_at(unit.scope, unit, what, stream, number)]
        if alike:
            aims = set_aside.alike(unit.scope, unit, what, stream, number)
        asking_id = askings.ask(unit, wanted, aims, unit.policy.asking_days)
    click.echo(f"Asked: {asking_id}. Another person must confirm it at /services/{where['service']}/set-aside.")


def _account(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise click.BadParameter("Give the id of an account, as its partner's page shows it.") from None


@contextmanager
def _looking(
    *, service: str, data: Path | None, database_url: str | None, account_id: str = "", writes: bool = False
) -> Iterator[Unit]:
    """Opens one service's records beside whatever runs on them; what is wrong is said plainly, and the end is 2."""
    try:
        settings = _settings(data, database_url)
        database = _opened(settings, service)
        try:
            with database.writing() if writes else database.reading() as connection:
                unit = _unit(connection, service, settings, account_id)
                yield unit
                unit.gathering.write()
        finally:
            database.close()
    except NotFound:
        click.echo("There is no such stream set aside. Look with `beenthere events parked list`.", err=True)
        sys.exit(2)
    except Invalid as refused:
        for fault in refused.faults:
            click.echo(f"--{fault.where}: {fault.says}", err=True)
        sys.exit(2)
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        sys.exit(2)


def _settings(data: Path | None, database_url: str | None) -> Settings:
    # An address given here is held to the same rule as one in the environment.
    given = {f"{PREFIX}DATABASE_URL": database_url} if database_url else {}
    settings = read({**os.environ, **given})
    return replace(settings, data=data, database_url="") if data and not database_url else settings


def _opened(settings: Settings, service: str) -> Database:
    says = f"There are no records of {service} here. Name a service of the house, and its --data or --database-url."
    if not service.isalpha():
        raise NoSuchService(says)
    address = settings.database_for(service)
    # A file that is not there is not made by looking into it.
    if address.startswith(_FILE) and not Path(address.removeprefix(_FILE)).is_file():
        raise NoSuchService(says)
    database = Database(address)
    if not _holds_records(database):
        database.close()
        raise NoSuchService(says)
    return database


def _holds_records(database: Database) -> bool:
    try:
        with database.reading() as connection:
            return sa.inspect(connection).has_table("askings")
    except sa.exc.DatabaseError:
        # Such as a file of another kind.
        return False


def _unit(connection: sa.Connection, service: str, settings: Settings, account_id: str) -> Unit:
    ids = RandomIds()
    request_id = ids.new()
    return Unit(
        gathering=Gathering(connection), service=service, who=Principal(COMMAND, account_id),
        scope=service_scope(service), now=SystemClock().now(), ids=ids, thread=Thread(request_id, request_id),
        policy=read_policy(Policy, settings.policy.get("carrying")),
    )  # fmt: skip


def _lines(unit: Unit) -> Iterable[str]:
    found = set_aside.standing(unit.scope, unit)
    stopped = "; it has stopped hearing, because that is too much" if found.too_much else ""
    yield f"{unit.service}: set aside {found.parked}{stopped}"
    for row in set_aside.parked_streams(unit.scope, unit):
        urgent = "URGENT " if row.is_urgent else ""
        yield (
            f"  {urgent}{row.stream} at {row.number}, {row.type}: {row.reason} ({row.detail}); "
            f"for {set_aside.age(row.since, unit.now)}, tries {row.attempts}, behind it {row.behind}"
        )
    yield f"waiting {found.waiting}"
    for row in set_aside.waiting_streams(unit.scope, unit):
        needs = f"{row.needs_stream} at {row.needs_number}, which is at {row.stands_at}"
        yield f"  {row.stream} at {row.number} waits for {needs}; for {set_aside.age(row.since, unit.now)}"
    yield f"not readable {found.unreadable}"
    for row in set_aside.unreadable_records(unit.scope, unit):
        lies = f"{row.topic}/{row.partition} at {row.place}"
        yield f"  {lies}: {row.reason}, {row.size} bytes; for {set_aside.age(row.since, unit.now)}"
    yield f"to be confirmed {found.open}"
    for row in set_aside.open_askings(unit.scope, unit):
        yield f"  {row.asking_id}: {row.what} {row.first}{f' and {row.about - 1} more' if row.about > 1 else ''}"
