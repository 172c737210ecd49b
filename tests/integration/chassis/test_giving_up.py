"""What giving up means: a restriction holds, whoever it is about stays hidden as asked, a record is put away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.events import parking
from chassis.events.bus import Message
from chassis.events.coverage import covered_until
from chassis.tables import given_up, inbox, parked, unreadable, waiting
from tests.integration.chassis.aside import AMINA, STREAM, Keeper, embedded, noted, other_than, parks, rows_of


@embedded
def test_a_brake_that_was_given_up_holds_and_its_lifting_given_up_lifts_nothing(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    world.failing = {"bad", ""}
    world.joins("p1", "bad")
    world.suspends("p1")
    world.resumes("p1")
    world.hear_all()
    for number in (1, 2, 3):
        assert [row.number for row in world.rows(parked)] == [number]
        bilal.confirms(amina.asks("give-up", STREAM, number))
        world.hear_all()
    assert world.rows(parked) == []
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == {"partner_suspended"}
    world.failing = set()
    world.suspends("p1")
    world.resumes("p1")
    world.hear_all()
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == frozenset()


@embedded
def test_whoever_it_is_about_stays_hidden_until_two_people_show_them_again(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    parks(world, "bad", "then")
    bilal.confirms(amina.asks("give-up", STREAM, 1, fences="yes"))
    world.hear(lambda: world.seen() == ["then"])
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == {"fenced"}
    assert [row[0] for row in rows_of(amina.page()) if row[-1] == "Ask to show them again"] == [STREAM]
    asking_id = bilal.asks("show-again", STREAM, 1)
    assert bilal.confirms(asking_id).status_code == 409
    amina.confirms(asking_id)
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == frozenset()
    assert [row.number for row in world.rows(given_up)] == [1]
    assert noted(world, "parked.shown_again") == [(AMINA, "p1", f"{STREAM}@1")]


@embedded
def test_of_a_forked_history_what_was_applied_stands_and_the_other_is_left_out_for_good(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    world.joins("p1", "one")
    world.send()
    other = other_than(world.messages()[0])
    world.publish("partners", other)
    world.hear(lambda: bool(world.rows(parked)))
    bilal.confirms(amina.asks("give-up", STREAM, 1))
    world.publish("partners", other)
    world.hear_all()
    assert world.seen() == ["one"]
    assert world.rows(parked) == world.rows(waiting) == []
    world.joins("p1", "two")
    world.hear_all()
    world.publish("partners", other)
    world.hear_all()
    assert world.seen() == ["one", "two"]
    assert world.rows(parked) == world.rows(waiting) == []
    assert [row.fact_id for row in world.rows(given_up)] == ["another fact"]


@embedded
def test_another_fact_under_the_same_number_is_not_given_up_in_its_place(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    world.joins("p1", "one")
    world.send()
    world.publish("partners", other_than(world.messages()[0]))
    world.hear(lambda: bool(world.rows(parked)))
    asking_id = amina.asks("give-up", STREAM, 1)
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", STREAM)
        unit.connection.execute(sa.delete(waiting))
    world.publish("partners", other_than(world.messages()[0], "a third fact"))
    world.hear(lambda: bool(world.rows(parked)))
    bilal.confirms(asking_id)
    assert world.rows(given_up) == []
    assert [row.fact_id for row in world.rows(parked)] == ["a third fact"]


@embedded
def test_a_stream_that_is_past_a_fact_is_let_go_and_never_moved_back(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad")
    asking_id = amina.asks("give-up", STREAM, 1)
    # As a member leaves it that was slow to fail where another did the work.
    with world.hearer.writing() as unit:
        row = {"consumer": "matching", "stream": STREAM, "number": 2, "fact_id": "the second"}
        unit.connection.execute(sa.insert(inbox), row)
    bilal.confirms(asking_id)
    assert [row.number for row in world.rows(inbox) if row.stream == STREAM] == [2]
    assert world.rows(given_up) == world.rows(parked) == []


@embedded
def test_a_fact_that_was_acted_on_meanwhile_is_not_given_up(world: Any, amina: Keeper, bilal: Keeper) -> None:
    parks(world, "bad", "then")
    asking_id = amina.asks("give-up", STREAM, 1)
    world.failing = set()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", STREAM)
    world.hear(lambda: world.seen() == ["bad", "then"])
    assert bilal.confirms(asking_id).status_code == 303
    assert world.rows(given_up) == []
    assert [row.number for row in world.rows(inbox) if row.stream == STREAM] == [2]
    assert "Settled in another way before" in bilal.page(f"/asked/{asking_id}").text


# ---- what is no fact


@embedded
def test_a_record_that_could_not_be_read_is_put_away_by_two_and_holds_no_report_back(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    canary = b"\xff\xfeKanarienvogel"
    world.publish("partners", Message("partners/partner/p1", [], canary))
    world.hear_all()
    (row,) = rows_of(amina.page("/unreadable"))[1:]
    assert row[3:5] == ["It cannot be read as a fact", f"{len(canary)} bytes"]
    on, place = f"{row[0]}/{row[1]}", int(row[2])
    world.clock.advance(minutes=5)
    world.hear_all()
    with world.hearer.reading() as unit:
        assert covered_until(unit.connection, "matching") == world.clock.now() - timedelta(minutes=5)
    asking_id = amina.asks("put-away", on, place, reason="not_ours")
    bilal.confirms(asking_id)
    assert rows_of(amina.page("/unreadable")) == []
    assert [(one.body, one.headers, one.asking_id) for one in world.rows(unreadable)] == [(None, "[]", asking_id)]
    with world.hearer.reading() as unit:
        assert covered_until(unit.connection, "matching") == world.clock.now()
    # Read from the start again, it is known.
    world.hearer.close()
    world.hearer = world.a_hearer()
    world.hear_all()
    assert len(world.rows(unreadable)) == 1
