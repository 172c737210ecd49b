"""A service put back from an older copy notices, reads its topic back, and waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.events import reading_back
from chassis.events.bus import CarrierAway, Message
from chassis.events.envelope import Place
from chassis.events.standing import OlderCopy
from chassis.service import Service, pump_all
from chassis.tables import brakes, facts, inbox, outbox, parked, read_back, sent, streams
from contracts.matching import PeerPaused
from contracts.partners import PartnerSuspended
from tests.integration.chassis.conftest import World, a_service
from tests.integration.chassis.copies import Copies, copies_of

# What both carriers do alike is asked of the one that is quick.
EMBEDDED = pytest.mark.parametrize("world", ["embedded"], indirect=True)
SOMEBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def copies(world: World, request: pytest.FixtureRequest) -> Iterator[Copies]:
    made = copies_of(world, request)
    yield made
    made.close()


def stated(world: World) -> list[Any]:
    return sorted(tuple(row) for row in world.rows(facts, world.partners))


def numbers(world: World) -> dict[str, int]:
    return {row.stream: row.number for row in world.rows(streams, world.partners)}


def settle(service: Service) -> int:
    with service.writing() as unit:
        return reading_back.settle(unit.connection, SOMEBODY, unit.now)


def put_back_an_hour(world: World, copies: Copies) -> list[Any]:
    """Facts before a copy, and facts after it that go out; then the copy is put back. Gives all there were."""
    for number in range(6):
        world.joins(f"p{number}", f"name {number}")
    world.send()
    copies.take("partners")
    world.suspends("p1")
    world.joins("p9", "new since")
    world.joins("p9", "again")
    world.send()
    world.hear(lambda: len(world.seen()) == 9)
    known = stated(world)
    copies.put_back("partners")
    return known


def test_what_its_topic_knows_and_it_does_not_is_read_back_to_the_letter(world: World, copies: Copies) -> None:
    known = put_back_an_hour(world, copies)
    assert len(stated(world)) == 6
    assert not world.partners.standing.is_sound()
    assert stated(world) == known
    assert numbers(world) == {**{f"partners/partner/p{number}": 1 for number in range(6)}} | {
        "partners/partner/p1": 2, "partners/partner/p9": 2,
    }  # fmt: skip
    assert {(row.stream, row.number) for row in world.rows(read_back, world.partners)} == {
        ("partners/partner/p1", 2), ("partners/partner/p9", 1), ("partners/partner/p9", 2),
    }  # fmt: skip
    # What restricts holds here again, though what it changed is not in these records.
    assert [(row.kind, row.subject, row.is_on) for row in world.rows(brakes, world.partners)] == [
        ("partner_suspended", "p1", True)
    ]
    assert world.rows(outbox, world.partners) == []


def test_nobody_changes_an_older_copy_until_a_person_has_settled_what_differs(world: World, copies: Copies) -> None:
    put_back_an_hour(world, copies)
    service = world.partners
    service.standing.look()
    assert {role: parts["settled"] for role, parts in service.readiness().items()} == dict.fromkeys(
        ("web", "relay", "listen", "tick"), False
    )
    with service.app.test_request_context("/"), pytest.raises(OlderCopy), service.writing():
        pass
    with service.app.test_request_context("/"), service.reading() as unit:
        assert [row.stream for row in reading_back.differences(unit.connection)] == [
            "partners/partner/p1", "partners/partner/p9", "partners/partner/p9",
        ]  # fmt: skip
    world.joins("p3", "an action of its own")  # as a program beside the doors would
    assert pump_all({"partners": service}) == 0
    assert len(world.rows(outbox, service)) == 1
    assert settle(service) == 3
    service.standing._asked_at = 0.0
    with service.app.test_request_context("/"), service.writing():
        pass
    assert "settled" not in service.readiness()["web"]
    assert {(row.settled_by, row.settled_at) for row in world.rows(read_back, service)} == {
        (SOMEBODY, world.clock.now())
    }
    assert pump_all({"partners": service}) == 1
    world.hear(lambda: "an action of its own" in world.seen())
    assert world.rows(parked) == []


@EMBEDDED
def test_what_is_stated_next_has_the_number_after_the_newest_that_was_ever_sent(world: World, copies: Copies) -> None:
    put_back_an_hour(world, copies)
    world.partners.standing.look()
    settle(world.partners)
    assert world.joins("p9", "after all") == "partners/partner/p9@3"
    world.send()
    world.hear(lambda: "after all" in world.seen())
    assert world.rows(parked) == []


@EMBEDDED
def test_without_reading_back_the_same_would_have_forked(world: World, copies: Copies) -> None:
    put_back_an_hour(world, copies)
    assert world.joins("p9", "under a used number") == "partners/partner/p9@1"
    world.joins("p9", "and another")
    world.send()
    world.hear(lambda: bool(world.rows(parked)))
    assert [row.reason for row in world.rows(parked)] == ["HistoryForked"]


# ---- how a start finds out


def looked_at(world: World, monkeypatch: pytest.MonkeyPatch, service: Service) -> int:
    """How many records a service reads of its topic when it starts."""
    read, real = [], world.bus.read_through

    def counted(*given: Any) -> Any:
        for records in real(*given):
            read.extend(records)
            yield records

    monkeypatch.setattr(world.bus, "read_through", counted)
    assert service.standing.is_sound()
    monkeypatch.undo()
    return len(read)


def again(world: World) -> Service:
    """The partners' room as its next start opens it."""
    world.partners.close()
    world.partners = a_service("partners", world.settings, world.shared, {})
    return world.partners


