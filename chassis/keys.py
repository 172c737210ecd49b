"""The key store: one key per human being and class, wrapped by an epoch key, and each room's grants on them.

It is the one thing services share beside the carrier. Making is insert-only; a key that was destroyed stays as a
gravestone, and its owner can never get a key of that class again.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.clock import Clock
from chassis.columns import Moment, Serial
from chassis.database import Database, insert_or_ignore
from chassis.errors import Misbuilt, Park
from chassis.ids import new_secret
from chassis.sealing import Pair

metadata = sa.MetaData()
epochs = sa.Table(
    "epochs",
    metadata,
    sa.Column("epoch", Serial, primary_key=True, autoincrement=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=True),
    sa.Column("made_at", Moment, nullable=False),
)
keys = sa.Table(
    "keys",
    metadata,
    sa.Column("owner_id", sa.Text, primary_key=True),
    sa.Column("sealed_class", sa.Text, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=True),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("gone_at", Moment, nullable=True),
)

_LIVING = sa.select(keys).where(
    keys.c.owner_id.in_(sa.bindparam("owners", expanding=True)), keys.c.wrapped.is_not(None)
)
_NEWEST_EPOCH = sa.select(sa.func.max(epochs.c.epoch)).where(epochs.c.wrapped.is_not(None))
# A key may be held in memory no longer than this (events.md, Keys).
CACHE_SECONDS = 60
_BATCH = 400
Grants = Mapping[str, frozenset[str]]


class ClassNotGranted(Misbuilt):
    """A room asked for a class of key it has no grant on."""


class OwnerForgotten(Park):
    """The human being is forgotten; nothing can be sealed for them again."""

    says = "This person was forgotten; nothing more is kept about them."


class Keys:
    """The key store in its own database file or cluster."""

    def __init__(self, url: str, master_secret: str, clock: Clock, *, relaxed: bool = False) -> None:
        self.database = Database(url, relaxed=relaxed)
        self._clock = clock
        self._master = AESGCM(hashlib.sha256(b"beenthere master key|" + master_secret.encode()).digest())
        self._epochs: dict[int, AESGCM] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Makes the tables and the first epoch when they are not there."""
        with self.database.writing() as connection:
            if not self.database.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7302027)")
            metadata.create_all(connection)
            if connection.execute(sa.select(sa.func.count()).select_from(epochs)).scalar() == 0:
                wrapped = _wrap(self._master, new_secret(), b"epoch|1")
                insert_or_ignore(connection, epochs, [{"epoch": 1, "wrapped": wrapped, "made_at": self._clock.now()}])

    def for_service(self, service: str, opens: Grants, seals: Grants) -> ServiceKeys:
        """The store as one room may use it."""
        may_open = frozenset(name for name, rooms in opens.items() if service in rooms)
        may_seal = frozenset(name for name, rooms in seals.items() if service in rooms)
        return ServiceKeys(self, may_open, may_seal)

    def fetch(self, pairs: list[Pair]) -> dict[Pair, bytes | None]:
        """Gives the key of each pair, None where there is none or only a gravestone."""
        found: dict[Pair, bytes | None] = dict.fromkeys(pairs)
        with self.database.reading() as connection:
            for start in range(0, len(pairs), _BATCH):
                self._fetch_some(connection, pairs[start : start + _BATCH], found)
        return found

    def _fetch_some(self, connection: sa.Connection, pairs: list[Pair], found: dict[Pair, bytes | None]) -> None:
        rows = connection.execute(_LIVING, {"owners": list({owner for owner, _ in pairs})})
        for row in rows:
            pair = (row.owner_id, row.sealed_class)
            if pair in found:
                found[pair] = _unwrap(self._epoch(connection, row.epoch), row.wrapped, _about(pair))

    def make(self, pairs: list[Pair]) -> dict[Pair, bytes]:
        """Gives the key of each pair, made now where there was none; refuses a gravestone."""
        with self.database.writing() as connection:
            epoch = connection.execute(_NEWEST_EPOCH).scalar_one()
            wrapper = self._epoch(connection, epoch)
            now = self._clock.now()
            rows = [
                {
                    "owner_id": owner,
                    "sealed_class": name,
                    "epoch": epoch,
                    "wrapped": _wrap(wrapper, new_secret(), _about((owner, name))),
                    "made_at": now,
                }
                for owner, name in pairs
            ]
            insert_or_ignore(connection, keys, rows)
            found: dict[Pair, bytes | None] = dict.fromkeys(pairs)
            self._fetch_some(connection, pairs, found)
        if any(key is None for key in found.values()):
            raise OwnerForgotten()
        return {pair: key for pair, key in found.items() if key is not None}

    def _epoch(self, connection: sa.Connection, epoch: int) -> AESGCM:
        with self._lock:
            if epoch not in self._epochs:
                wrapped = connection.execute(sa.select(epochs.c.wrapped).where(epochs.c.epoch == epoch)).scalar_one()
                self._epochs[epoch] = AESGCM(_unwrap(self._master, wrapped, f"epoch|{epoch}".encode()))
            return self._epochs[epoch]


