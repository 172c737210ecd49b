"""A broker that lost everything is filled again from `facts`: the same facts in the same order, and no effect twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from chassis.events.bus import Record
from chassis.events.restating import restate
from chassis.parts import PARTITIONS
from chassis.tables import audit, inbox, outbox, waiting
from tests.builders import a_house
from tests.integration.chassis.conftest import World, a_service
from tests.integration.chassis.test_both_carriers import make_again


def lived(world: World) -> None:
    """Partners join, are suspended and resumed, and referrals that require them are declined."""
    for number in range(8):
        world.clock.advance(minutes=1)
        place = world.joins(f"p{number}", f"name {number}")
        world.declines(f"r{number}", [place])
    for number in range(4):
        world.clock.advance(minutes=1)
        world.suspends(f"p{number}")
        world.declines(f"s{number}", [world.resumes(f"p{number}")])


def topic_of(world: World, room: str) -> list[Record]:
    """All that a room's topic holds."""
    topic = world.settings.topic_prefix + room
    stand = world.bus.stands([topic])
    return [one for batch in world.bus.read_through(dict.fromkeys(stand, 0), stand) for one in batch]


def told(records: list[Record]) -> Counter[tuple[bytes | None, bytes, bytes | None]]:
    """What records hold, wherever they lie."""
    return Counter(
        (one.key, b"|".join(name.encode() + text for name, text in one.headers), one.value) for one in records
    )


def test_topics_that_were_lost_are_filled_again_and_no_effect_happens_twice(world: World) -> None:
    lived(world)
    world.send()
    world.hear(lambda: len(world.seen()) == 28)
    seen, applied = world.seen(), sorted(tuple(row) for row in world.rows(inbox))
    was = {room: topic_of(world, room) for room in ("partners", "referrals")}
    assert sum(len(found) for found in was.values()) == 28
    world.partners.relay.close()
    world.referrals.relay.close()
    for room in was:
        make_again(world, world.settings.topic_prefix + room)
    assert topic_of(world, "partners") == []
    world.joins("p9", "stated while the broker was empty")
    assert restate(world.partners.database, world.clock.now()) == 17
    assert restate(world.referrals.database, world.clock.now()) == 12
    assert len(world.rows(outbox, world.partners)) == 17
    world.send()
    now = {room: topic_of(world, room) for room in was}
    assert told(now["referrals"]) == told(was["referrals"])
    assert told(was["partners"]) - told(now["partners"]) == Counter()
    for found in now.values():
        for stream in {one.key for one in found}:
            of_one = sorted((one for one in found if one.key == stream), key=lambda one: one.place)
            assert [int(dict(one.headers)["ce_streamseq"]) for one in of_one] == list(range(1, len(of_one) + 1))
    # Whoever had applied them drops them as repeats, and hears what is new.
    world.hear(lambda: "stated while the broker was empty" in world.seen())
    world.hear(lambda: world.hearer.event_metrics.repeats._value.get() >= 28)
    assert world.seen() == [*seen, "stated while the broker was empty"]
    assert {row for row in applied} <= {tuple(row) for row in world.rows(inbox)}
    assert world.rows(waiting) == []


@pytest.mark.parametrize("world", ["embedded"], indirect=True)
def test_whoever_comes_anew_hears_all_of_it_from_what_was_stated_again(world: World) -> None:
    lived(world)
    world.send()
    world.hear(lambda: len(world.seen()) == 28)
    seen = Counter(world.seen())
    for room in ("partners", "referrals"):
        make_again(world, room)
    restate(world.partners.database, world.clock.now())
    restate(world.referrals.database, world.clock.now())
    world.send()
    anew = a_service("supervision", world.settings, world.shared, world.reactions())
    try:
        world.hear(lambda: len(world.rows(inbox, anew)) == 20, anew)
        assert Counter(row.subject for row in world.rows(audit, anew)) == seen
    finally:
        anew.close()


@pytest.mark.parametrize("world", ["embedded"], indirect=True)
def test_doing_it_again_stages_each_fact_once(world: World) -> None:
    lived(world)
    assert [restate(world.partners.database, world.clock.now()) for _ in range(2)] == [16, 16]
    rows = sorted(world.rows(outbox, world.partners), key=lambda row: row.id)
    assert len({(row.stream, row.number) for row in rows}) == len(rows) == 16
    # In the order it was stated, so that nobody need wait.
    assert [row.stream.rpartition("/")[2] for row in rows[:8]] == [f"p{number}" for number in range(8)]


def test_the_command_fills_an_embedded_house_whose_log_was_lost(tmp_path: Path) -> None:
    from services.__main__ import main

    data = tmp_path / "var"
    house = a_house(data)
    lead = house.as_("network_lead")
    for code in ("one", "two"):
        body = {
            "code": code, "name": f"Partner {code}", "kind": "voluntary", "area": "north", "ods_code": None,
            "agreement": {"starts_on": "2026-03-02", "ends_on": "2028-03-02"},
        }  # fmt: skip
        assert lead.api("POST", "/api/v1/partners", body, Idempotency_Key=f"joining-{code}").status_code == 201
    house.quiet()
    house.close()
    for path in data.glob("log.sqlite*"):
        path.unlink()
    done = CliRunner().invoke(main, ["events", "restate", "--service", "partners", "--data", str(data)])
    assert (done.exit_code, done.output) == (0, "partners: 6 facts stated again\n")
    house = a_house(data)
    stand = house.house.shared.bus.stands(["partners"])
    assert len(stand) == PARTITIONS
    assert sum(one.end for one in stand.values()) == 6
    house.quiet()
    assert house["home"].event_metrics.repeats._value.get() == 6
    assert house["home"].event_metrics.applied._value.get() == 0
    house.close()
    wrong = CliRunner().invoke(main, ["events", "restate", "--service", "partners", "--data", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "holds no records of partners" in wrong.output
