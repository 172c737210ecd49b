"""The key store: one key per human being and class, wrapped by an epoch key, and each room's grants on them.

It is the one thing services share beside the carrier. Making is insert-only; a key that was destroyed stays as a
gravestone, and its owner can never get a key of any class again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.clock import Clock
from chassis.columns import Moment
from chassis.database import Database
from chassis.epochs import CACHE_SECONDS, EpochGone, Epochs, metadata, unwrap, wrap
from chassis.errors import Conflict, Misbuilt
from chassis.ids import new_secret
from chassis.rows import insert_or_ignore, put
from chassis.sealing import Pair

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

_OWNERS: sa.BindParameter[list[str]] = sa.bindparam("owners", expanding=True)
_LIVING = sa.select(keys).where(keys.c.owner_id.in_(_OWNERS), keys.c.wrapped.is_not(None))
_GRAVESTONES = sa.select(keys.c.owner_id).where(keys.c.owner_id.in_(_OWNERS), keys.c.gone_at.is_not(None)).limit(1)
_MOVE = sa.update(keys).where(keys.c.owner_id == sa.bindparam("of"), keys.c.sealed_class == sa.bindparam("named"))
_BATCH = 400
# A key read while a rotation moved it is read again.
_TRIES = 3
# No human being's: the one key that belongs to the network itself.
_NAMING = ("network", "names")
Grants = Mapping[str, frozenset[str]]


class ClassNotGranted(Misbuilt):
    """A room asked for a class of key it has no grant on."""


class OwnerForgotten(Conflict):
    """The human being is forgotten; nothing can be sealed for them again."""

    says = "This person was forgotten; nothing more is kept about them."


class Keys:
    """The key store in its own database file or cluster."""

    def __init__(self, url: str, master_secret: str, clock: Clock, *, relaxed: bool = False) -> None:
        self.database = Database(url, relaxed=relaxed)
        self._clock = clock
        self._epochs = Epochs(master_secret)

    def prepare(self) -> None:
        """Makes the tables and the first epoch when they are not there."""
        with self.database.writing() as connection:
            if not self.database.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7302027)")
            metadata.create_all(connection)
            if self._epochs.begun_at(connection) is None:
                self._epochs.begin(connection, self._clock.now())
        if self.database.was_left_open:
            self.database.scrub()

    def naming_secret(self) -> str:
        """What ids of names are made with (chassis/ids.py): the network's own, kept when the master key changes."""
        return self.make([_NAMING])[_NAMING].hex()

    def for_service(self, service: str, opens: Grants, seals: Grants, *, forgets: bool = False) -> ServiceKeys:
        """The store as one room may use it; one that `forgets` may destroy keys and rotate epochs."""
        may_open = frozenset(name for name, rooms in opens.items() if service in rooms)
        may_seal = frozenset(name for name, rooms in seals.items() if service in rooms)
        return ServiceKeys(self, may_open, may_seal, frozenset(opens) if forgets else None)

    def fetch(self, pairs: list[Pair]) -> dict[Pair, bytes | None]:
        """Gives the key of each pair, None where there is none or only a gravestone."""
        for _ in range(_TRIES - 1):
            try:
                return self._fetch(pairs)
            except EpochGone:
                continue
        return self._fetch(pairs)

    def _fetch(self, pairs: list[Pair]) -> dict[Pair, bytes | None]:
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
                found[pair] = unwrap(self._epochs.wrapper(connection, row.epoch), row.wrapped, _about(pair))

    def make(self, pairs: list[Pair]) -> dict[Pair, bytes]:
        """Gives the key of each pair, made now where there was none; refuses whoever has a gravestone."""
        with self.database.writing() as connection:
            if connection.execute(_GRAVESTONES, {"owners": list({owner for owner, _ in pairs})}).first():
                raise OwnerForgotten()
            epoch, wrapper = self._epochs.newest(connection)
            now = self._clock.now()
            rows = [
                {
                    "owner_id": owner,
                    "sealed_class": name,
                    "epoch": epoch,
                    "wrapped": wrap(wrapper, new_secret(), _about((owner, name))),
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

    # ---- destroying

    def forget(self, owner_id: str, classes: Iterable[str]) -> None:
        """Destroys every key of a human being; a gravestone for each class keeps them from ever getting one again.

        Doing it again changes nothing. What the file or the log of the database still held of the keys is cleared.
        """
        now = self._clock.now()
        with self.database.writing() as connection:
            known = connection.execute(sa.select(keys).where(keys.c.owner_id == owner_id)).all()
            gone = {row.sealed_class for row in known if row.gone_at is not None}
            # A key being made at this moment is waited for, and destroyed.
            graves = [
                {
                    "owner_id": owner_id,
                    "sealed_class": name,
                    "epoch": 0,
                    "wrapped": None,
                    "made_at": now,
                    "gone_at": now,
                }
                for name in sorted({*classes, *(row.sealed_class for row in known)} - gone)
            ]
            put(connection, keys, *graves)
        self.database.scrub(keys.name)

    def rotate(self) -> int:
        """Begins an epoch, wraps every living key by it and destroys those before; gives how many keys moved.

        A rotation that was stopped on the way is finished by the next.
        """
        with self.database.writing() as connection:
            epoch = self._epochs.begin(connection, self._clock.now())
        moved = 0
        while some := self._rewrap_batch(epoch):
            moved += some
        with self.database.writing() as connection:
            self._epochs.hold_before(connection, epoch)
            while some := self._rewrap(connection, epoch):
                moved += some
            self._epochs.destroy_before(connection, epoch)
        self._epochs.forget_opened()
        self.database.scrub(keys.name, "epochs")
        return moved

    def _rewrap_batch(self, epoch: int) -> int:
        with self.database.writing() as connection:
            return self._rewrap(connection, epoch)

    def _rewrap(self, connection: sa.Connection, epoch: int) -> int:
        wrapper = self._epochs.wrapper(connection, epoch)
        found = sa.select(keys).where(keys.c.wrapped.is_not(None), keys.c.epoch != epoch).limit(_BATCH)
        moved = []
        for row in connection.execute(found.with_for_update()):
            about = _about((row.owner_id, row.sealed_class))
            key = unwrap(self._epochs.wrapper(connection, row.epoch), row.wrapped, about)
            now = {"epoch": epoch, "wrapped": wrap(wrapper, key, about)}
            moved.append({"of": row.owner_id, "named": row.sealed_class, **now})
        if moved:
            connection.execute(_MOVE, moved)
        return len(moved)

    def is_older_than(self, days: int) -> bool:
        """Whether the newest epoch began longer ago than so many days."""
        with self.database.reading() as connection:
            begun_at: datetime | None = self._epochs.begun_at(connection)
        return begun_at is not None and self._clock.now() - begun_at >= timedelta(days=days)


class ServiceKeys:
    """The key store as one room sees it: its grants, and a cache of at most a minute."""

    def __init__(
        self, store: Keys, may_open: frozenset[str], may_seal: frozenset[str], forgets: frozenset[str] | None = None
    ) -> None:
        """`forgets` names every class there is, for a room that may destroy keys."""
        self._store = store
        self.may_open = may_open
        self._may_seal, self._forgets = may_seal, forgets
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

    def forget(self, owner_id: str) -> None:
        """Destroys every key of a human being, for good."""
        if self._forgets is None:
            raise ClassNotGranted("this room may destroy no keys")
        self._store.forget(owner_id, self._forgets)
        self.drop([owner_id])

    def rotate_when_older(self, days: int) -> int:
        """Rotates the epoch when it began so many days ago; gives how many keys moved."""
        if self._forgets is None:
            raise ClassNotGranted("this room may rotate no keys")
        return self._store.rotate() if self._store.is_older_than(days) else 0

    def drop(self, owner_ids: Iterable[str]) -> None:
        """Drops what is held in memory for some human beings."""
        gone = set(owner_ids)
        for pair in [pair for pair in list(self._cache) if pair[0] in gone]:
            self._cache.pop(pair, None)

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
