"""Facts are applied once, in order per stream, whatever repeats, gaps and faults come; on both carriers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.events import parking
from chassis.events.bus import CarrierAway, Message
from chassis.events.envelope import as_bytes, as_texts
from chassis.tables import audit, brakes, facts, inbox, parked, unreadable, waiting


def _again(message: Message, **headers: str) -> Message:
    """The same message with some headers changed."""
    return Message(message.stream, as_bytes({**as_texts(message.headers), **headers}), message.body)


def test_what_is_stated_is_heard_once_and_in_the_order_of_its_stream(world: Any) -> None:
    for step in range(5):
        world.joins("p1", f"one {step}")
        world.joins("p2", f"two {step}")
    world.hear_all()
    assert [name for name in world.seen() if name.startswith("one")] == [f"one {step}" for step in range(5)]
    assert [name for name in world.seen() if name.startswith("two")] == [f"two {step}" for step in range(5)]
    assert len(world.seen()) == 10


def test_what_was_acknowledged_leaves_the_outbox_and_stays_among_the_facts(world: Any) -> None:
    world.joins("p1", "one")
    assert world.unsent() == 1
    world.send()
    assert world.unsent() == 0
    assert [row.number for row in world.rows(facts, world.partners)] == [1]


def test_a_repeat_is_dropped_however_often_it_comes(world: Any) -> None:
    world.joins("p1", "one")
    world.joins("p1", "two")
    world.send()
    world.publish("partners", *world.messages(), *reversed(world.messages()))
    world.hear_all()
    assert world.seen() == ["one", "two"]


def test_a_fact_ahead_of_its_turn_waits_for_the_one_before(world: Any) -> None:
    world.joins("p1", "one")
    world.joins("p1", "two")
    first, second = world.messages()
    world.publish("partners", second)
    world.joins("p2", "another stream")
    world.partners.relay._take = lambda *_: []  # nothing of the relay's gets in between
    world.publish("partners", next(message for message in world.messages() if message.stream.endswith("p2")))
    world.hear(lambda: "another stream" in world.effects())
    assert world.seen() == ["another stream"]
    assert [(row.number, row.needs_number) for row in world.rows(waiting)] == [(2, 1)]
    world.publish("partners", first)
    world.hear(lambda: len(world.seen()) == 3)
    assert world.seen() == ["another stream", "one", "two"]
    assert world.rows(waiting) == []


def test_a_fact_built_on_another_stream_is_held_until_that_is_applied(world: Any) -> None:
    place = world.joins("p1", "needed")
    world.declines("r1", requires=[place])
    world.declines("r2")
    while world.referrals.relay.sweep():
        pass
    world.hear(lambda: "r2" in world.effects() and len(world.rows(waiting)) == 1)
    assert world.seen() == ["r2"]
    assert world.rows(waiting)[0].needs_stream == "partners/partner/p1"
    world.hear_all()
    assert world.seen() == ["r2", "needed", "r1"]
    assert world.rows(waiting) == []


def test_what_a_room_does_not_hear_is_never_waited_for(world: Any) -> None:
    world.declines("r1", requires=["supervision/peer/p9@3"])
    world.hear_all()
    assert world.seen() == ["r1"]


def test_a_reaction_that_fails_parks_its_stream_and_no_other(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "good")
    world.joins("p1", "bad")
    world.joins("p1", "after")
    world.joins("p2", "beside")
    world.hear_all()
    assert sorted(world.seen()) == ["beside", "good"]
    stuck = world.rows(parked)
    assert [(row.stream, row.number, row.reason) for row in stuck] == [("partners/partner/p1", 2, "ValueError")]
    assert "cannot do it" not in stuck[0].detail
    assert {row.number for row in world.rows(waiting)} == {2, 3}


def test_a_mended_stream_is_taken_up_again_in_order(world: Any) -> None:
    world.failing = {"bad"}
    for name in ("bad", "then", "last"):
        world.joins("p1", name)
    world.hear_all()
    assert world.seen() == []
    world.failing = set()
    with world.hearer.writing() as unit:
        assert parking.release(unit.connection, "matching", "partners/partner/p1")
    world.hear(lambda: len(world.seen()) == 3)
    assert world.seen() == ["bad", "then", "last"]
    assert world.rows(parked) == world.rows(waiting) == []


def test_a_stream_parked_at_its_first_fact_is_taken_up_again_though_that_fact_came_twice(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    world.publish("partners", *world.messages())
    world.hear_all()
    world.failing = set()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", "partners/partner/p1")
    world.hear(lambda: len(world.seen()) == 1)
    assert world.seen() == ["bad"]
    assert world.rows(waiting) == []


def test_a_stream_that_fails_again_is_parked_again(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", "partners/partner/p1")
    world.hear_all()
    assert world.seen() == []
    assert [row.number for row in world.rows(parked)] == [1]


def test_the_subject_of_a_parked_stream_is_fenced(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == {"fenced"}
        assert unit.braked("p2") == frozenset()


def test_an_unknown_version_parks_and_an_unknown_type_is_passed_over(world: Any) -> None:
    world.joins("p1", "one")
    world.joins("p2", "two")
    first, second = world.messages()
    world.publish("partners", _again(first, ce_type="partner.joined.v9"), _again(second, ce_type="never.heard.v1"))
    world.hear(lambda: len(world.rows(inbox)) == 1 and len(world.rows(parked)) == 1)
    assert world.rows(parked)[0].reason == "VersionUnknown"
    assert world.rows(inbox)[0].stream == "partners/partner/p2"
    assert world.seen() == []


def test_a_body_that_does_not_fit_its_type_parks_its_stream(world: Any) -> None:
    world.joins("p1", "one")
    message = world.messages()[0]
    body = json.loads(message.body)
    del body["kind"]
    world.publish("partners", Message(message.stream, message.headers, json.dumps(body).encode()))
    world.hear(lambda: bool(world.rows(parked)))
    assert world.rows(parked)[0].reason == "BodyUnreadable"


def test_what_is_no_fact_is_kept_raw_and_blocks_nothing(world: Any) -> None:
    world.publish(
        "partners",
        Message("partners/partner/p1", [], b"\xff\xfe\x00"),
        Message("no stream", [("ce_id", b"x")], b"{}"),
        Message("partners/partner/p2", as_bytes({"ce_id": "x"}), b""),
    )
    # Of the right shape, and with what no database keeps.
    world.joins("p3", "one")
    world.send()
    told = as_texts(world.messages()[0].headers)
    many, nul, early = {"ce_streamseq": str(2**63)}, {"ce_id": "a\x00b"}, {"ce_time": "0001-01-01T00:00+12:00"}
    for number, odd in enumerate((many, nul, early)):
        world.publish("partners", Message(f"partners/partner/odd{number}", as_bytes({**told, **odd}), b"{}"))
    world.hear_all()
    assert world.seen() == ["one"]
    kept = world.rows(unreadable)
    assert sorted(row.reason for row in kept) == ["EmptyFact", *["EnvelopeUnreadable"] * 5]
    assert b"\xff\xfe\x00" in {bytes(row.body or b"") for row in kept}


def test_the_same_number_with_another_id_is_a_fork_and_parks(world: Any) -> None:
    world.joins("p1", "one")
    world.send()
    world.publish("partners", _again(world.messages()[0], ce_id="another fact"))
    world.hear(lambda: bool(world.rows(parked)))
    assert world.rows(parked)[0].reason == "HistoryForked"
    assert world.seen() == ["one"]


def test_a_brake_holds_from_its_arrival_even_behind_a_parked_fact(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.suspends("p1")
    world.hear_all()
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == {"fenced", "partner_suspended"}


def test_only_a_fact_in_its_turn_lifts_a_brake(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.suspends("p1")
    world.resumes("p1")
    world.hear_all()
    with world.hearer.reading() as unit:
        assert "partner_suspended" in unit.braked("p1")
    world.failing = set()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", "partners/partner/p1")
    world.hear(lambda: len(world.seen()) == 3)
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == frozenset()


def test_a_brake_that_comes_again_after_it_was_lifted_stays_lifted(world: Any) -> None:
    world.suspends("p1")
    world.resumes("p1")
    world.send()
    world.publish("partners", world.messages()[0])
    world.hear_all()
    with world.hearer.reading() as unit:
        assert unit.braked("p1") == frozenset()
    assert [row.is_on for row in world.rows(brakes)] == [False]


def test_the_owner_heeds_its_own_brake_at_once(world: Any) -> None:
    world.suspends("p1")
    with world.partners.reading() as unit:
        assert unit.braked("p1") == {"partner_suspended"}


def test_a_hearer_made_anew_goes_on_where_it_stopped(world: Any) -> None:
    world.joins("p1", "one")
    world.hear_all()
    world.hearer.close()
    world.hearer = world.a_hearer()
    world.joins("p1", "two")
    world.hear_all()
    assert world.seen() == ["one", "two"]


def test_a_new_hearer_starts_at_the_first_fact_of_every_stream(world: Any) -> None:
    for name in ("one", "two", "three"):
        world.joins("p1", name)
    world.send()
    world.hear_all()
    assert world.seen() == ["one", "two", "three"]


def test_effect_and_position_fall_back_together(world: Any) -> None:
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    assert [row for row in world.rows(audit) if row.subject == "bad"] == []
    assert [row.stream for row in world.rows(inbox) if row.stream.endswith("/p1")] == []


def test_topics_made_after_the_hearer_came_are_heard_too(world_without_topics: Any) -> None:
    world = world_without_topics
    for _look in range(3):
        world.hearer.listener.step(0.5)
    world.bus.make_topics([world.settings.topic_prefix + room for room in ("partners", "referrals")], 4)
    world.joins("p1", "one")
    world.hear_all()
    assert world.seen() == ["one"]


def test_a_sweep_that_failed_is_made_again_though_nothing_new_was_stated(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.joins("p1", "one")

    def away(*_rows: Any) -> list[int]:
        raise CarrierAway()

    relay = world.partners.relay
    with monkeypatch.context() as broken:
        broken.setattr(relay, "_publish", away)
        with pytest.raises(CarrierAway):
            relay.sweep_when_rung()
    assert relay.sweep_when_rung() == 1
    assert world.unsent() == 0
