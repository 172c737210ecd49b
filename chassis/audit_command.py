"""`beenthere audit`: whether the audit trail is as it was sealed, and all that is on record of one human being.

It looks at records beside whatever runs on them: nothing needs to be stopped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from chassis import second
from chassis.access import Principal, service_scope
from chassis.audit import fhir, heads, reading
from chassis.audit.heads import Head, Signer
from chassis.audit.verifying import Verdict, verify
from chassis.boundary import NETWORK
from chassis.clock import SystemClock
from chassis.database import Database
from chassis.errors import Misbuilt, Trouble
from chassis.ids import RandomIds
from chassis.rows import Gathering
from chassis.settings import Settings, read, secret_from
from chassis.unit import Thread, Unit

# Who asks from here, in an audit row: the account is named, not signed in.
COMMAND = "command"
ALL = "all"
# Gives the heads of a room that another one keeps, asked in that other room.
Keeping = Callable[[Unit, str], Sequence[Head]]


@click.group()
def audit() -> None:
    """The audit trail: check that nothing of it was changed, and see what is on record of somebody."""


@dataclass(frozen=True)
class Wanted:
    """Where two people say that all on record of somebody is handed out, and what it is called there."""

    room: str
    what: str


def add_to(group: click.Group, rooms: Sequence[str], keeper: str, kept: Keeping, wanted: Wanted) -> None:
    """Adds the commands; `keeper` is the room that keeps what others publish, and `kept` asks it."""
    which = click.option(
        "--service", "name", default=ALL, show_default=True, type=click.Choice([*sorted(rooms), ALL]), help="whose"
    )
    where = click.option("--data", default="var", show_default=True, help="the embedded house's folder")

    @group.command("verify")
    @which
    @where
    @click.option("--heads", "folder", type=click.Path(path_type=Path), help="folder with heads kept outside")
    @click.option("--public-key", "public_keys", multiple=True, help="by which heads must be signed; more than once")
    def verify_all(name: str, data: str, folder: Path | None, public_keys: tuple[str, ...]) -> None:
        """Check every sealed row, and that the chain passes through every head that was published.

        Ends with 1 when anything is wrong, and names the first bad row of each room.
        """
        with _told():
            settings = _settings(data)
            keys = public_keys or _own_keys(settings)
            verdicts = []
            for one in sorted(rooms) if name == ALL else [name]:
                with _beside(settings, keeper) as (_, unit):
                    outside = [*kept(unit, one), *(heads.read_folder(folder, one) if folder else ())]
                with _beside(settings, one) as (database, _):
                    verdicts.append(_verified(database, one, outside, keys))
        sys.exit(0 if all(verdicts) else 1)

    @group.command("export")
    @which
    @where
    @click.option("--subject", required=True, type=click.UUID, help="the id of whom it is about")
    @click.option("--as", "account_id", required=True, type=click.UUID, help="the id of the privacy officer's account")
    @click.option("--asking", required=True, type=click.UUID, help="the id of what two people wanted, good once")
    def export(name: str, data: str, subject: UUID, account_id: UUID, asking: UUID) -> None:
        """Write all that is on record of somebody as a bundle of FHIR AuditEvent; the export is on record too.

        One person asks for it on the page of the privacy officer, another confirms it there.
        """
        events: list[dict[str, Any]] = []
        with _told():
            settings = _settings(data)
            with _beside(settings, wanted.room, writes=True) as (_, unit):
                by_name = replace(unit, who=Principal(COMMAND, str(account_id)))
                second.carry_out(by_name, str(asking), wanted.what, str(subject))
            for one in sorted(rooms) if name == ALL else [name]:
                with _beside(settings, one, writes=True) as (_, unit):
                    events += _exported(unit, str(subject), str(account_id))
        click.echo(json.dumps(fhir.bundle(events, SystemClock().now()), indent=1))

    @group.command("public-key")
    @where
    def public_key(data: str) -> None:
        """Show the keys that verify heads, the newest first; keep them where the heads are kept."""
        with _told():
            for one in _own_keys(_settings(data)):
                click.echo(one)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        sys.exit(2)


def _settings(data: str) -> Settings:
    settings = read()
    return settings if settings.database_url else replace(settings, data=Path(data).resolve())


@contextmanager
def _beside(settings: Settings, room: str, *, writes: bool = False) -> Iterator[tuple[Database, Unit]]:
    """A room's records beside whatever runs on them."""
    if not settings.database_url and not (settings.data / f"{room}.sqlite").exists():
        raise Misbuilt(f"{settings.data} holds no records of {room}; name the house's folder with --data")
    database, ids = Database(settings.database_for(room)), RandomIds()
    made = ids.new()
    try:
        with database.writing(NETWORK) if writes else database.reading(NETWORK) as connection:
            unit = Unit(
                gathering=Gathering(connection), service=room, who=Principal(COMMAND, COMMAND),
                scope=service_scope(room), now=SystemClock().now(), ids=ids, thread=Thread(made, made),
            )  # fmt: skip
            yield database, unit
            unit.gathering.write()
    finally:
        database.close()


def _own_keys(settings: Settings) -> tuple[str, ...]:
    path = settings.audit_key_path
    return Signer(secret_from(path)).public_keys if path.exists() else ()


def _verified(database: Database, room: str, outside: Sequence[Head], public_keys: Sequence[str]) -> bool:
    own = reading.own_heads(database, room)
    known = list({(head.place, head.at, head.hash, head.signature): head for head in (*own, *outside)}.values())
    found = verify(room, reading.sealed_rows(database), known, public_keys)
    unsealed = reading.unsealed_count(database)
    click.echo(_line(room, found, unsealed, are_signatures_read=bool(public_keys)))
    return found.bad is None


def _line(room: str, found: Verdict, unsealed: int, *, are_signatures_read: bool) -> str:
    told = f"{room}: rows {found.rows}, heads {found.heads}, not yet sealed {unsealed}"
    if found.heads and not are_signatures_read:
        told += ", signatures not read (no key)"
    return f"{told}, {'as sealed' if found.bad is None else 'BAD: ' + found.bad.says}"


def _exported(unit: Unit, subject: str, account_id: str) -> list[dict[str, Any]]:
    replace(unit, who=Principal(COMMAND, account_id)).note("audit.export", subject=subject)
    rows = reading.rows_of_subject(unit.scope, unit.connection, subject)
    return [fhir.row(unit.service, row) for row in rows]
