"""Copies of the key store: whole or refused, good for days, and never a way back for whoever was forgotten."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis import key_copies, keys_command
from chassis.clock import HandClock
from chassis.database import DatabaseAway
from chassis.epochs import epochs
from chassis.granted import OwnerForgotten
from chassis.key_copies import CopyTooOld, CopyUnreadable, StoreNotEmpty
from chassis.keys import Keys, keys
from chassis.keys_command import keys as command
from chassis.ledger import Ledger
from chassis.master import FileMaster
from tests.builders import MORNING

SECRET = "a master secret for these tests only"
MASTER = FileMaster(SECRET)
CLASSES = ("called", "contact", "needs")


class Place:
    """Where key stores are made, on either database, and the folder of their copies."""

    def __init__(self, new: Callable[[], str], folder: Path) -> None:
        self._new, self.copies, self.ledger = new, folder / "copies", Ledger(folder / "forgotten.ledger")
        self.clock, self._open = HandClock(MORNING), list[Keys]()

    def store(self, *, is_prepared: bool = True) -> Keys:
        made = Keys(self._new(), MASTER, self.clock, ledger=self.ledger)
        self._open.append(made)
        if is_prepared:
            made.prepare()
        return made

    def copy(self, store: Keys, **given: Any) -> Path:
        return key_copies.make(store, MASTER, self.copies, self.clock.now(), **given)[0]

    def put_back(self, path: Path, **given: Any) -> tuple[Keys, int]:
        store = self.store(is_prepared=False)
        return store, key_copies.put_back(store, MASTER, path, self.clock.now(), **given)

    def close(self) -> None:
        for one in self._open:
            one.database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    numbers = iter(range(100))
    new = request.getfixturevalue("postgres").empty if request.param == "postgres" else None
    made = Place(new or (lambda: f"sqlite:///{tmp_path}/{next(numbers)}.sqlite"), tmp_path)
    yield made
    made.close()


def pairs(*owners: str) -> list[tuple[str, str]]:
    return [(owner, name) for owner in owners for name in CLASSES]


def test_a_copy_holds_every_key_and_gravestone_and_whoever_was_forgotten_since_stays_so(place: Place) -> None:
    store = place.store()
    # More than one frame of rows.
    before = store.make(pairs(*(f"p{number}" for number in range(180))))
    store.forget("p3", CLASSES)
    path = place.copy(store)
    store.forget("p7", CLASSES)
    store.rotate()
    back, count = place.put_back(path)
    assert count == 179 * len(CLASSES)
    found = back.fetch(list(before))
    assert {owner for (owner, _), key in found.items() if key is None} == {"p3", "p7"}
    assert all(key in {None, before[pair]} for pair, key in found.items())
    for owner in ("p3", "p7"):
        with pytest.raises(OwnerForgotten):
            back.make([(owner, "called")])
    # It goes on as it stands: others are made, and its epochs are rotated.
    back.make([("another", "called")])
    back.rotate()
    assert back.fetch(pairs("p1")) == {pair: before[pair] for pair in pairs("p1")}


def test_a_copy_made_while_a_rotation_is_under_way_opens_whole(place: Place) -> None:
    store = place.store()
    before = store.make(pairs(*(f"p{number}" for number in range(200))))
    new = store._epochs.made(2)
    with store.database.writing() as connection:
        store._epochs.begin(connection, new, MORNING)
    store._epochs.within(store.database.writing, lambda connection: store._rewrap(2, connection))
    assert 0 < store.standing().to_move < len(before)
    back, _ = place.put_back(place.copy(store))
    assert back.fetch(list(before)) == before
    back.rotate()
    with back.database.reading() as connection:
        living = sa.select(epochs.c.epoch).where(epochs.c.wrapped.is_not(None))
        assert connection.execute(living).scalars().all() == [2]
    assert back.fetch(list(before)) == before


def test_a_copy_whose_days_are_over_is_refused_and_taken_out_by_the_next(place: Place) -> None:
    store = place.store()
    store.make(pairs("p1"))
    old = place.copy(store)
    other = place.copies / "somebody-elses.copy"
    other.write_text("not ours")
    place.clock.advance(days=6)
    newer = place.copy(store)
    assert old.exists()
    place.clock.advance(days=1)
    with pytest.raises(CopyTooOld):
        place.put_back(old)
    back, count = place.put_back(old, although_old=True)
    assert (count, None in back.fetch(pairs("p1")).values()) == (3, False)
    _, gone = key_copies.make(store, MASTER, place.copies, place.clock.now())
    assert gone == 1
    assert (old.exists(), newer.exists(), other.exists()) == (False, True, True)


def test_it_is_put_back_into_an_empty_store_and_nowhere_else(place: Place) -> None:
    store = place.store()
    store.make(pairs("p1"))
    path = place.copy(store)
    store.make(pairs("p2"))
    with pytest.raises(StoreNotEmpty):
        key_copies.put_back(store, MASTER, path, place.clock.now())
    assert None not in store.fetch(pairs("p1", "p2")).values()


@pytest.mark.parametrize("what", ["a longer life", "cut off", "a frame taken out", "frames swapped", "a byte", "added"])
def test_a_copy_that_was_altered_puts_nothing_back(tmp_path: Path, what: str) -> None:
    numbers = iter(range(9))
    place = Place(lambda: f"sqlite:///{tmp_path}/{next(numbers)}.sqlite", tmp_path)
    store = place.store()
    store.make(pairs(*(f"p{number}" for number in range(300))))
    path = place.copy(store)
    lines = path.read_bytes().splitlines()
    assert len(lines) >= 6
    changed = {
        "a longer life": [lines[0].replace(b"2026-03-09", b"2027-03-09"), *lines[1:]],
        "cut off": lines[:-1],
        "a frame taken out": lines[:2] + lines[3:],
        "frames swapped": [*lines[:2], lines[3], lines[2], *lines[4:]],
        "a byte": [*lines[:2], base64.b64encode(base64.b64decode(lines[2])[:-1] + b"x"), *lines[3:]],
        "added": [*lines, lines[2]],
    }[what]
    assert changed != lines
    path.write_bytes(b"".join(line + b"\n" for line in changed))
    empty = place.store(is_prepared=False)
    with pytest.raises(CopyUnreadable):
        key_copies.put_back(empty, MASTER, path, place.clock.now())
    empty.make_tables()
    with empty.database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(keys)).scalar_one() == 0
    with pytest.raises(CopyUnreadable):
        key_copies.put_back(empty, FileMaster("another master secret, as long as it has to be"), path, MORNING)
    place.close()


def test_nothing_of_a_key_stands_in_a_copy_in_clear_and_only_its_owner_reads_it(place: Place) -> None:
    store = place.store()
    made = store.make(pairs("somebody-1", "somebody-2"))
    path = place.copy(store)
    body = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert b"somebody" not in body
    assert not any(key in body or base64.b64encode(key) in body for key in made.values())
    assert [one.name for one in place.copies.iterdir()] == [path.name]


def test_the_commands_say_how_it_stands_and_when_a_rotation_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "var"
    data.mkdir()
    key = data / "master.key"
    key.write_text(SECRET)
    key.chmod(0o600)
    clock = HandClock(MORNING)
    monkeypatch.setattr("chassis.keys_command.SystemClock", lambda: clock)

    def run(*given: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, [*given, "--data", str(data)])
        return done.exit_code, done.output

    assert run("status")[0] == 2
    store = Keys(f"sqlite:///{data}/keys.sqlite", MASTER, clock, ledger=Ledger(data / "forgotten.ledger"))
    store.prepare()
    store.make(pairs("p1", "p2"))
    store.forget("p2", CLASSES)
    store.database.close()
    code, said = run("status")
    assert (code, said.splitlines()[1]) == (0, "keys: 3 living, 0 to be moved, 1 people forgotten")
    assert said.startswith("keys: epoch 1, begun 2026-03-02, wrapped by file ")
    clock.advance(days=31)
    code, said = run("status")
    assert (code, said.splitlines()[2]) == (1, "keys: the oldest epoch is 31 days old, 30 at most")
    assert run("rotate") == (0, "keys: 3 wrapped anew, the epoch before is destroyed\n")
    assert run("status")[0] == 0
    assert run("backup", str(data / "copies"))[0] == 2
    code, said = run("backup", str(tmp_path / "copies"), "--days", "2")
    assert (code, said.endswith("good for 2 days; 0 older taken out\n")) == (0, True)
    clock.advance(days=3, seconds=timedelta(hours=1).seconds)
    assert run("backup", str(tmp_path / "copies"))[1].endswith("good for 7 days; 1 older taken out\n")


def test_the_keeper_begins_rotates_in_time_and_copies_once_a_day(
    place: Place, monkeypatch: pytest.MonkeyPatch, told: io.StringIO
) -> None:
    monkeypatch.setattr("chassis.keys_command.SystemClock", lambda: place.clock)
    store = place.store(is_prepared=False)
    epochs_seen, copies_seen = [], []
    for _day in range(60):
        for _look in range(3):
            keys_command._look_after(store, MASTER, place.copies)
        epochs_seen.append(store.standing().epoch)
        copies_seen.append(len(list(place.copies.iterdir())))
        assert store.standing().age_days < keys_command.OLDEST_DAYS
        place.clock.advance(days=1)
    assert (epochs_seen[27], epochs_seen[28], epochs_seen[59]) == (1, 2, 3)
    assert (copies_seen[0], copies_seen[6], max(copies_seen)) == (1, 7, 7)
    # With the store away it is told, and looked after again later.
    monkeypatch.setattr(Keys, "prepare", _is_away)
    keys_command._look_after(store, MASTER, place.copies)
    assert '"keys_not_kept"' in told.getvalue()
    assert "DatabaseAway" in told.getvalue()


def _is_away(_store: Keys) -> None:
    raise DatabaseAway()
