"""`beenthere audit`: whether the audit trail is as it was sealed, and all that is on record of one human being."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from chassis.access import Principal, service_scope
from chassis.audit import fhir, heads, reading
from chassis.audit.heads import Head, Signer
from chassis.audit.verifying import Verdict, verify
from chassis.commands import Rooms, opened
from chassis.errors import Trouble
from chassis.service import Service
from chassis.settings import secret_from

# Who asks from here, in an audit row: the account is named, not signed in.
COMMAND = "command"
ALL = "all"
# Gives the heads of a room that another room keeps, from that other room.
Keeping = Callable[[Service, str], Sequence[Head]]


@click.group()
def audit() -> None:
    """The audit trail: check that nothing of it was changed, and see what is on record of somebody."""


def add_to(group: click.Group, rooms: Rooms, keeper: str, kept: Keeping) -> None:
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
        names = sorted(rooms) if name == ALL else [name]
        outside = _kept_by(rooms, names, data, keeper, kept)
        bad = 0
        for one in names:
            with opened(rooms, one, data) as service:
                bad += not _verified(service, [*outside[one], *_in_folder(folder, one)], public_keys)
        sys.exit(1 if bad else 0)

    @group.command("export")
    @which
    @where
    @click.option("--subject", required=True, type=click.UUID, help="the id of whom it is about")
    @click.option("--as", "account_id", required=True, type=click.UUID, help="the id of the privacy officer's account")
    def export(name: str, data: str, subject: UUID, account_id: UUID) -> None:
        """Write all that is on record of somebody as a bundle of FHIR AuditEvent; the export is on record too."""
        events: list[dict[str, Any]] = []
        now = None
        for one in sorted(rooms) if name == ALL else [name]:
            with opened(rooms, one, data) as service:
                events += _exported(service, str(subject), str(account_id))
                now = service.clock.now()
        if now:
            click.echo(json.dumps(fhir.bundle(events, now), indent=1))

    @group.command("public-key")
    @where
    def public_key(data: str) -> None:
        """Show the keys that verify heads, the newest first; keep them where the heads are kept."""
        with opened(rooms, keeper, data) as service:
            for one in Signer(secret_from(service.settings.audit_key_path)).public_keys:
                click.echo(one)


def _kept_by(rooms: Rooms, names: Sequence[str], data: str, keeper: str, kept: Keeping) -> dict[str, Sequence[Head]]:
    """What the room that keeps heads knows of each of the others."""
    with opened(rooms, keeper, data) as service:
        return {name: kept(service, name) for name in names}


def _in_folder(folder: Path | None, room: str) -> list[Head]:
    if folder is None:
        return []
    with _plainly():
        return heads.read_folder(folder, room)


def _verified(service: Service, outside: Sequence[Head], public_keys: tuple[str, ...]) -> bool:
    own = reading.own_heads(service.database, service.name)
    known = list({(head.place, head.at, head.hash, head.signature): head for head in (*own, *outside)}.values())
    keys = public_keys or _own_key(service)
    found = verify(service.name, reading.sealed_rows(service.database), known, keys)
    unsealed = reading.unsealed_count(service.database)
    click.echo(_line(service.name, found, unsealed, are_signatures_read=bool(keys)))
    return found.bad is None


def _own_key(service: Service) -> tuple[str, ...]:
    path = service.settings.audit_key_path
    return Signer(secret_from(path)).public_keys if path.exists() else ()


def _line(room: str, found: Verdict, unsealed: int, *, are_signatures_read: bool) -> str:
    told = f"{room}: rows {found.rows}, heads {found.heads}, not yet sealed {unsealed}"
    if found.heads and not are_signatures_read:
        told += ", signatures not read (no key)"
    return f"{told}, {'as sealed' if found.bad is None else 'BAD: ' + found.bad.says}"


def _exported(service: Service, subject: str, account_id: str) -> list[dict[str, Any]]:
    with service.writing() as unit:
        who = Principal(COMMAND, account_id)
        replace(unit, who=who).note("audit.export", subject=subject)
        rows = reading.rows_of_subject(service_scope(service.name), unit.connection, subject)
    return [fhir.row(service.name, row) for row in rows]


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except Trouble as trouble:
        click.echo(trouble.says, err=True)
        sys.exit(2)
