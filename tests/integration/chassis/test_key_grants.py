"""On PostgreSQL each room signs in at the key store as itself: it has the keys of its own classes, whatever it asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.epochs import epochs
from chassis.granted import OwnerForgotten
from chassis.key_rights import NotReady, NotTheKeeper
from chassis.keys import Keys, keys
from chassis.master import FileMaster
from contracts.classes import EVERY_ROOM, OPENS, SEALS
from deploy import keys_rights
from tests.builders import MORNING

MASTER = FileMaster("a master secret for these tests only")
PREFIX = "at_the_keys_"
NUMBERED = [(owner, name) for owner in ("p1", "p2") for name in sorted(SEALS)]


class Cluster:
    """A key store of its own cluster: nobody owns its tables who signs in to work."""

    def __init__(self, postgres: Any) -> None:
        self._url = sa.make_url(postgres.empty())
        server = postgres.server
        with server._connect() as connection:
            for role in (keys_rights.KEEPER, *EVERY_ROOM):
                name = psycopg.sql.Identifier(f"{PREFIX}{role}")
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [f"{PREFIX}{role}"]).fetchone():
                    connection.execute(
                        psycopg.sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, server._password)
                    )
        with server._connect(str(self._url.database)) as connection:
            for sentence in keys_rights.sentences(prefix=PREFIX):
                connection.execute(sentence)
        self._opened: list[Keys] = []

    def of(self, role: str) -> Keys:
        """The key store as one role signs in at it."""
        url = self._url.set(username=f"{PREFIX}{role}").render_as_string(hide_password=False)
        made = Keys(url, MASTER, HandClock(MORNING))
        self._opened.append(made)
        return made

    def close(self) -> None:
        for one in self._opened:
            one.database.close()


@pytest.fixture(scope="module")
def cluster(postgres_server: Any) -> Iterator[Cluster]:
    """A store whose keeper began its first epoch, with two people's keys of every class."""
    from tests.parts.postgres import Databases

    databases = Databases(postgres_server)
    made = Cluster(databases)
    with pytest.raises(NotReady):
        made.of("home").prepare()
    keeper = made.of(keys_rights.KEEPER)
    keeper.prepare()
    keeper.make(NUMBERED)
    yield made
    made.close()
    databases.close()


def refused(store: Keys, statement: Any, *given: Any) -> bool:
    """Whether the database itself refuses a statement."""
    try:
        with store.database.writing() as connection:
            connection.execute(statement, *given)
    except sa.exc.ProgrammingError as said:
        return getattr(said.orig, "sqlstate", "") == "42501"
    return False


@pytest.mark.parametrize("room", sorted(EVERY_ROOM))
def test_a_room_has_the_keys_of_its_own_classes_and_of_no_other(cluster: Cluster, room: str) -> None:
    store = cluster.of(room)
    store.prepare()
    # Asked without our own grants in between, as whoever took the room over would.
    found = store.fetch(NUMBERED)
    own = {name for name in SEALS if room in OPENS[name] | SEALS[name]}
    assert {name for (_, name), key in found.items() if key is not None} == own
    assert own != set(SEALS)
    with store.database.reading() as connection:
        seen = set(connection.execute(sa.select(keys.c.sealed_class).where(keys.c.gone_at.is_(None))).scalars())
    assert seen - {"names"} == own
    # It makes keys of what it seals, under the epoch it holds meanwhile, and of nothing else.
    for name in sorted(SEALS):
        if room in SEALS[name]:
            pair = (f"new of {room}", name)
            assert store.make([pair]) == store.fetch([pair])
        else:
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                store.make([(f"new of {room}", name)])
    assert store.naming_secret() == cluster.of(keys_rights.KEEPER).naming_secret()


@pytest.mark.parametrize("room", sorted(EVERY_ROOM))
def test_no_room_changes_a_key_or_an_epoch_or_takes_one_out(cluster: Cluster, room: str) -> None:
    store = cluster.of(room)
    store.prepare()
    grave = {"owner_id": "p9", "sealed_class": "called", "epoch": 0, "wrapped": None}
    grave |= {"made_at": MORNING, "gone_at": MORNING}
    for statement, *given in (
        (sa.update(keys).values(wrapped=b"x"),),
        (sa.update(keys).values(gone_at=MORNING),),
        (sa.delete(keys),),
        (sa.insert(keys), grave),
        (sa.update(epochs).values(wrapped=None),),
        (sa.update(epochs).values(made_at=MORNING),),
        (sa.delete(epochs),),
        (sa.insert(epochs), {"epoch": 99, "wrapped": b"x", "made_at": MORNING}),
    ):
        assert refused(store, statement, *given), statement
    with pytest.raises(NotTheKeeper):
        store.rotate()
    assert not store.is_due(0)


def test_only_referrals_buries_and_it_buries_classes_it_cannot_read(cluster: Cluster) -> None:
    keeper, pairs = cluster.of(keys_rights.KEEPER), [("p7", name) for name in sorted(SEALS)]
    keeper.make(pairs)
    for room in sorted(EVERY_ROOM - set(keys_rights.FORGETS)):
        store = cluster.of(room)
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            store.forget("p7", OPENS)
    assert None not in keeper.fetch(pairs).values()
    store = cluster.of("referrals")
    # Not even the names of all classes are asked of it.
    store.forget("p7", ["called"])
    assert set(keeper.fetch(pairs).values()) == {None}
    for room in ("referrals", "support"):
        with pytest.raises(OwnerForgotten):
            cluster.of(room).make([("p7", "worry")])
    assert "p7" in cluster.of("home").graves()


def test_the_keeper_rotates_while_rooms_work(cluster: Cluster) -> None:
    keeper, room = cluster.of(keys_rights.KEEPER), cluster.of("support")
    before = room.make([("p8", "support_notes")])
    assert keeper.rotate() > len(NUMBERED)
    assert room.fetch([("p8", "support_notes")]) == before
    assert room.make([("p8", "support_notes"), ("p8", "worry")]).items() >= before.items()


def test_the_sentences_of_the_deployment_are_those_that_are_tried_here() -> None:
    written = (Path(keys_rights.__file__).parent / "postgres" / "keys.sql").read_text()
    said = "".join(f"{sentence};\n" for sentence in keys_rights.sentences())
    assert written.partition("\n")[2] == said, "run: python deploy/keys_rights.py > deploy/postgres/keys.sql"
