"""Short-lived copies of the key store: one file, sealed whole under the master key, refused once its days are over.

A copy holds keys of people who may be forgotten tomorrow, so it lives for days and never beside the records it opens;
and putting one back does the erasure ledger to it before anything in it can be opened.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.epochs import epochs
from chassis.errors import Misbuilt
from chassis.ids import new_secret, new_token
from chassis.keys import Keys, keys
from chassis.master import MasterKey, unwrap, wrap

FORM = "beenthere keys 1"
# How long a copy is good for (days).
LIFE_DAYS = 7
_NAME = re.compile(r"keys-[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_-]{8}\.copy")
_ROWS_A_FRAME = 400


class CopyUnreadable(Misbuilt):
    """A file is no whole copy of a key store, or another master key made it."""

    says = "This is not a whole copy of a key store, or it was made with another master key. Nothing was put back."


class CopyTooOld(Misbuilt):
    """A copy whose days are over."""

    says = (
        "This copy is older than a copy may be, so keys in it are of people who should long be forgotten. Take a newer"
        " one. If there is none, say --although-old; the erasure ledger must be whole then."
    )


class StoreNotEmpty(Misbuilt):
    """A copy is put back into an empty store and nowhere else."""

    says = "There are keys in this key store already. Move it away first: a copy is put back into an empty one."


class NoLedger(Misbuilt):
    """Nobody knows who was forgotten since the copy was made."""

    says = (
        "There is no erasure ledger where BEENTHERE_ERASURE_LEDGER says, so nobody here knows who was forgotten since."
        " Put it there. Without one the rooms' own records are all that remembers: --without-ledger."
    )


@dataclass(frozen=True)
class About:
    """What a copy says of itself in clear; it is bound to all that follows."""

    form: str
    copy_id: str
    made_at: datetime
    ends_at: datetime

    def line(self) -> bytes:
        """As it stands in the file."""
        said = {**asdict(self), "made_at": self.made_at.isoformat(), "ends_at": self.ends_at.isoformat()}
        return json.dumps(said, sort_keys=True).encode()


def make(store: Keys, master: MasterKey, folder: Path, now: datetime, *, days: int = LIFE_DAYS) -> tuple[Path, int]:
    """Writes a copy into a folder and takes out those whose days are over; gives the file and how many were taken out.

    It is whole before it has its name. It may be made beside a house that runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy_id = new_token()[:8]
    about = About(FORM, copy_id, now, now + timedelta(days=days))
    key = new_secret()
    lines = [about.line(), _text(master.wrap(key, _bound(about)))]
    path = folder / f"keys-{now:%Y%m%dT%H%M%SZ}-{copy_id}.copy"
    begun = path.with_suffix(".begun")
    handle = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for line in (*lines, *_frames(AESGCM(key), about, store)):
                file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        begun.rename(path)
    finally:
        begun.unlink(missing_ok=True)
    return path, _take_out_old(folder, now)


def put_back(store: Keys, master: MasterKey, path: Path, now: datetime, *, although_old: bool = False) -> int:
    """Puts a copy back into an empty key store, its gravestones with it; gives how many keys.

    Whoever is on the store's erasure ledger is buried in the same transaction: no moment sees their keys.
    """
    with path.open("rb") as file:
        about, cipher = _opened(master, file.readline(), file.readline())
        if about.ends_at <= now and not although_old:
            raise CopyTooOld()
        rows = _rows_in(cipher, about, iter(file.readline, b""))
        store.make_tables()
        with store.database.writing() as connection:
            if connection.execute(sa.select(keys.c.owner_id).limit(1)).first():
                raise StoreNotEmpty()
            connection.execute(sa.delete(epochs))
            count = 0
            for table, some in rows:
                connection.execute(sa.insert(table), some)
                count += sum(row.get("owner_id") is not None and row["wrapped"] is not None for row in some)
            store.bury_from_ledger(connection)
    return count


def newest(folder: Path, now: datetime) -> datetime | None:
    """When the newest copy of a folder was made; None when there is none that is still good."""
    made = [about.made_at for _, about in _copies(folder) if about.ends_at > now]
    return max(made, default=None)


