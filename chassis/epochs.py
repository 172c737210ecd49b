"""Epoch keys: each human being's keys are wrapped by the newest; a rotation begins another and destroys those before.

An epoch key is wrapped by the master key (chassis/master.py), which may be a service somewhere else: it is asked
outside any transaction, and what it opened is held, so that whoever works goes on while it is away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.columns import Moment, Serial
from chassis.errors import Retry
from chassis.ids import new_secret
from chassis.master import MasterKey, MasterKeyAway
from chassis.rows import insert_or_ignore

metadata = sa.MetaData()
epochs = sa.Table(
    "epochs",
    metadata,
    sa.Column("epoch", Serial, primary_key=True, autoincrement=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=True),
    sa.Column("made_at", Moment, nullable=False),
)

_LIVING = sa.select(epochs).where(epochs.c.wrapped.is_not(None)).order_by(epochs.c.epoch.desc())
# Whoever wraps by an epoch holds its row: it is not destroyed before what was wrapped by it can be seen.
_TO_WRAP_BY = _LIVING.limit(1).with_for_update(read=True)
_TO_DESTROY = sa.select(epochs.c.epoch).where(epochs.c.wrapped.is_not(None)).with_for_update()
_NEWEST_NUMBER = sa.select(sa.func.max(epochs.c.epoch))
# A key may be held in memory no longer than this (events.md, Keys); an epoch is looked for again as often, so that one
# that was destroyed is let go of.
CACHE_SECONDS = 60
# An epoch that is still there is opened anew by the master key after the first; with that one away, it is held for the
# second at most (seconds).
OPENED_SECONDS = 15 * 60
HELD_SECONDS = 60 * 60
# Work that found an epoch not opened, or gone, is done again.
_TRIES = 6
T = TypeVar("T")


class EpochGone(Retry):
    """A key was read just before a rotation moved it to another epoch."""


class EpochClosed(Retry):
    """An epoch has to be opened by the master key first, which no transaction waits for."""

    def __init__(self, epoch: int, wrapped: bytes) -> None:
        super().__init__()
        self.epoch, self.wrapped = epoch, wrapped


@dataclass(frozen=True)
class _Opened:
    """An epoch key in memory: as it is wrapped, when it was last seen in the store, and when it was opened."""

    wrapped: bytes
    cipher: AESGCM
    seen_at: float
    opened_at: float


@dataclass(frozen=True)
class NewEpoch:
    """An epoch that is wrapped already and not begun yet."""

    epoch: int
    wrapped: bytes


class Epochs:
    """The epoch keys of one key store, opened by its master key."""

    def __init__(self, master: MasterKey) -> None:
        self.master = master
        self._opened: dict[int, _Opened] = {}
        self._lock, self._asking = threading.Lock(), threading.Lock()

    def within(
        self, transaction: Callable[[], AbstractContextManager[sa.Connection]], work: Callable[[sa.Connection], T]
    ) -> T:
        """Does work in a transaction of its own; epochs it lacks are opened outside one, and it is done again."""
        for _ in range(_TRIES):
            try:
                with transaction() as connection:
                    return work(connection)
            except EpochClosed as closed:
                self._open(closed)
            except EpochGone:
                continue
        raise EpochGone()

    # ---- beginning

    def next(self, connection: sa.Connection) -> int | None:
        """The number of the epoch that is to begin; None while a rotation that was stopped has to be finished."""
        if len(connection.execute(_LIVING).all()) > 1:
            return None
        return int(connection.execute(_NEWEST_NUMBER).scalar() or 0) + 1

    def made(self, number: int) -> NewEpoch:
        """A new epoch key, wrapped by the master key; asked outside any transaction."""
        return NewEpoch(number, self.master.wrap(new_secret(), _about(number)))

    def begin(self, connection: sa.Connection, new: NewEpoch | None, now: datetime) -> int:
        """Begins an epoch, or goes on with one whose rotation was stopped on the way; gives its number."""
        if new is None or self.next(connection) != new.epoch:
            return int(connection.execute(_LIVING.limit(1)).one().epoch)
        row = {"epoch": new.epoch, "wrapped": new.wrapped, "made_at": now}
        insert_or_ignore(connection, epochs, [row])
        return new.epoch

    def living(self, connection: sa.Connection) -> list[Any]:
        """The epochs that are not destroyed, the newest first: one, or more while a rotation is under way."""
        return list(connection.execute(_LIVING).all())

    # ---- wrapping

    def newest(self, connection: sa.Connection) -> tuple[int, AESGCM]:
        """The epoch to wrap by, kept from being destroyed until this transaction ends."""
        # PostgreSQL passes over a row that was destroyed while we waited for it; then the next one is there.
        row = connection.execute(_TO_WRAP_BY).first() or connection.execute(_TO_WRAP_BY).one()
        return int(row.epoch), self.wrapper(connection, int(row.epoch))

    def wrapper(self, connection: sa.Connection, epoch: int) -> AESGCM:
        """What opens keys of an epoch; EpochGone when it was destroyed, EpochClosed when it must be opened first."""
        now = time.monotonic()
        with self._lock:
            held = self._opened.get(epoch)
            if held and held.seen_at >= now - CACHE_SECONDS:
                return held.cipher
            wrapped = connection.execute(sa.select(epochs.c.wrapped).where(epochs.c.epoch == epoch)).scalar()
            if wrapped is None:
                self._opened.pop(epoch, None)
                raise EpochGone()
            if held is None or held.wrapped != wrapped or held.opened_at < now - OPENED_SECONDS:
                raise EpochClosed(epoch, wrapped)
            self._opened[epoch] = replace(held, seen_at=now)
            return held.cipher

    def _open(self, closed: EpochClosed) -> None:
        """Has the master key open an epoch; with that one away, one that was opened in the last hour is held on to."""
        with self._asking:
            held = self._opened.get(closed.epoch)
            same = held if held and held.wrapped == closed.wrapped else None
            now = time.monotonic()
            if same and same.opened_at >= now - CACHE_SECONDS:
                return  # somebody else asked meanwhile
            try:
                key = self.master.unwrap(closed.wrapped, _about(closed.epoch))
            except MasterKeyAway:
                if same is None or same.opened_at < now - HELD_SECONDS:
                    self._let_go(closed.epoch)
                    raise
                # Seen just now; it is opened again at the next look, a minute from here.
                opened = replace(same, seen_at=time.monotonic())
            else:
                at = time.monotonic()
                opened = _Opened(closed.wrapped, AESGCM(key), at, at)
            with self._lock:
                self._opened[closed.epoch] = opened

    def _let_go(self, epoch: int) -> None:
        with self._lock:
            self._opened.pop(epoch, None)

    # ---- destroying

    def hold_before(self, connection: sa.Connection, epoch: int) -> None:
        """Waits until nobody wraps by an older epoch any more, and lets nobody begin to."""
        connection.execute(_TO_DESTROY.where(epochs.c.epoch < epoch)).all()

    def destroy_before(self, connection: sa.Connection, epoch: int) -> None:
        """Destroys every older epoch: what is still wrapped by one, in a copy or a log, never opens again."""
        connection.execute(sa.update(epochs).where(epochs.c.epoch < epoch).values(wrapped=None))

    def forget_opened(self) -> None:
        """Drops what is held in memory."""
        with self._lock:
            self._opened.clear()


def _about(epoch: int) -> bytes:
    return f"epoch|{epoch}".encode()