def test_an_ordinary_start_reads_nothing_of_the_topic_and_one_after_a_kill_what_was_not_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        world.joins(f"p{number}", "a name")
    world.send()
    assert sum(row.next for row in world.rows(sent, world.partners)) == 20
    assert looked_at(world, monkeypatch, again(world)) == 0
    world.joins("p1", "sent, and killed before that was noted")
    newest = next(one for one in world.messages() if dict(one.headers)["ce_streamseq"] == b"2")
    world.publish("partners", world.messages()[0], newest)
    assert looked_at(world, monkeypatch, again(world)) == 2
    assert looked_at(world, monkeypatch, again(world)) == 0
    assert world.rows(read_back, world.partners) == []


@EMBEDDED
def test_what_is_no_fact_of_its_own_on_its_topic_is_passed_over(world: World) -> None:
    world.joins("p1", "a name")
    world.send()
    (fact,) = world.messages()
    elsewhere = Message("referrals/referral/r1", fact.headers, fact.body)
    world.publish(
        "partners", elsewhere, Message("partners/partner/p1", [("ce_id", b"x")], b"{}"), Message("x", [], b"y")
    )
    service = again(world)
    assert service.standing.is_sound()
    assert len(stated(world)) == 1


@EMBEDDED
def test_with_the_carrier_away_the_doors_stay_open_and_it_looks_before_it_sends(
    world: World, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back_an_hour(world, copies)

    def away(*_given: Any) -> Any:
        raise CarrierAway()

    monkeypatch.setattr(world.bus, "stands", away)
    service = world.partners
    with pytest.raises(CarrierAway):
        service.standing.is_sound()
    with service.app.test_request_context("/"), service.writing():
        pass
    monkeypatch.undo()
    assert not service.standing.is_sound()
    with service.app.test_request_context("/"), pytest.raises(OlderCopy), service.writing():
        pass


@EMBEDDED
def test_what_another_process_found_closes_the_doors_here_too(world: World, copies: Copies) -> None:
    put_back_an_hour(world, copies)
    web = a_service("partners", world.settings, world.shared, {})
    try:
        assert not web.standing.is_open()
        world.partners.standing.look()
        web.standing._asked_at = 0.0
        assert web.standing.is_open()
    finally:
        web.close()


@EMBEDDED
def test_a_number_that_was_given_anew_meanwhile_is_not_settled_away(world: World, copies: Copies) -> None:
    put_back_an_hour(world, copies)
    world.joins("p9", "stated while the carrier was away")
    assert not world.partners.standing.is_sound()
    assert {(row.stream, row.number): row.is_clash for row in world.rows(read_back, world.partners)} == {
        ("partners/partner/p1", 2): False,
        ("partners/partner/p9", 1): True,
        ("partners/partner/p9", 2): False,
    }
    with pytest.raises(reading_back.NumbersClash):
        settle(world.partners)
    assert not world.partners.standing.is_sound()


# ---- what heard of others


def that_state(world: World) -> dict[type, Any]:
    """The hearer's reactions, of which one states that a peer paused for each partner that is suspended."""

    def suspended(unit: Any, fact: PartnerSuspended) -> None:
        unit.state(f"matching/peer/{fact.partner_id}", PeerPaused(peer_id=fact.partner_id, paused_at=unit.now))
        unit.note("heard", subject=fact.partner_id, record=unit.thread.causation_id)

    return {**world.reactions(), PartnerSuspended: suspended}


def test_what_a_reaction_stated_before_is_not_stated_again_by_the_same_reaction(world: World, copies: Copies) -> None:
    copies.reactions = that_state(world)
    world.joins("p1", "a name")
    world.joins("p2", "another")
    world.send()
    world.hear(lambda: len(world.seen()) == 2)
    copies.take("hearer")
    world.suspends("p1")
    world.suspends("p2")
    world.send()
    world.hear(lambda: len(world.seen()) == 4)
    while world.hearer.relay.sweep():
        pass
    before = {tuple(row) for row in world.rows(facts)}
    assert len(before) == 2
    hearer = copies.put_back("hearer")
    assert not hearer.standing.is_sound()
    assert len(world.seen()) == 2
    settle(hearer)
    world.hear(lambda: len(world.seen()) == 4)
    assert {tuple(row) for row in world.rows(facts)} == before
    assert world.rows(parked) == []
    assert {row.number for row in world.rows(inbox) if row.stream.startswith("partners/")} == {2}
    assert {Place(row.stream, row.number) for row in world.rows(streams)} == {
        Place("matching/peer/p1", 1), Place("matching/peer/p2", 1),
    }  # fmt: skip
