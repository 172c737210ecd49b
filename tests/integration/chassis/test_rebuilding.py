"""What was made of facts is made again from the carrier in a shadow, and put in place while everything goes on."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis.boundary import NETWORK, policies
from chassis.database import Database
from chassis.events.projections import Projection, hash_of
from chassis.events.shadow import MadeAgainAlready, Shadow
from chassis.events.standing import OlderCopy
from chassis.rebuilding import CarrierTooShort, NameUnfit, NothingProjected, rebuild
from chassis.rows import put
from chassis.tables import audit, clocks, facts, given_up, inbox, outbox, parked, read_back, waiting
from chassis.unit import Unit
from contracts.matching import PeerPaused
from contracts.partners import PartnerJoined, PartnerSuspended
from tests.builders import MORNING, a_house
from tests.integration.chassis.conftest import World, a_service
from tests.integration.chassis.test_both_carriers import make_again
from tests.parts.postgres import as_owner

metadata = sa.MetaData()
# What the hearer makes of what it hears: each partner's newest name, in the order they were heard.
known = sa.Table(
    "known",
    metadata,
    sa.Column("heard", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("partner_id", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
# Its own, which no fact makes.
chosen = sa.Table("chosen", metadata, sa.Column("partner_id", sa.Text, primary_key=True))
PROJECTIONS = (Projection(known, arrival=("heard",)),)
EMBEDDED = pytest.mark.parametrize("world", ["embedded"], indirect=True)


def reactions(world: World) -> dict[type, Any]:
    """Keeps names; states something, sets a clock and asks for its own records on the way."""

    def joined(unit: Unit, fact: PartnerJoined) -> None:
        if fact.name in world.failing:
            raise ValueError("this reaction cannot do it")
        row = {"partner_id": fact.partner_id, "name": fact.name}
        done = unit.connection.execute(sa.update(known).where(known.c.partner_id == fact.partner_id).values(**row))
        if not done.rowcount:
            unit.connection.execute(sa.insert(known), row)
        unit.note("heard", subject=fact.name, record=unit.thread.causation_id)

    def suspended(unit: Unit, fact: PartnerSuspended) -> None:
        assert unit.connection.execute(sa.select(chosen)).all() != []
        unit.state(f"matching/peer/{fact.partner_id}", PeerPaused(peer_id=fact.partner_id, paused_at=unit.now))
        put(unit.connection, clocks, {
            "kind": "k", "subject": fact.partner_id, "number": 1, "due_at": unit.now, "state": "set",
        })  # fmt: skip
        unit.note("heard", subject="suspended", record=unit.thread.causation_id)

    return {**world.reactions(), PartnerJoined: joined, PartnerSuspended: suspended}


@pytest.fixture
def here(world: World) -> World:
    """The small world, whose hearer has a table made of what it hears and one of its own."""
    world.hearer.close()
    world.hearer = a_service("matching", world.settings, world.shared, reactions(world))
    world.hearer.parts = replace(world.hearer.parts, projections=PROJECTIONS)
    owner = Database(as_owner(world.hearer.database.url.render_as_string(hide_password=False)))
    with owner.writing(NETWORK) as connection:
        metadata.create_all(connection)
        if not owner.is_sqlite:
            policies.guard(connection)
        connection.execute(sa.insert(chosen), {"partner_id": "p1"})
    owner.close()
    return world


def names(world: World) -> dict[str, str]:
    return {row.partner_id: row.name for row in world.rows(known)}


def lived(world: World, count: int = 12) -> None:
    for number in range(count):
        place = world.joins(f"p{number}", f"name {number}")
        world.declines(f"r{number}", [place])
    world.joins("p0", "newer")
    world.suspends("p1")
    world.send()
    world.hear(lambda: len(world.seen()) == 2 * count + 2)


def test_what_is_made_again_is_the_same_and_what_was_spoilt_is_mended(here: World) -> None:
    lived(here)
    counts = {table.name: len(here.rows(table)) for table in (audit, facts, outbox, clocks, inbox, chosen)}
    stands = {(row.stream, row.number, row.fact_id) for row in here.rows(inbox)}
    done = rebuild(here.hearer)
    assert done.is_same
    assert (done.facts, done.rows) == (26, 12)
    # The control: one row altered is seen, and mended.
    with here.hearer.database.writing(NETWORK) as connection:
        connection.execute(sa.update(known).where(known.c.partner_id == "p3").values(name="spoilt"))
        connection.execute(sa.delete(known).where(known.c.partner_id == "p4"))
    again = rebuild(here.hearer)
    assert not again.is_same
    assert again.now == done.now
    assert names(here) == {**{f"p{number}": f"name {number}" for number in range(12)}, "p0": "newer"}
    # Nothing was stated, set or noted by it, and the records have come no further.
    assert {table.name: len(here.rows(table)) for table in (audit, facts, outbox, clocks, inbox, chosen)} == counts
    assert {(row.stream, row.number, row.fact_id) for row in here.rows(inbox)} == stands
    # It goes on where it was.
    here.joins("p99", "after")
    here.send()
    here.hear(lambda: "after" in here.seen())
    assert names(here)["p99"] == "after"
    assert rebuild(here.hearer).is_same


def test_it_is_put_in_place_while_facts_are_heard_and_everybody_reads(here: World) -> None:
    lived(here)
    stopping, trouble, read = threading.Event(), list[BaseException](), list[int]()

    def guarded(work: Any) -> None:
        try:
            while not stopping.is_set():
                work()
        except BaseException as fault:  # noqa: BLE001 - told to the test
            trouble.append(fault)

    def state() -> None:
        here.joins(f"p{len(read) % 20}", f"name {len(read)}")
        here.send()
        stopping.wait(0.01)

    def look() -> None:
        with here.hearer.reading() as unit:
            read.append(unit.connection.execute(sa.select(sa.func.count()).select_from(known)).scalar_one())
        stopping.wait(0.002)

    def hear() -> None:
        assert here.hearer.listener is not None
        here.hearer.listener.step(0.05)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (state, look, hear)]
    for thread in threads:
        thread.start()
    try:
        done = [rebuild(here.hearer) for _ in range(2)]
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    assert trouble == []
    assert [one.is_same for one in done] == [True] * 2
    # Whoever read saw the table whole, never empty or half.
    assert min(read) >= 12
    assert len(read) > 10
    here.hear_all()
    assert rebuild(here.hearer).is_same
    assert here.rows(parked) == here.rows(waiting) == []


@EMBEDDED
def test_what_waits_is_parked_or_came_to_be_given_up_stays_as_it_is(here: World) -> None:
    lived(here)
    here.failing = {"cannot"}
    here.joins("p2", "cannot")
    here.joins("p2", "behind it")
    here.joins("p3", "cannot")
    here.joins("p3", "goes on")
    here.send()
    here.hear(lambda: len(here.rows(parked)) == 2)
    _give_up(here, "partners/partner/p3")
    here.hear(lambda: "goes on" in here.seen())
    # By now the reaction could do it; what two people gave up stays given up all the same.
    here.failing = set()
    assert rebuild(here.hearer).is_same
    assert (names(here)["p2"], names(here)["p3"]) == ("name 2", "goes on")
    assert [row.stream for row in here.rows(parked)] == ["partners/partner/p2"]
    assert {row.number for row in here.rows(waiting)} == {2, 3}


def _give_up(world: World, stream: str) -> None:
    """Goes on without the fact a stream is parked at, as two people would have it."""
    from chassis.events import parking, turn
    from chassis.events.turn import Last

    with world.hearer.database.writing() as connection:
        row = next(row for row in connection.execute(sa.select(parked)) if row.stream == stream)
        connection.execute(sa.delete(waiting).where(waiting.c.stream == stream, waiting.c.number == row.number))
        was = turn.last_of(connection, "matching", [stream])
        turn.move(connection, "matching", was, {stream: Last(row.number, row.fact_id)})
        kept = {name: getattr(row, name) for name in ("consumer", "stream", "number", "fact_id", "type", "subject")}
        connection.execute(sa.insert(given_up), {
            **kept, "fences": False, "reason": row.reason, "detail": row.detail, "headers": None, "body": None,
            "asking_id": "a", "at": MORNING,
        })  # fmt: skip
        parking.release(connection, "matching", stream)


@EMBEDDED
def test_a_carrier_that_lost_facts_is_refused_and_nothing_is_put_in_place(here: World) -> None:
    lived(here)
    make_again(here, "partners")
    was = names(here)
    with pytest.raises(CarrierTooShort, match="partners/partner/p0"):
        rebuild(here.hearer)
    assert names(here) == was
    assert [path.name for path in Path(here.settings.data).glob("*rebuild*")] == []


@pytest.mark.parametrize("name", ["public", "pg_catalog", "matching"])
def test_a_shadow_that_is_called_as_the_records_are_harms_none_of_them(here: World, name: str) -> None:
    lived(here)
    was = names(here)
    assert rebuild(here.hearer, name).is_same
    assert names(here) == was
    assert here.rows(chosen) != []


@pytest.mark.parametrize("world", ["kafka"], indirect=True)
def test_two_never_make_one_service_again_at_once(here: World) -> None:
    lived(here)
    with Shadow(here.hearer.database, "matching", "other", PROJECTIONS).alone(), pytest.raises(MadeAgainAlready):
        rebuild(here.hearer)
    assert rebuild(here.hearer).is_same


@EMBEDDED
def test_a_shadow_left_behind_by_a_kill_is_thrown_away(here: World) -> None:
    lived(here)
    left = Database(f"sqlite:///{here.settings.data}/matching.shadow_rebuild.sqlite")
    with left.writing(NETWORK) as connection:
        metadata.create_all(connection)
        connection.execute(sa.insert(known), {"partner_id": "p1", "name": "of the one before"})
    left.close()
    assert rebuild(here.hearer).is_same
    assert [path.name for path in Path(here.settings.data).glob("*rebuild*")] == []


@EMBEDDED
def test_what_cannot_be_made_again_is_refused_by_name(here: World) -> None:
    with pytest.raises(NothingProjected):
        rebuild(here.partners)
    for name in ("", "public; drop", "Rebuild", "1st"):
        with pytest.raises(NameUnfit):
            rebuild(here.hearer, name)
    with here.hearer.database.writing() as connection:
        row = {"stream": "matching/peer/x", "number": 1, "fact_id": "f", "type": "t", "stated_at": MORNING}
        connection.execute(sa.insert(read_back), {**row, "is_clash": False, "found_at": MORNING})
    with pytest.raises(OlderCopy):
        rebuild(here.hearer)


def test_a_hash_is_over_every_row_in_any_order_and_not_over_what_tells_of_arrival(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.sqlite")
    rows = [{"partner_id": f"p{number}", "name": "a name"} for number in range(3)]

    def hashed(*changed: dict[str, str]) -> str:
        with database.writing(NETWORK) as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)
            for row in changed:
                connection.execute(sa.insert(known), row)
            return hash_of(connection, PROJECTIONS)

    same = hashed(*rows)
    assert hashed(*reversed(rows)) == same
    assert len({same, hashed(*rows[:2]), hashed(), hashed(*rows[:2], {"partner_id": "p2", "name": "another"})}) == 4
    database.close()


def test_the_command_makes_a_room_again(tmp_path: Path) -> None:
    from services.__main__ import main

    data = tmp_path / "var"
    house = a_house(data)
    body = {
        "code": "one", "name": "Partner one", "kind": "voluntary", "area": "north", "ods_code": None,
        "agreement": {"starts_on": "2026-03-02", "ends_on": "2028-03-02"},
    }  # fmt: skip
    answer = house.as_("network_lead").api("POST", "/api/v1/partners", body, Idempotency_Key="joining-one")
    assert answer.status_code == 201
    house.quiet()
    house.close()

    def run(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["events", "rebuild", "--data", str(data), *more])
        return done.exit_code, done.output

    assert run("--service", "home") == (0, "home: 3 facts heard again, 6 rows made, the same as before\n")
    assert run("--service", "partners") == (0, "partners: 0 facts heard again, 0 rows made, the same as before\n")
