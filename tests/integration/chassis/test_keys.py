"""A human being's keys: destroyed for good, also in the file; rotated without anybody losing one."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.crashpoints import KEYS, arm
from chassis.epochs import Epochs, epochs
from chassis.granted import ClassNotGranted, OwnerForgotten
from chassis.ids import chance
from chassis.keys import Keys, keys
from chassis.ledger import Ledger
from chassis.master import FileMaster, MasterKeyUnknown
from tests.builders import MORNING

SECRET = "a master secret for these tests only"

CLASSES = ("called", "contact", "needs", "notes")
GRANTS = {name: frozenset({"referrals"}) for name in CLASSES}


class Store:
    """A key store, and what its tables hold."""

    def __init__(self, url: str, master: str = SECRET, ledger: Ledger | None = None) -> None:
        self.url, self.clock = url, HandClock(MORNING)
        self.keys = Keys(url, FileMaster(master), self.clock, ledger=ledger)
        self.keys.prepare()

    def made(self, *owners: str) -> dict[Any, bytes]:
        return self.keys.make([(owner, name) for owner in owners for name in CLASSES])

    def opened(self, *owners: str) -> dict[Any, bytes | None]:
        return self.keys.fetch([(owner, name) for owner in owners for name in CLASSES])

    def rows(self, table: sa.Table = keys, **where: Any) -> list[Any]:
        query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
        with self.keys.database.reading() as connection:
            return list(connection.execute(query).all())

    def again(self, master: str = SECRET) -> Store:
        """The same store as another process opens it."""
        return Store(self.url, master)

    def close(self) -> None:
        self.keys.database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty key store on either database."""
    on_file = f"sqlite:///{tmp_path}/keys.sqlite"
    made = Store(on_file if request.param == "sqlite" else request.getfixturevalue("postgres").empty())
    yield made
    made.close()


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[Store]:
    """An empty key store in a file, whose bytes can be looked at."""
    made = Store(f"sqlite:///{tmp_path}/keys.sqlite")
    yield made
    made.close()


@contextmanager
def stopped_at(point: str) -> Iterator[None]:
    """Stops whatever is done inside as it passes a named point, as a kill would."""

    def stop(passed: str) -> None:
        if passed == point:
            raise InterruptedError(point)

    arm(stop)
    try:
        with pytest.raises(InterruptedError, match=point):
            yield
    finally:
        arm(None)


# ---- destroyed


def test_whoever_is_forgotten_has_a_gravestone_of_each_class_and_never_gets_a_key_again(store: Store) -> None:
    store.keys.make([("p1", "called"), ("p1", "needs"), ("p2", "called")])
    kept = store.keys.fetch([("p2", "called")])
    store.clock.advance(days=1)
    store.keys.forget("p1", CLASSES)
    assert {row.sealed_class: row.wrapped for row in store.rows(owner_id="p1")} == dict.fromkeys(CLASSES)
    assert {row.gone_at for row in store.rows(owner_id="p1")} == {store.clock.now()}
    assert set(store.opened("p1").values()) == {None}
    for name in (*CLASSES, "a class of later days"):
        with pytest.raises(OwnerForgotten):
            store.keys.make([("p2", "called"), ("p1", name)])
    assert store.keys.fetch([("p2", "called")]) == kept
    store.clock.advance(days=1)
    store.keys.forget("p1", CLASSES)
    assert {row.gone_at for row in store.rows(owner_id="p1")} == {MORNING.replace(day=MORNING.day + 1)}


def test_whoever_never_had_a_key_can_be_forgotten(store: Store) -> None:
    store.keys.forget("p1", CLASSES)
    with pytest.raises(OwnerForgotten):
        store.made("p1")


def test_a_key_made_while_its_owner_is_forgotten_does_not_outlive_it(store: Store) -> None:
    owners = [f"p{number}" for number in range(20)]
    refused: list[str] = []

    def make() -> None:
        for owner in owners:
            try:
                store.made(owner)
            except OwnerForgotten:
                refused.append(owner)

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    for owner in reversed(owners):
        store.keys.forget(owner, CLASSES)
    for maker in makers:
        maker.join()
    assert set(store.opened(*owners).values()) == {None}
    assert refused != []


