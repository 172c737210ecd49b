"""The key store: one key per human being and class, wrapped by an epoch key, and each room's grants on them.

It is the one thing services share beside the carrier. Making is insert-only; a key that was destroyed stays as a
gravestone, and its owner can never get a key of any class again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from chassis.clock import Clock
from chassis.columns import Moment
from chassis.crashpoints import hit
from chassis.database import Database
from chassis.epochs import Epochs, metadata
from chassis.granted import Grants, OwnerForgotten, ServiceKeys
from chassis.ids import new_secret
from chassis.key_rights import NotReady, NotTheKeeper, Rights, bury, rights
from chassis.ledger import Ledger
from chassis.master import MasterKey, unwrap, wrap
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
_IS_GONE = keys.c.gone_at.is_not(None)
sa.Index("keys_gone", keys.c.owner_id, keys.c.gone_at, postgresql_where=_IS_GONE, sqlite_where=_IS_GONE)
_IS_LIVING = keys.c.wrapped.is_not(None)
sa.Index("keys_by_epoch", keys.c.epoch, postgresql_where=_IS_LIVING, sqlite_where=_IS_LIVING)

_OWNERS: sa.BindParameter[list[str]] = sa.bindparam("owners", expanding=True)
_LIVING = sa.select(keys).where(keys.c.owner_id.in_(_OWNERS), keys.c.wrapped.is_not(None))
_GRAVESTONES = sa.select(keys.c.owner_id).where(keys.c.owner_id.in_(_OWNERS), _IS_GONE).limit(1)
_SINCE = sa.func.min(keys.c.gone_at, type_=Moment)
_GRAVES = sa.select(keys.c.owner_id, _SINCE).where(_IS_GONE).group_by(keys.c.owner_id)
_COUNT_GRAVES = sa.select(sa.func.count()).select_from(keys).where(_IS_GONE)
_MOVE = sa.update(keys).where(keys.c.owner_id == sa.bindparam("of"), keys.c.sealed_class == sa.bindparam("named"))
_BATCH = 400
# No human being's: the one key that belongs to the network itself.
NAMING_CLASS = "names"
_NAMING = ("network", NAMING_CLASS)
# PostgreSQL: one process at a time prepares, or gives gravestones again.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7302027)"


@dataclass(frozen=True)
class Standing:
    """How a key store stands: the epoch that wraps, since when, what is not moved to it yet, and who is forgotten."""

    epoch: int
    begun_at: datetime
    age_days: int
    living: int
    to_move: int
    forgotten: int
    wrapped_by: str


class Keys:
    """The key store in its own database file or cluster; whoever is forgotten goes on the `ledger` first."""

    def __init__(
        self, url: str, master: MasterKey, clock: Clock, *, ledger: Ledger | None = None, relaxed: bool = False
    ) -> None:
        self.database = Database(url, relaxed=relaxed)
        self._clock, self._ledger = clock, ledger
        self._epochs = Epochs(master)
        self._known_rights: Rights | None = None

    def prepare(self) -> None:
        """Makes the tables and the first epoch when they are not there, and does the erasure ledger to them again.

        Nothing is opened before: a store put back from a copy holds keys of people who were forgotten since.
        """
        self.make_tables()
        self.apply_ledger()
        with self.database.reading() as connection:
            is_new = not self._epochs.living(connection)
        if is_new and not self._rights().rotate:
            raise NotReady()
        if is_new:
            first = self._epochs.made(1)
            with self._alone() as connection:
                self._epochs.begin(connection, first, self._clock.now())
        if self.database.was_left_open:
            self.database.scrub()

    def make_tables(self) -> None:
        """Makes the tables when they are not there."""
        with self._alone() as connection:
            metadata.create_all(connection)

    def _alone(self) -> AbstractContextManager[sa.Connection]:
        return _alone(self.database)

    def apply_ledger(self) -> int:
        """Destroys again the keys of everybody on the erasure ledger; gives of how many people that was."""
        if not self._rights().bury:
            return 0  # a room that knows them lets nothing of theirs open (chassis/remembering.py)
        with self.database.reading() as connection:
            lacking = self._lacking(connection)
        if lacking:
            with self.database.writing() as connection:
                self.bury_from_ledger(connection)
            self.database.scrub(keys.name)
        return len(lacking)

    def bury_from_ledger(self, connection: sa.Connection) -> None:
        """Destroys again in a transaction at hand, before anybody else sees what else it put there."""
        for owner, at in self._lacking(connection).items():
            self._bury(connection, owner, (), at)

    def _lacking(self, connection: sa.Connection) -> dict[str, datetime]:
        """Who is on the ledger and has no gravestone, and since when."""
        known = {one.owner_id: one.at for one in self._ledger.read()} if self._ledger else {}
        graves = {owner for owner, _ in connection.execute(_GRAVES)} if known else set()
        return {owner: at for owner, at in known.items() if owner not in graves}

    def naming_secret(self) -> str:
        """What ids of names are made with (chassis/ids.py): the network's own, kept when the master key changes."""
        return self.make([_NAMING])[_NAMING].hex()

    def for_service(self, service: str, opens: Grants, seals: Grants, *, forgets: bool = False) -> ServiceKeys:
        """The store as one room may use it; one that `forgets` may destroy keys and rotate epochs."""
        may_open = frozenset(name for name, rooms in opens.items() if service in rooms)
        may_seal = frozenset(name for name, rooms in seals.items() if service in rooms)
        return ServiceKeys(self, may_open, may_seal, frozenset(opens) if forgets else None)

    def answers(self) -> bool:
        """Says whether the database of the key store answers now."""
        return self.database.answers()

    # ---- opening and making

    def fetch(self, pairs: list[Pair]) -> dict[Pair, bytes | None]:
        """Gives the key of each pair, None where there is none or only a gravestone."""
        return self._epochs.within(self.database.reading, partial(self._fetch, pairs))

    def _fetch(self, pairs: Sequence[Pair], connection: sa.Connection) -> dict[Pair, bytes | None]:
        found: dict[Pair, bytes | None] = dict.fromkeys(pairs)
        for start in range(0, len(pairs), _BATCH):
            wanted = list({owner for owner, _ in pairs[start : start + _BATCH]})
            for row in connection.execute(_LIVING, {"owners": wanted}):
                pair = (row.owner_id, row.sealed_class)
                if pair in found:
                    found[pair] = unwrap(self._epochs.wrapper(connection, row.epoch), row.wrapped, _about(pair))
        return found

    def make(self, pairs: list[Pair]) -> dict[Pair, bytes]:
        """Gives the key of each pair, made now where there was none; refuses whoever has a gravestone."""
        return self._epochs.within(self.database.writing, partial(self._make, pairs))

    def _make(self, pairs: Sequence[Pair], connection: sa.Connection) -> dict[Pair, bytes]:
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
        found = {pair: key for pair, key in self._fetch(pairs, connection).items() if key is not None}
        if len(found) < len(set(pairs)):
            raise OwnerForgotten()
        return found

    # ---- destroying

    def forget(self, owner_id: str, classes: Iterable[str]) -> None:
        """Destroys every key of a human being; a gravestone for each class keeps them from ever getting one again.

        They are on the erasure ledger before. Doing it again changes nothing. What the file or the log of the database
        still held of the keys is cleared.
        """
        now = self._clock.now()
        with self.database.reading() as connection:
            has_grave = connection.execute(_GRAVESTONES, {"owners": [owner_id]}).first() is not None
        if self._ledger and not has_grave:
            hit("keys.before_ledger")
            self._ledger.add(owner_id, now)
            hit("keys.after_ledger")
        with self.database.writing() as connection:
            self._bury(connection, owner_id, classes, now)
        hit("keys.after_gravestone")
        self.database.scrub(keys.name)

    def _rights(self) -> Rights:
        if self._known_rights is None:
            with self.database.reading() as connection:
                self._known_rights = rights(connection)
        return self._known_rights

    def _bury(self, connection: sa.Connection, owner_id: str, classes: Iterable[str], at: datetime) -> None:
        if self._rights().by_function:
            bury(connection, owner_id, {*classes} or {""}, at)
            return
        known = connection.execute(sa.select(keys).where(keys.c.owner_id == owner_id)).all()
        gone = {row.sealed_class for row in known if row.gone_at is not None}
        # A key being made at this moment is waited for, and destroyed. Somebody who has none yet is kept from one too.
        names = {*classes, *(row.sealed_class for row in known)} or {""}
        graves = [
            {"owner_id": owner_id, "sealed_class": name, "epoch": 0, "wrapped": None, "made_at": at, "gone_at": at}
            for name in sorted(names - gone)
        ]
        put(connection, keys, *graves)

    def graves(self) -> dict[str, datetime]:
        """Everybody who has a gravestone, and since when."""
        with self.database.reading() as connection:
            return {owner: at for owner, at in connection.execute(_GRAVES)}

    def count_graves(self) -> int:
        """How many gravestones there are, of all classes."""
        with self.database.reading() as connection:
            return int(connection.execute(_COUNT_GRAVES).scalar_one())

    # ---- rotating

    def rotate(self) -> int:
        """Begins an epoch, wraps every living key by it and destroys those before; gives how many keys moved.

        A rotation that was stopped on the way is finished by the next.
        """
        if not self._rights().rotate:
            raise NotTheKeeper()
        with self.database.reading() as connection:
            number = self._epochs.next(connection)
        new = self._epochs.made(number) if number else None
        hit("rotate.before_begin")
        with self.database.writing() as connection:
            epoch = self._epochs.begin(connection, new, self._clock.now())
        hit("rotate.after_begin")
        moved = 0
        while some := self._epochs.within(self.database.writing, partial(self._rewrap, epoch)):
            moved += some
            hit("rotate.after_batch")
        moved += self._epochs.within(self.database.writing, partial(self._rewrap_and_destroy, epoch))
        hit("rotate.after_destroy")
        self._epochs.forget_opened()
        self.database.scrub(keys.name, "epochs")
        return moved

    def _rewrap_and_destroy(self, epoch: int, connection: sa.Connection) -> int:
        self._epochs.hold_before(connection, epoch)
        moved = 0
        while some := self._rewrap(epoch, connection):
            moved += some
        hit("rotate.before_destroy")
        self._epochs.destroy_before(connection, epoch)
        return moved

    def _rewrap(self, epoch: int, connection: sa.Connection) -> int:
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

    # ---- how it stands

    def standing(self) -> Standing:
        """How the store stands now."""
        with self.database.reading() as connection:
            living = self._epochs.living(connection)
            count = sa.select(keys.c.epoch, sa.func.count()).where(keys.c.wrapped.is_not(None)).group_by(keys.c.epoch)
            by_epoch: dict[int, int] = dict(connection.execute(count).tuples().all())
            gone = connection.execute(sa.select(sa.func.count(keys.c.owner_id.distinct())).where(_IS_GONE)).scalar_one()
        newest, oldest = living[0], living[-1]
        return Standing(
            epoch=newest.epoch,
            begun_at=newest.made_at,
            # A rotation that is not finished leaves the older epoch open: its age counts.
            age_days=(self._clock.now() - oldest.made_at) // timedelta(days=1),
            living=sum(by_epoch.values()),
            to_move=sum(count for epoch, count in by_epoch.items() if epoch != newest.epoch),
            forgotten=gone,
            wrapped_by=self._epochs.master.name(),
        )

    def age_seconds(self) -> float:
        """How long ago the oldest epoch that is not destroyed began."""
        with self.database.reading() as connection:
            living = self._epochs.living(connection)
        return (self._clock.now() - living[-1].made_at).total_seconds() if living else 0.0

    def is_due(self, days: int) -> bool:
        """Whether a rotation is due here: an epoch began so many days ago, or one was stopped on the way.

        Never where another role than ours rotates.
        """
        if not self._rights().rotate:
            return False
        with self.database.reading() as connection:
            living = self._epochs.living(connection)
        return len(living) > 1 or any(self._clock.now() - one.made_at >= timedelta(days=days) for one in living)


@contextmanager
def _alone(database: Database) -> Iterator[sa.Connection]:
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(_ONE_AT_A_TIME)
        yield connection


def _about(pair: Pair) -> bytes:
    return f"key|{pair[0]}|{pair[1]}".encode()
