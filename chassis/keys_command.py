"""`beenthere keys`: rotate the keys of sealed text, see how they stand, make a short-lived copy, put one back."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from chassis import key_copies, logs
from chassis.clock import SystemClock
from chassis.commands import settings_of, told
from chassis.errors import Misbuilt, Trouble
from chassis.keys import Keys
from chassis.ledger import Ledger
from chassis.master import MasterKey
from chassis.serve import key_store, master_key
from chassis.settings import Settings, read

# An epoch lives so long at most (events.md, Keys); one that is older is told and the command ends with 1.
OLDEST_DAYS = 30
# The keeper rotates some days before, copies once a day, and looks every few minutes.
ROTATE_DAYS = 28
COPY_EVERY = timedelta(days=1)
KEEP_SECONDS = 300.0
_DATA = click.option("--data", default="var", show_default=True, help="the embedded house's folder")


@click.group()
def keys() -> None:
    """The keys of sealed text."""


@keys.command("rotate")
@_DATA
def rotate(data: str) -> None:
    """Wrap every living key anew and destroy what it was wrapped by before.

    One that was stopped is finished. With a new first line in the master key's file, or another keeper of the master
    key, nothing is wrapped by the one before any more: take that out, and no older copy of the key store opens again.
    """
    with told(), _alone(data) as settings, _prepared(settings) as store:
        click.echo(f"keys: {store.rotate()} wrapped anew, the epoch before is destroyed")


@keys.command("status")
@_DATA
def status(data: str) -> None:
    """Say how the key store stands; ends with 1 when a rotation is due or was stopped. Nothing has to be stopped."""
    with told():
        with _beside(data) as (_, _, store):
            found = store.standing()
    click.echo(f"keys: epoch {found.epoch}, begun {found.begun_at:%Y-%m-%d}, wrapped by {found.wrapped_by}")
    click.echo(f"keys: {found.living} living, {found.to_move} to be moved, {found.forgotten} people forgotten")
    click.echo(f"keys: the oldest epoch is {found.age_days} days old, {OLDEST_DAYS} at most")
    sys.exit(1 if found.to_move or found.age_days > OLDEST_DAYS else 0)


@keys.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_DATA
@click.option(
    "--days",
    default=key_copies.LIFE_DAYS,
    show_default=True,
    type=click.IntRange(1, OLDEST_DAYS),
    help="it is good for",
)
def backup(folder: Path, data: str, days: int) -> None:
    """Write a copy of the key store into FOLDER, and take out those whose days are over. Nothing has to be stopped.

    Keep FOLDER apart from the copies of the rooms' records, and from the master key.
    """
    with told():
        with _beside(data) as (settings, master, store):
            if settings.data.resolve() in (folder.resolve(), *folder.resolve().parents) and not settings.keys_url:
                raise Misbuilt("Choose a folder outside the data folder: a copy beside what it opens protects nobody.")
            path, gone = key_copies.make(store, master, folder, SystemClock().now(), days=days)
    click.echo(f"keys: {path.name}, good for {days} days; {gone} older taken out")


@keys.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_DATA
@click.option("--although-old", is_flag=True, help="take a copy whose days are over")
@click.option(
    "--without-ledger", is_flag=True, help="with no erasure ledger: the rooms alone remember who is forgotten"
)
def restore(file: Path, data: str, although_old: bool, without_ledger: bool) -> None:
    """Put a copy back into an empty key store; whoever was forgotten since stays forgotten.

    Stop everything first. Then look at `beenthere keys status`, start, and rotate.
    """
    with told(), _alone(data, is_new=True) as settings:
        ledger = Ledger(settings.ledger_path)
        if not ledger.path.exists() and not without_ledger:
            raise key_copies.NoLedger()
        _master_is_there(settings)
        master = master_key(settings)
        with _open(settings) as store:
            count = key_copies.put_back(store, master, file, SystemClock().now(), although_old=although_old)
    click.echo(
        f"keys: {count} put back; {len({one.owner_id for one in ledger.read()})} people on the ledger stay forgotten"
    )


@keys.command("keep")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_DATA
def keep(folder: Path, data: str) -> None:
    """Look after a key store of its own cluster until stopped: begin its first epoch, rotate in time, copy once a day.

    It signs in as the role `keeper`. A house in one process does the first two by itself.
    """
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    with told(), _beside(data, is_new=True) as (settings, master, store):
        logs.configure(settings.log_level)
        while not stopping.is_set():
            _look_after(store, master, folder)
            stopping.wait(KEEP_SECONDS)


def _look_after(store: Keys, master: MasterKey, folder: Path) -> None:
    log, now = logs.logger("keys"), SystemClock().now()
    try:
        store.prepare()
        if store.is_due(ROTATE_DAYS):
            log.info("epochs_rotated", count=store.rotate())
        newest = key_copies.newest(folder, now)
        if newest is None or now - newest >= COPY_EVERY:
            _, gone = key_copies.make(store, master, folder, now)
            log.info("keys_copied", count=gone)
    except (Trouble, OSError) as trouble:
        log.error("keys_not_kept", error=type(trouble).__name__)


@contextmanager
def _alone(data: str, *, is_new: bool = False) -> Iterator[Settings]:
    """The settings, with the embedded house's folder held; a store with an address of its own needs no folder."""
    settings = read()
    if settings.keys_url:
        yield settings
        return
    with settings_of("keys", data, is_new=is_new) as held:
        yield held


@contextmanager
def _prepared(settings: Settings) -> Iterator[Keys]:
    with _open(settings) as store:
        store.prepare()
        yield store


@contextmanager
def _open(settings: Settings) -> Iterator[Keys]:
    store = key_store(settings, SystemClock())
    try:
        yield store
    finally:
        store.database.close()


@contextmanager
def _beside(data: str, *, is_new: bool = False) -> Iterator[tuple[Settings, MasterKey, Keys]]:
    """A key store beside whatever runs on it; no file is made that was not there, unless `is_new`."""
    settings = read()
    if not settings.keys_url:
        settings = settings if settings.database_url else replace(settings, data=Path(data).resolve())
        if not is_new and not (settings.data / "keys.sqlite").exists():
            raise Misbuilt(f"{settings.data} holds no key store; name the house's folder with --data")
    _master_is_there(settings)
    with _open(settings) as store:
        yield settings, master_key(settings), store


def _master_is_there(settings: Settings) -> None:
    if not settings.vault and not settings.master_key_path.exists():
        raise Misbuilt(f"{settings.master_key_path} is not there; without the master key nothing of it opens")


if __name__ == "__main__":
    keys()
