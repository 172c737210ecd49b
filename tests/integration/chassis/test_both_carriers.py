"""What is true of one carrier is true of the other: partitions, groups, members, places, topics made anew, `Redacted`.

The rest of the suite that both pass is in test_carrying.py. What one cannot have stands in `NOT_HERE`, with why.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events.bus import Record
from chassis.events.partitions import partition_of
from chassis.keys import keys
from chassis.parts import PARTITIONS
from chassis.service import Service
from chassis.tables import facts, inbox, positions, waiting
from contracts.matching import PeerPaused
from contracts.partners import AccountOpened, PartnerJoined
from tests.integration.chassis.conftest import World, a_service

ONE_PROCESS = "the embedded house is one process, its folder locked against a second: a group has one member"
NOT_HERE = {
    ("embedded", "two members"): ONE_PROCESS,
    ("embedded", "a slow member"): ONE_PROCESS,
}


def has(world: World, case: str) -> bool:
    """Whether this carrier has what a case is about; what it has not is named above."""
    return ("kafka" if world.settings.kafka else "embedded", case) not in NOT_HERE


def test_what_one_carrier_cannot_have_is_named_with_its_reason() -> None:
    assert {carrier for carrier, _ in NOT_HERE} == {"embedded"}
    assert all(len(reason) > 20 for reason in NOT_HERE.values())


# ---- partitions and groups


def read_all(world: World, group: str, count: int) -> list[Record]:
    """What a new group reads of the partners' topic, from its first record."""
    subscription = world.bus.subscribe(
        world.settings.topic_prefix + group, [world.settings.topic_prefix + "partners"], f"{group}-0",
        lambda _topic, _partition, _id, first, _end: first,
    )  # fmt: skip
    found: list[Record] = []
    try:
        for _ in range(600):
            found += subscription.poll(0.05)
            if len(found) >= count:
                break
    finally:
        subscription.close()
    return found


def test_a_stream_lies_in_one_partition_in_order_and_which_one_is_the_same_everywhere(world: World) -> None:
    for number in range(12):
        world.joins(f"p{number % 6}", f"name {number}")
    world.send()
    found = read_all(world, "reader", 12)
    assert len(found) == 12
    assert {(one.key.decode(), one.partition) for one in found} == {  # type: ignore[union-attr]
        (f"partners/partner/p{number}", partition_of(f"partners/partner/p{number}", PARTITIONS)) for number in range(6)
    }
    assert len({one.partition for one in found}) > 1
    for number in range(6):
        of_one = [one for one in found if one.key == f"partners/partner/p{number}".encode()]
        numbers = [dict(one.headers)["ce_streamseq"] for one in sorted(of_one, key=lambda one: one.place)]
        assert numbers == [b"1", b"2"]


def test_each_group_reads_everything_for_itself(world: World) -> None:
    for number in range(5):
        world.joins(f"p{number}", "a name")
    world.send()
    places = [
        sorted((one.partition, one.place) for one in read_all(world, group, 5)) for group in ("reader", "another")
    ]
    assert len(places[0]) == 5
    assert places[0] == places[1]


# ---- members


def a_member(world: World, slot: str, reactions: Any) -> Service:
    from dataclasses import replace

    return a_service("matching", replace(world.settings, slot=slot), world.shared, reactions)


def run(service: Service, stopping: threading.Event) -> threading.Thread:
    assert service.listener is not None
    thread = threading.Thread(target=service.listener.run, args=(stopping,))
    thread.start()
    return thread


def test_two_members_share_the_work_and_what_one_leaves_the_other_takes(world: World) -> None:
    if not has(world, "two members"):
        return
    stopping = [threading.Event(), threading.Event()]
    members = [a_member(world, str(slot), world.reactions()) for slot in range(2)]
    threads = [run(member, stop) for member, stop in zip(members, stopping, strict=True)]
    try:
        for number in range(40):
            world.joins(f"p{number}", f"name {number}")
        world.send()
        wait_until(lambda: len(world.seen()) == 40)
        stopping[0].set()
        threads[0].join()
        members[0].close()
        for number in range(40, 60):
            world.joins(f"p{number}", f"name {number}")
        world.send()
        wait_until(lambda: len(world.seen()) == 60)
    finally:
        for stop in stopping:
            stop.set()
        for thread in threads:
            thread.join()
        members[1].close()
    assert Counter(world.seen()) == Counter({f"name {number}": 1 for number in range(60)})


def test_a_member_that_is_slow_with_a_batch_is_joined_by_another_and_nothing_is_done_twice(world: World) -> None:
    if not has(world, "a slow member"):
        return
    goes_on, is_slow = threading.Event(), threading.Event()
    quick = world.reactions()

    def slow(unit: Any, fact: Any) -> None:
        is_slow.set()
        assert goes_on.wait(60)
        quick[type(fact)](unit, fact)

    first = a_member(world, "0", {kind: slow for kind in quick})
    second = a_member(world, "1", quick)
    stopping = threading.Event()
    threads = [run(first, stopping)]
    try:
        for number in range(30):
            world.joins(f"p{number}", f"name {number}")
        world.send()
        assert is_slow.wait(60)
        # The second comes while the first has a batch in hand: partitions move although the first does not answer.
        threads.append(run(second, stopping))
        wait_until(lambda: len(shares_of(second)) > 0)
        goes_on.set()
        wait_until(lambda: len(world.seen()) >= 30)
        for number in range(30, 40):
            world.joins(f"p{number}", f"name {number}")
        world.send()
        wait_until(lambda: len(world.seen()) >= 40)
    finally:
        goes_on.set()
        stopping.set()
        for thread in threads:
            thread.join()
        first.close()
        second.close()
    assert Counter(world.seen()) == Counter({f"name {number}": 1 for number in range(40)})
    assert world.rows(waiting) == []


