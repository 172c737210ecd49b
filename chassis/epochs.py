"""Epoch keys: each human being's keys are wrapped by the newest; a rotation begins another and destroys those before.

An epoch key is wrapped by the master key. A line below the first of the master key's file still opens what it wrapped,
and wraps nothing more: so a new master key comes in, and the old one goes once a rotation is done.
"""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.columns import Moment, Serial
from chassis.errors import Misbuilt, Retry
from chassis.ids import new_secret
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
# A key may be held in memory no longer than this (events.md, Keys).
CACHE_SECONDS = 60


class MasterKeyUnknown(Misbuilt):
    """The master key does not open the key store."""

    says = "The master key does not open this key store. Put back the file it was made with."


class EpochGone(Retry):
    """A key was read just before a rotation moved it to another epoch."""


class Epochs:
    """The epoch keys of one key store, opened by its master key."""

    def __init__(self, master_secret: str) -> None:
        lines = [line.strip().encode() for line in master_secret.splitlines() if line.strip()]
        self._masters = [AESGCM(hashlib.sha256(b"beenthere master key|" + line).digest()) for line in lines]
        self._opened: dict[int, tuple[float, AESGCM]] = {}
        self._lock = threading.Lock()

    def begin(self, connection: sa.Connection, now: datetime) -> int:
        """Begins an epoch, or goes on with one whose rotation was stopped on the way; gives its number."""
        living = [row.epoch for row in connection.execute(_LIVING)]
        if len(living) > 1:
            return int(living[0])
        epoch = int(connection.execute(sa.select(sa.func.max(epochs.c.epoch))).scalar() or 0) + 1
        wrapped = wrap(self._masters[0], new_secret(), _about(epoch))
        insert_or_ignore(connection, epochs, [{"epoch": epoch, "wrapped": wrapped, "made_at": now}])
        return epoch

    def begun_at(self, connection: sa.Connection) -> datetime | None:
        """When the newest epoch began; None before the first."""
        row = connection.execute(_LIVING.limit(1)).first()
        return row.made_at if row else None

    def newest(self, connection: sa.Connection) -> tuple[int, AESGCM]:
        """The epoch to wrap by, kept from being destroyed until this transaction ends."""
        # PostgreSQL passes over a row that was destroyed while we waited for it; then the next one is there.
        row = connection.execute(_TO_WRAP_BY).first() or connection.execute(_TO_WRAP_BY).one()
        return int(row.epoch), self.wrapper(connection, int(row.epoch))

    def wrapper(self, connection: sa.Connection, epoch: int) -> AESGCM:
        """What opens keys of an epoch; EpochGone when that epoch was destroyed."""
        with self._lock:
            held = self._opened.get(epoch)
            if held and held[0] >= time.monotonic() - CACHE_SECONDS:
                return held[1]
            wrapped = connection.execute(sa.select(epochs.c.wrapped).where(epochs.c.epoch == epoch)).scalar()
            if wrapped is None:
                self._opened.pop(epoch, None)
                raise EpochGone()
            made = AESGCM(self._open(wrapped, _about(epoch)))
            self._opened[epoch] = (time.monotonic(), made)
            return made

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

    def _open(self, wrapped: bytes, about: bytes) -> bytes:
        for master in self._masters:
            try:
                return unwrap(master, wrapped, about)
            except InvalidTag:
                continue
        raise MasterKeyUnknown()


def wrap(wrapper: AESGCM, key: bytes, about: bytes) -> bytes:
    """A key made unreadable without `wrapper`, bound to what it is for."""
    nonce = new_secret(12)
    return nonce + wrapper.encrypt(nonce, key, about)


def unwrap(wrapper: AESGCM, wrapped: bytes, about: bytes) -> bytes:
    """The key inside; InvalidTag by another wrapper, or for what it was not wrapped for."""
    return wrapper.decrypt(wrapped[:12], wrapped[12:], about)


def _about(epoch: int) -> bytes:
    return f"epoch|{epoch}".encode()