def found_in(folder: Path, wrapped: list[bytes]) -> set[str]:
    """The files of a folder that hold any of some bytes."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {name for name, body in files.items() if any(one in body for one in wrapped)}


def test_the_wrapped_keys_are_in_the_file_before_and_nowhere_after(in_a_file: Store, tmp_path: Path) -> None:
    owners = [f"{number:03}" for number in range(400)]
    chance("keys").shuffle(owners)
    for start in range(0, 400, 7):
        in_a_file.made(*owners[start : start + 7])
    gone = owners[::40]
    wrapped = [row.wrapped for owner in gone for row in in_a_file.rows(owner_id=owner)]
    assert len(wrapped) == 40
    assert found_in(tmp_path, wrapped) >= {"keys.sqlite-wal"}
    for owner in gone:
        in_a_file.keys.forget(owner, CLASSES)
    assert found_in(tmp_path, wrapped) == set()
    kept = [row.wrapped for row in in_a_file.rows(owner_id=owners[1])]
    assert found_in(tmp_path, kept) == {"keys.sqlite"}


def test_a_room_destroys_and_rotates_only_with_the_grant_and_drops_what_it_held(in_a_file: Store) -> None:
    plain = in_a_file.keys.for_service("referrals", GRANTS, GRANTS)
    forgetting = in_a_file.keys.for_service("referrals", GRANTS, GRANTS, forgets=True)
    for wrong in (lambda: plain.forget("p1"), lambda: plain.rotate_when_older(0)):
        with pytest.raises(ClassNotGranted):
            wrong()
    for room in (plain, forgetting):
        room.make([("p1", "called"), ("p2", "called")])
    forgetting.forget("p1")
    assert forgetting.fetch([("p1", "called")]) == {("p1", "called"): None}
    # Another room holds it a minute at most; it lets go when it hears of it.
    assert plain.fetch([("p1", "called")]) != {("p1", "called"): None}
    plain.drop(["p1"])
    assert plain.fetch([("p1", "called")]) == {("p1", "called"): None}
    assert plain.fetch([("p2", "called")])["p2", "called"] is not None


# ---- rotated


def test_a_rotation_moves_every_living_key_and_destroys_the_epoch_before(store: Store) -> None:
    before = store.made(*(f"p{number}" for number in range(120)))
    store.keys.forget("p7", CLASSES)
    was = {row.wrapped for row in store.rows() if row.wrapped}
    moved = store.keys.rotate()
    assert moved == 119 * len(CLASSES)
    assert {row.epoch: row.wrapped is None for row in store.rows(epochs)} == {1: True, 2: False}
    assert {row.epoch for row in store.rows() if row.wrapped} == {2}
    assert not was & {row.wrapped for row in store.rows()}
    after = store.again().opened(*(f"p{number}" for number in range(120)))
    assert {pair: key for pair, key in after.items() if key} == {
        pair: key for pair, key in before.items() if pair[0] != "p7"
    }
    assert [row.wrapped for row in store.rows(owner_id="p7")] == [None] * len(CLASSES)


def test_keys_made_and_read_by_others_during_a_rotation_all_open_after_it(store: Store) -> None:
    made: dict[Any, bytes] = {}
    trouble: list[BaseException] = []
    stopping = threading.Event()

    def work(name: str) -> None:
        # One process holds a file; a cluster is shared by many.
        other = store if store.keys.database.is_sqlite else store.again()
        try:
            number = 0
            while not stopping.is_set():
                number += 1
                mine = other.made(f"{name}-{number}")
                assert other.opened(f"{name}-{number}") == mine
                made.update(mine)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            trouble.append(fault)

    workers = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    rotations = 0
    while rotations < 3 or (len(made) < 40 and not trouble):
        store.keys.rotate()
        rotations += 1
    stopping.set()
    for worker in workers:
        worker.join()
    assert trouble == []
    assert store.again().opened(*{owner for owner, _ in made}) == made
    assert [row.epoch for row in store.rows(epochs) if row.wrapped] == [rotations + 1]


@pytest.mark.parametrize("point", [one for one in KEYS if one.startswith("rotate.")])
def test_a_rotation_that_was_stopped_on_the_way_is_finished_by_the_next_tick(store: Store, point: str) -> None:
    owners = [f"p{number}" for number in range(120)]
    before = store.made(*owners)
    with stopped_at(point):
        store.keys.rotate()
    # Whatever it was doing: everything opens as it is, also for another process, and nothing more is lost on the way.
    assert store.again().opened(*owners) == before
    # Nobody waits thirty days for the rest of it, and what was not begun is not due.
    store.again().keys.for_service("referrals", GRANTS, GRANTS, forgets=True).rotate_when_older(30)
    newest = 1 if point == "rotate.before_begin" else 2
    assert [row.epoch for row in store.rows(epochs) if row.wrapped] == [newest]
    assert {row.epoch for row in store.rows() if row.wrapped} == {newest}
    assert store.again().opened(*owners) == before


@pytest.mark.parametrize("point", [one for one in KEYS if one.startswith("keys.")])
def test_forgetting_that_was_stopped_on_the_way_is_finished_by_the_next_opening(
    store: Store, tmp_path: Path, point: str
) -> None:
    store.keys._ledger = ledger = Ledger(tmp_path / "forgotten.ledger")
    store.made("p1", "p2")
    with stopped_at(point):
        store.keys.forget("p1", CLASSES)
    is_on_ledger = point != "keys.before_ledger"
    assert [one.owner_id for one in ledger.read()] == (["p1"] if is_on_ledger else [])
    other = Store(store.url, ledger=ledger)
    # What stands on the ledger is destroyed before anything is opened; what does not was not begun; its clock waits.
    assert (set(other.opened("p1").values()) == {None}) is is_on_ledger
    other.keys.forget("p1", CLASSES)
    assert set(other.opened("p1").values()) == {None}
    assert None not in other.opened("p2").values()
    assert [one.owner_id for one in ledger.read()] == ["p1"]
    other.close()


def test_epochs_are_rotated_when_their_days_are_over(in_a_file: Store) -> None:
    room = in_a_file.keys.for_service("referrals", GRANTS, GRANTS, forgets=True)
    room.make([("p1", "called")])
    in_a_file.clock.advance(days=29)
    assert room.rotate_when_older(30) == 0
    in_a_file.clock.advance(days=1)
    assert room.rotate_when_older(30) == 1
    assert room.rotate_when_older(30) == 0


def test_after_a_rotation_the_files_hold_nothing_of_the_epoch_before(in_a_file: Store, tmp_path: Path) -> None:
    in_a_file.made(*(f"p{number}" for number in range(50)))
    old = [row.wrapped for row in in_a_file.rows(epochs)] + [row.wrapped for row in in_a_file.rows()]
    assert found_in(tmp_path, old[:1]) != set()
    in_a_file.keys.rotate()
    assert found_in(tmp_path, old) == set()


def test_with_a_new_master_key_an_older_copy_of_the_store_opens_nothing_any_more(
    in_a_file: Store, tmp_path: Path
) -> None:
    new = "another secret of the network, long enough to be one"
    first = Store(f"sqlite:///{tmp_path}/network.sqlite")
    before = first.made("p1", "p2")
    first.close()
    shutil.copy(tmp_path / "network.sqlite", tmp_path / "copy.sqlite")
    both = Store(first.url, f"{new}\n{SECRET}\n")
    assert both.opened("p1", "p2") == before
    assert both.keys.rotate() == 2 * len(CLASSES)
    both.close()
    now = Store(first.url, new)
    assert now.opened("p1", "p2") == before
    now.close()
    copy = Store(f"sqlite:///{tmp_path}/copy.sqlite", new)
    with pytest.raises(MasterKeyUnknown):
        copy.opened("p1")
    copy.close()


def test_a_master_key_of_another_store_is_said_to_be_unknown(in_a_file: Store) -> None:
    in_a_file.made("p1")
    other = in_a_file.again("something else altogether, and as long")
    for attempt in (lambda: other.opened("p1"), lambda: other.made("p2")):
        with pytest.raises(MasterKeyUnknown):
            attempt()
    other.close()


def test_what_is_held_of_an_epoch_is_dropped(in_a_file: Store) -> None:
    in_a_file.made("p1")
    held: Epochs = in_a_file.keys._epochs
    assert held._opened
    held.forget_opened()
    assert not held._opened


def test_on_postgresql_the_tables_hold_nothing_of_a_destroyed_key_and_the_servers_log_does_for_a_while(
    postgres_server: Any, postgres: Any
) -> None:
    store = Store(postgres.empty())
    owners = [f"{number:03}" for number in range(60)]
    store.made(*owners)
    wrapped = [row.wrapped for row in store.rows(owner_id="007")]
    data = postgres_server.folder / "data"

    def holding(folder: str) -> bool:
        with postgres_server._connect() as connection:
            connection.execute("CHECKPOINT")
        files = (path for path in (data / folder).rglob("*") if path.is_file())
        return any(one in body for body in (path.read_bytes() for path in files) for one in wrapped)

    assert holding("base")
    store.keys.forget("007", CLASSES)
    assert not holding("base")
    # What docs/security.md says stays until the log is recycled; a rotation under a new master key closes it sooner.
    assert holding("pg_wal")
    assert set(store.opened("007").values()) == {None}
    store.close()