# ---- what is in one


def _frames(cipher: AESGCM, about: About, store: Keys) -> Iterator[bytes]:
    number = 0
    with store.database.reading() as connection:
        for name, some in _snapshot(connection):
            yield _frame(cipher, about, number, {"table": name, "rows": some})
            number += 1
    # Without it the copy was cut off.
    yield _frame(cipher, about, number, {"end": number})


def _snapshot(connection: sa.Connection) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every key with the epoch it is wrapped by, in one statement: a rotation beside it is seen whole or not at all."""
    wrapped_by = sa.select(keys, epochs.c.wrapped.label("by"), epochs.c.made_at.label("begun_at"))
    query = wrapped_by.join_from(keys, epochs, keys.c.epoch == epochs.c.epoch, isouter=True)
    found: dict[int, dict[str, Any]] = {}
    for rows in connection.execution_options(yield_per=_ROWS_A_FRAME).execute(query).partitions():
        some = []
        for row in rows:
            if row.by is not None:
                found[row.epoch] = {"epoch": row.epoch, "wrapped": row.by, "made_at": row.begun_at}
            some.append({column.name: row._mapping[column.name] for column in keys.columns})
        yield keys.name, [_said(row) for row in some]
    yield epochs.name, [_said(row) for row in found.values()]


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(value).decode()
        if isinstance(value, bytes)
        else value.isoformat()
        if isinstance(value, datetime)
        else value
        for name, value in row.items()
    }


def _heard(row: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Callable[[Any], Any]] = {
        "wrapped": base64.b64decode, "made_at": datetime.fromisoformat, "gone_at": datetime.fromisoformat,
    }  # fmt: skip
    return {
        name: read.get(name, lambda same: same)(value) if value is not None else None for name, value in row.items()
    }


def _rows_in(cipher: AESGCM, about: About, lines: Iterator[bytes]) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
    tables = {table.name: table for table in (keys, epochs)}
    for number, line in enumerate(lines):
        try:
            frame = json.loads(
                unwrap(cipher, base64.b64decode(line.rstrip(b"\n"), validate=True), _bound(about, number))
            )
        except (InvalidTag, ValueError):
            raise CopyUnreadable() from None
        if "end" in frame:
            if next(lines, None) is not None:
                raise CopyUnreadable()
            return
        if frame["rows"]:
            yield tables[frame["table"]], [_heard(row) for row in frame["rows"]]
    raise CopyUnreadable()


def _frame(cipher: AESGCM, about: About, number: int, said: dict[str, Any]) -> bytes:
    return base64.b64encode(wrap(cipher, json.dumps(said).encode(), _bound(about, number)))


def _opened(master: MasterKey, first: bytes, second: bytes) -> tuple[About, AESGCM]:
    about = _about(first)
    if about is None:
        raise CopyUnreadable()
    try:
        return about, AESGCM(master.unwrap(base64.b64decode(second), _bound(about)))
    except (Misbuilt, ValueError):
        raise CopyUnreadable() from None


def _about(line: bytes) -> About | None:
    try:
        said = json.loads(line)
        at = {name: datetime.fromisoformat(said[name]) for name in ("made_at", "ends_at")}
        about = About(said["form"], said["copy_id"], **at)
    except (ValueError, KeyError, TypeError):
        return None
    return about if about.form == FORM else None


def _bound(about: About, number: int | None = None) -> bytes:
    return about.line() + (b"" if number is None else f"|{number}".encode())


def _text(some: bytes) -> bytes:
    return base64.b64encode(some)


def _take_out_old(folder: Path, now: datetime) -> int:
    """Takes out the copies of a folder whose days are over, and nothing else."""
    old = [path for path, about in _copies(folder) if about.ends_at <= now]
    for path in old:
        path.unlink()
    return len(old)


def _copies(folder: Path) -> Iterator[tuple[Path, About]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _NAME.fullmatch(path.name) and path.is_file():
            with path.open("rb") as file:
                about = _about(file.readline())
            if about:
                yield path, about