class ServiceKeys:
    """The key store as one room sees it: its grants, and a cache of at most a minute."""

    def __init__(self, store: Keys, may_open: frozenset[str], may_seal: frozenset[str]) -> None:
        self._store = store
        self.may_open = may_open
        self._may_seal = may_seal
        self._cache: dict[Pair, tuple[float, bytes]] = {}

    def fetch(self, pairs: Iterable[Pair]) -> dict[Pair, bytes | None]:
        wanted = list(pairs)
        self._check(wanted, self.may_open)
        found, missing = self._cached(wanted)
        if missing:
            fresh = self._store.fetch(missing)
            self._keep({pair: key for pair, key in fresh.items() if key is not None})
            found.update(fresh)
        return found

    def make(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        wanted = list(pairs)
        self._check(wanted, self._may_seal)
        made = self._store.make(wanted)
        self._keep(made)
        return made

    def answers(self) -> bool:
        """Says whether the key store answers now."""
        return self._store.database.answers()

    def forget_cache(self) -> None:
        """Drops every key held in memory."""
        self._cache.clear()

    def _check(self, pairs: list[Pair], granted: frozenset[str]) -> None:
        refused = {name for _, name in pairs} - granted
        if refused:
            raise ClassNotGranted(f"this room has no grant on the sealed class {', '.join(sorted(refused))}")

    def _cached(self, pairs: list[Pair]) -> tuple[dict[Pair, bytes | None], list[Pair]]:
        oldest = time.monotonic() - CACHE_SECONDS
        found: dict[Pair, bytes | None] = {}
        for pair in pairs:
            held = self._cache.get(pair)
            if held and held[0] >= oldest:
                found[pair] = held[1]
        return found, [pair for pair in pairs if pair not in found]

    def _keep(self, made: Mapping[Pair, bytes]) -> None:
        if len(self._cache) > 20_000:
            self._cache.clear()
        now = time.monotonic()
        self._cache.update({pair: (now, key) for pair, key in made.items()})


def _about(pair: Pair) -> bytes:
    return f"key|{pair[0]}|{pair[1]}".encode()


def _wrap(wrapper: AESGCM, key: bytes, about: bytes) -> bytes:
    nonce = new_secret(12)
    return nonce + wrapper.encrypt(nonce, key, about)


def _unwrap(wrapper: AESGCM, wrapped: bytes, about: bytes) -> bytes:
    return wrapper.decrypt(wrapped[:12], wrapped[12:], about)


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """A keyed hash for equality search without keeping the text; `purpose` keeps two uses apart."""
    made = hashlib.blake2b(text.encode(), key=hashlib.sha256(secret.encode()).digest(), person=purpose.encode()[:16])
    return base64.urlsafe_b64encode(made.digest()[:24]).decode()
