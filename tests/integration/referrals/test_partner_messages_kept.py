"""A message and its answer are one: whatever is killed between, there is one referral and an answer to it, in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.events.bus import CarrierAway, Message, Record
from services.referrals import store
from services.referrals.actions import exchanging
from services.referrals.partner_topic.outbound import Outbound
from tests.builders import a_referral
from tests.integration.referrals.conftest import HEARD, Referrals, a_room
from tests.integration.referrals.letters import ACKNOWLEDGED, REFUSED, Letters
from tests.parts.postgres import Databases

PATIENCE_SECONDS = 20


class Killed(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def open_room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Referrals]:
    """One room on each database for the whole file; each test has partners of its own."""
    databases, changes = None, {}
    if request.param == "postgres":
        databases = Databases(request.getfixturevalue("postgres_server"))
        changes["database_url"] = databases.of("referrals", *HEARD)
    made = a_room(tmp_path_factory.mktemp("room"), **changes)
    yield made
    made.close()
    if databases:
        databases.close()


@pytest.fixture
def letters(open_room: Referrals) -> Letters:
    return Letters(open_room, new=True)


def killed_once(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool) -> None:
    """Has the first call of a function end the process, before it did anything or after it did all."""
    real, fresh = getattr(where, name), [True]

    def deadly(*given: Any, **more: Any) -> Any:
        if fresh and not after:
            fresh.clear()
            raise Killed
        made = real(*given, **more)
        if fresh:
            fresh.clear()
            raise Killed
        return made

    monkeypatch.setattr(where, name, deadly)


def ids(told: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in told]


def answered(told: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["answers"] for one in told]


@pytest.mark.parametrize("after", [False, True], ids=["before the answer is kept", "after it, before the commit"])
def test_killed_before_the_commit_nothing_is_kept_and_the_message_is_read_again(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    killed_once(monkeypatch, exchanging, "tell", after=after)
    message_id = letters.send()
    with pytest.raises(Killed):
        letters.carry()
    assert letters.count() == 0
    assert letters.outbound() == []
    assert answered(letters.answers()) == [message_id]
    assert letters.count() == 1


def test_killed_after_the_commit_it_is_not_taken_in_again_and_its_answer_goes_out(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = type(letters.bus.subscribe("x", [], "x", lambda *_: 0))
    killed_once(monkeypatch, subscription, "done", after=False)
    message_id = letters.send()
    with pytest.raises(Killed):
        letters.carry()
    assert letters.count() == 1
    assert answered(letters.answers()) == [message_id]
    assert letters.count() == 1


def test_killed_after_publishing_an_answer_comes_twice_under_one_id_and_never_not_at_all(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters.send()
    killed_once(monkeypatch, store, "note_sent", after=False)
    with pytest.raises(Killed):
        letters.carry()
    first = ids(letters.outbound())
    assert len(first) == 1
    assert ids(letters.answers()) == [*first, *first]
    assert letters.count() == 1


def test_what_the_carrier_does_not_acknowledge_is_sent_again_with_all_behind_it(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = type(letters.bus.publisher("x"))
    real, doubts = publisher.publish, [True]

    def doubtful(self: Any, topic: str, messages: list[Message]) -> list[bool]:
        known: list[bool] = real(self, topic, messages)
        if doubts and topic.endswith(".outbound"):
            doubts.clear()
            # The second of three is unknown, although the topic has it.
            return [True, False, *known[2:]]
        return known

    monkeypatch.setattr(publisher, "publish", doubtful)
    sent = [letters.send() for _ in range(3)]
    told = answered(letters.answers())
    assert told == [*sent, *sent[1:]]


def test_answers_stay_in_order_and_wait_while_the_carrier_is_away(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbound, publisher = letters.exchange.outbound, type(letters.bus.publisher("x"))

    def away(*_given: Any) -> list[bool]:
        raise CarrierAway()

    sent = [letters.send(), letters.put(b"in clear"), letters.send()]
    with monkeypatch.context() as patched:
        patched.setattr(publisher, "publish", away)
        with pytest.raises(CarrierAway):
            letters.carry()
        with pytest.raises(CarrierAway):
            outbound.sweep()
    # Every referral was taken in meanwhile.
    assert letters.count() == 2
    told = letters.answers()
    assert answered(told) == sent
    assert [one["type"] for one in told] == [ACKNOWLEDGED, REFUSED, ACKNOWLEDGED]


def test_a_topic_that_takes_nothing_holds_nobody_elses_answers_up(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = type(letters.bus.publisher("x"))
    real = publisher.publish

    def stuck(self: Any, topic: str, messages: list[Message]) -> list[bool]:
        if topic == f"partner.{letters.theirs}.outbound":
            raise CarrierAway()
        known: list[bool] = real(self, topic, messages)
        return known

    monkeypatch.setattr(publisher, "publish", stuck)
    letters.send(code=letters.theirs)
    message_id = letters.send()
    letters.exchange.inbound.step(0)
    assert letters.exchange.outbound.sweep() == 1
    assert answered(letters.outbound()) == [message_id]


def sending_twice(letters: Letters, monkeypatch: pytest.MonkeyPatch, *two: Outbound) -> int:
    """Has two sweep at one moment, the second while the first still sends; gives how many the topic got then."""
    letters.send()
    letters.carry()
    letters.send()
    letters.exchange.inbound.step(0)
    publisher = type(letters.bus.publisher("x"))
    real, sending, go_on = publisher.publish, threading.Event(), threading.Event()

    def slow(self: Any, topic: str, messages: list[Message]) -> list[bool]:
        is_first = not sending.is_set()
        sending.set()
        if is_first:
            go_on.wait(PATIENCE_SECONDS)
        known: list[bool] = real(self, topic, messages)
        return known

    with monkeypatch.context() as patched:
        patched.setattr(publisher, "publish", slow)
        first = in_a_thread(two[0].sweep)
        assert sending.wait(PATIENCE_SECONDS)
        second = in_a_thread(two[1].sweep)
        second.join(0.5)
        go_on.set()
        for thread in (first, second):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
    return len(letters.outbound()) - 1


def test_two_threads_that_publish_at_one_moment_send_each_answer_once(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbound = letters.exchange.outbound
    assert sending_twice(letters, monkeypatch, outbound, outbound) == 1


def test_two_processes_that_publish_at_one_moment_send_each_answer_once(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = letters.room["referrals"]
    # An SQLite file has one process; there each would send it, under one id.
    count = 2 if house.database.is_sqlite else 1
    assert sending_twice(letters, monkeypatch, letters.exchange.outbound, Outbound(house)) == count
    assert len(set(ids(letters.answers()))) == 2


def test_what_was_sent_is_never_taken_back_by_whoever_comes_late(letters: Letters) -> None:
    for _ in range(3):
        letters.send()
    letters.carry()
    house = letters.room["referrals"]
    with house.writing() as unit:
        store.note_sent(unit, letters.partner_id, 1)
    assert len(letters.answers()) == 3


def the_record(letters: Letters, place: int = 0) -> Record:
    """A message as the reader gets it."""
    reader = letters.bus.subscribe("x", [f"partner.{letters.ours}.inbound"], "x", lambda *_: place)
    return reader.poll(0)[0]


def take(letters: Letters, record: Record) -> None:
    letters.exchange.inbound._take(record)


def test_a_reader_that_woke_up_late_does_nothing_with_what_another_passed(letters: Letters) -> None:
    letters.put(b"in clear")
    letters.send()
    letters.carry()
    for place in (0, 1):
        take(letters, the_record(letters, place))
    assert len(letters.answers()) == 2
    assert letters.count() == 1


@pytest.mark.parametrize("what", ["a referral", "a bad message"])
def test_two_readers_at_one_message_at_one_moment_make_one_answer(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    body = letters.sealed() if what == "a referral" else b"in clear"
    letters.put(body)
    record, real = the_record(letters), exchanging.tell
    inside, go_on = threading.Event(), threading.Event()

    def slow(*given: Any) -> None:
        real(*given)
        inside.set()
        go_on.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(exchanging, "tell", slow)
    first = in_a_thread(lambda: take(letters, record))
    assert inside.wait(PATIENCE_SECONDS)
    second = in_a_thread(lambda: take(letters, record))
    go_on.set()
    for thread in (first, second):
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
    assert len(letters.answers()) == 1


def test_one_message_by_topic_and_by_its_twin_at_one_moment_is_one_referral(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = a_referral()
    message_id = letters.send(referral, "one-and-only")
    record, real = the_record(letters), exchanging.tell
    both = threading.Barrier(2, timeout=0.3)

    def met(*given: Any) -> None:
        # Both had looked and found no earlier answer, where the database lets two write at once.
        try:
            both.wait()
        except threading.BrokenBarrierError:
            both.reset()
        real(*given)

    monkeypatch.setattr(exchanging, "tell", met)
    posted: list[Any] = []
    by_topic = in_a_thread(lambda: letters.exchange.inbound.listener._take_one(record))
    by_twin = in_a_thread(lambda: posted.append(post(letters, referral, message_id)))
    for thread in (by_topic, by_twin):
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
    assert posted[0].status_code in {200, 201}
    assert letters.count() == 1
    told = letters.answers()
    assert answered(told) == ["one-and-only"] * 2
    assert ids(told)[0] == ids(told)[1] == posted[0].get_json()["id"]


def post(letters: Letters, referral: Any, message_id: str) -> Any:
    headers = {"ce_specversion": "1.0", "ce_id": message_id, "ce_source": "/x", "ce_type": "referral.sent.v1"}
    return letters.system.api("POST", "/api/v1/events", referral, **headers)


def in_a_thread(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_numbers_of_what_a_partner_is_told_have_no_gap_and_rise(letters: Letters) -> None:
    for _ in range(3):
        letters.send()
    letters.put(b"in clear")
    letters.carry()
    with letters.room["referrals"].reading() as unit:
        query = store.outbound.select().where(store.outbound.c.partner_id == letters.partner_id)
        rows = unit.connection.execute(query.order_by(store.outbound.c.number)).all()
    assert [row.number for row in rows] == [1, 2, 3, 4]