def shares_of(service: Service) -> Sequence[Any]:
    """The partitions a member has now, as its carrier knows them."""
    subscription: Any = service.listener._subscription if service.listener else None
    return list(subscription._shelf.ends) if subscription else []


def wait_until(is_so: Any) -> None:
    import time

    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends, "not in time"
        threading.Event().wait(0.02)


# ---- places and topics


def test_the_place_kept_is_the_one_after_the_last_record_applied(world: World) -> None:
    for number in range(6):
        world.joins(f"p{number}", "a name")
    world.send()
    world.hear(lambda: len(world.seen()) == 6)
    kept = {(row.topic, row.partition): row.next for row in world.rows(positions)}
    counted = Counter(partition_of(f"partners/partner/p{number}", PARTITIONS) for number in range(6))
    topic = world.settings.topic_prefix + "partners"
    assert {share: count for share, count in kept.items() if share[0] == topic} == {
        (topic, partition): count for partition, count in counted.items()
    }


def test_a_topic_deleted_and_made_again_is_read_from_its_start_and_repeats_are_dropped(world: World) -> None:
    for number in range(4):
        world.joins(f"p{number}", f"name {number}")
    world.send()
    world.hear(lambda: len(world.seen()) == 4)
    topic = world.settings.topic_prefix + "partners"
    ids_before = {row.topic_id for row in world.rows(positions) if row.topic == topic}
    make_again(world, topic)
    # The topic is another, and shorter than the place that was kept: one repeat, and one fact that is new.
    world.partners.relay.close()
    told = world.messages()
    world.joins("p0", "after")
    after = next(one for one in world.messages() if dict(one.headers)["ce_streamseq"] == b"2")
    world.publish("partners", told[0], after)
    world.hear(lambda: "after" in world.seen())
    assert Counter(world.seen()) == Counter({"after": 1, **{f"name {number}": 1 for number in range(4)}})
    assert world.seen()[-1] == "after"
    assert len(ids_before) == 1


def make_again(world: World, topic: str) -> None:
    bus: Any = world.bus
    if not world.settings.kafka:
        bus.delete_topic(topic)
        bus.make_topics([topic])
        return
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=world.settings.kafka)
    try:
        admin.delete_topics([topic])
        wait_until(lambda: topic not in admin.list_topics())
    finally:
        admin.close()
    bus.make_topics([topic], PARTITIONS)


# ---- what ties together all that follows from one knock


def test_the_trace_of_a_knock_goes_through_outbox_carrier_and_reaction_into_what_that_states(world: World) -> None:
    met: list[Any] = []

    def paused(unit: Any, fact: PartnerJoined) -> None:
        met.append(unit.thread)
        said = PeerPaused(peer_id=fact.partner_id, paused_at=unit.now)
        unit.state(f"matching/peer/{fact.partner_id}", said)

    hearer = a_service("matching", world.settings, world.shared, {PartnerJoined: paused})
    try:
        world.joins("p1", "one")
        world.send()
        world.hear(lambda: len(met) == 1 and bool(world.rows(facts, hearer)), hearer)
        told = json.loads(world.rows(facts, world.partners)[0].headers)
        answer = json.loads(world.rows(facts, hearer)[0].headers)
    finally:
        hearer.close()
    assert len(told["ce_traceparent"]) == 55
    assert met[0].traceparent == told["ce_traceparent"] == answer["ce_traceparent"]
    assert answer["ce_correlationid"] == told["ce_correlationid"]
    assert answer["ce_causationid"] == told["ce_id"]


# ---- a forgotten human being


def test_what_was_sealed_for_someone_forgotten_since_is_applied_as_redacted(world: World) -> None:
    def opened(unit: Any, fact: AccountOpened) -> None:
        unit.note("heard", subject=unit.ring.open_text(fact.called), record=unit.thread.causation_id)

    hearer = a_service("matching", world.settings, world.shared, {**world.reactions(), AccountOpened: opened})
    try:
        for account_id, called in (("a1", "Known"), ("a2", "Unknown by then")):
            ring = world.partners.vault.make(account_id, ["called"])
            with world.partners.writing(ring) as unit:
                sealed = unit.ring.seal(account_id, "called", called)
                said = AccountOpened(
                    account_id=account_id, partner_id="p1", roles=("peer",), called=sealed, opened_at=unit.now
                )  # fmt: skip
                unit.state(f"partners/account/{account_id}", said)
        world.send()
        with world.shared.keys.database.writing() as connection:
            connection.execute(sa.update(keys).where(keys.c.owner_id == "a2").values(wrapped=None))
        for service in (hearer, world.partners):
            service.keys.forget_cache()
        world.hear(lambda: len(world.seen()) == 2, hearer)
        assert sorted(world.seen()) == ["Known", "forgotten"]
        assert {row.number for row in world.rows(inbox)} == {1}
    finally:
        hearer.close()


@pytest.mark.parametrize("case", sorted({case for _, case in NOT_HERE}))
def test_a_case_named_as_not_here_is_one_of_this_suite(case: str) -> None:
    assert f'if not has(world, "{case}"):' in Path(__file__).read_text()
