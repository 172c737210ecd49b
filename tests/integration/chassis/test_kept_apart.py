"""What waits and what is parked is kept apart: the others flow on beside it, and nothing of anybody shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest

from chassis.events import parking
from chassis.events.bus import Message, Record
from chassis.events.envelope import as_bytes, as_texts
from chassis.tables import facts, inbox, outbox, parked, waiting
from chassis.unit import Unit
from contracts.partners import PartnerSuspended
from contracts.worries import WorryRaised
from tests.integration.chassis.aside import WORDS, Keeper, rows_of, words_of
from tests.integration.chassis.conftest import PATIENCE_SECONDS, a_service

STREAM = "partners/partner/p1"
AMINA, BILAL = (f"0000000{digit}-1111-4111-8111-111111111111" for digit in "12")
GAUGES = ("beenthere_facts_oldest_parked", "beenthere_facts_parked_streams", "beenthere_facts_parked_urgent")
embedded = pytest.mark.parametrize("world", ["embedded"], indirect=True)


class Scripted:
    """Gives batches as they are written down, whatever the carrier, as one member of a group."""

    def __init__(self, batches: Sequence[Sequence[Message]]) -> None:
        self._batches, self._place = list(batches), 0

    def poll(self, _timeout_seconds: float) -> list[Record]:
        given = self._batches.pop(0) if self._batches else []
        self._place += len(given)
        return [
            Record("partners", 0, self._place - len(given) + at, "id", one.stream.encode(), one.headers, one.body)
            for at, one in enumerate(given)
        ]

    def done(self, _places: Mapping[tuple[str, int], int]) -> None:
        pass

    def again(self) -> None:
        raise AssertionError("no transaction of this test fails")

    def read_to_end(self) -> frozenset[tuple[str, int]]:
        return frozenset()

    def ends(self) -> Mapping[tuple[str, int], int]:
        return {}

    def close(self) -> None:
        pass


def test_other_streams_need_no_batch_more_beside_a_stream_that_piles_up(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much time that takes is measured by `make bench WHAT=parked`."""
    ear = world.hearer.listener
    applied: list[int] = []
    apply = ear._inbox._apply

    def counted(batch: Any) -> Any:
        applied.append(len(batch.read))
        return apply(batch)

    monkeypatch.setattr(ear._inbox, "_apply", counted)
    # However slow this machine is, no sweep falls between two batches.
    monkeypatch.setattr("chassis.events.listener.SWEEP_SECONDS", float("inf"))

    def hears(kind: str, *, pile: bool) -> int:
        for number in range(80):
            world.joins(f"{kind}{number % 20}", f"{kind} {number}")
        for number in range(41) if pile else ():
            world.joins("p1", "then" if number else "bad")
        told = world.messages()
        others = [message for message in told if message.stream.startswith(f"partners/partner/{kind}")]
        stuck = [message for message in told if message.stream == STREAM]
        ear._subscription = Scripted([others[at : at + 10] + stuck[at // 2 : at // 2 + 5] for at in range(0, 80, 10)])
        applied.clear()
        for _batch in range(8):
            ear.step(0)
        assert sum(name.startswith(kind) for name in world.seen()) == 80
        return len(applied)

    world.failing = {"bad"}
    assert hears("q", pile=False) == 8
    assert hears("r", pile=True) == 8
    assert {row.stream for row in world.rows(waiting)} == {STREAM}
    assert len(world.rows(waiting)) == 40
    # Mended, the pile goes on in large steps, not fact by fact.
    world.failing = set()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", STREAM)
    applied.clear()
    ear._subscription = Scripted([])
    ear.step(0)
    assert applied == [40]
    assert world.rows(waiting) == []
    assert [row.number for row in world.rows(inbox) if row.stream == STREAM] == [40]


def test_a_history_that_forks_while_it_waits_is_parked_and_what_came_first_stands(world: Any) -> None:
    for name in ("one", "two"):
        world.joins("p1", name)
    first, second = world.messages()
    world.publish("partners", second, _other_than(second))
    world.hear(lambda: bool(world.rows(parked)))
    assert [(row.number, row.reason, row.fact_id) for row in world.rows(parked)] == [
        (2, "HistoryForked", "another fact")
    ]
    world.publish("partners", first)
    amina, bilal = (Keeper(world.hearer, "network_lead", account_id=one) for one in (AMINA, BILAL))
    bilal.confirms(amina.asks("give-up", STREAM, 2))
    world.hear(lambda: len(world.seen()) == 2)
    assert world.seen() == ["one", "two"]
    assert world.rows(waiting) == world.rows(parked) == []


@embedded
def test_a_fork_stays_kept_when_what_was_applied_under_its_number_comes_again(world: Any) -> None:
    world.joins("p1", "one")
    world.send()
    world.publish("partners", _other_than(world.messages()[0]), world.messages()[0])
    world.hear_all()
    world.publish("partners", world.messages()[0])
    world.hear_all()
    assert [row.fact_id for row in world.rows(waiting)] == ["another fact"]
    assert [row.fact_id for row in world.rows(parked)] == ["another fact"]


def _other_than(message: Message) -> Message:
    return Message(message.stream, as_bytes({**as_texts(message.headers), "ce_id": "another fact"}), message.body)


# ---- a house that runs


@contextmanager
def running(world: Any) -> Iterator[None]:
    """The hearer listens in a thread of its own, as it does in a house."""
    stopping = threading.Event()
    thread = threading.Thread(target=world.hearer.listener.run, args=(stopping,), daemon=True)
    thread.start()
    yield
    stopping.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def _until(is_so: Callable[[], bool], world: Any) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    waits = threading.Event()
    while not is_so():
        assert time.monotonic() < ends, f"not in time; {world.standing()}"
        waits.wait(0.02)


@embedded
def test_what_is_confirmed_on_a_page_a_running_house_picks_up_by_itself(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.events.listener.POLL_SECONDS", 0.05)
    amina, bilal = (Keeper(world.hearer, "network_lead", account_id=one) for one in (AMINA, BILAL))
    world.failing = {f"bad {number}" for number in range(21)}
    world.joins("p99", "good")
    world.hear_all()
    with running(world):
        for number in range(21):
            world.joins(f"p{number}", f"bad {number}")
        world.send()
        _until(lambda: world.hearer.listener.stopped, world)
        world.failing = {"bad 0"}
        bilal.confirms(amina.asks("give-up", "partners/partner/p0", 1))
        _until(lambda: not world.hearer.listener.stopped, world)
        bilal.confirms(amina.asks("try-again", "partners/partner/p1", 1, alike="all"))
        _until(lambda: len(world.seen()) == 21, world)
        world.joins("p0", "after")
        world.send()
        _until(lambda: "after" in world.seen(), world)
    assert set(world.seen()) == {"good", "after", *(f"bad {number}" for number in range(1, 21))}
    assert world.rows(parked) == world.rows(waiting) == []


# ---- what a page lists


@embedded
def test_a_stream_set_aside_is_listed_with_its_cause_and_what_is_behind_it(world: Any) -> None:
    amina, bilal = (Keeper(world.hearer, "network_lead", account_id=one) for one in (AMINA, BILAL))
    assert "Nothing is set aside in this room." in amina.page().text
    world.failing = {"bad"}
    for name in ("good", "bad", "then", "last"):
        world.joins("p1", name)
    world.hear_all()
    world.clock.advance(hours=3)
    row = [STREAM, "2", "partner.joined.v1", "This room failed at it (ValueError)", "3 hours", "1", "2"]
    assert rows_of(amina.page())[1:] == [row]
    text = amina.page("/stream", on=STREAM).text
    assert "conftest.py:" in text
    bilal.confirms(amina.asks("try-again", STREAM, 2))
    world.hear_all()
    assert rows_of(amina.page())[1:] == [[*row[:4], "just now", "2", "2"]]
    assert amina.page("/stream", on="partners/partner/p2").status_code == 404
    assert amina.page("/ask/give-up", on=STREAM, number=1).status_code == 404


@embedded
def test_a_stream_that_waits_says_for_what_and_goes_on_by_itself(world: Any) -> None:
    amina = Keeper(world.hearer, "network_lead", account_id=AMINA)
    assert "No stream waits for another." in amina.page("/waiting").text
    place = world.joins("p1", "needed")
    world.declines("r1", requires=[place])
    world.declines("r1")
    world.failing = {"bad"}
    while world.referrals.relay.sweep():
        pass
    world.hear(lambda: len(world.rows(waiting)) == 2)
    world.clock.advance(minutes=1)
    assert rows_of(amina.page("/waiting"))[1:] == [["referrals/referral/r1", "1", STREAM, "1", "0", "1 minute", "2"]]
    assert "Nothing is set aside" in amina.page().text
    world.hear_all()
    assert rows_of(amina.page("/waiting")) == []


@embedded
def test_long_lists_come_page_by_page_the_oldest_first(world: Any) -> None:
    amina = Keeper(world.hearer, "administrator", account_id=AMINA)
    world.failing = {f"bad {number}" for number in range(15)}
    world.joins("p99", "good")
    for number in range(15):
        world.joins(f"p{number:02}", f"bad {number}")
        world.publish("partners", Message(f"partners/partner/p{number}", [], b"no fact"))
        world.publish("partners", Message(f"partners/partner/p{number}", [], b"no fact either"))
        world.hear_all()
        world.clock.advance(minutes=1)
    first, second, beyond = (amina.page("/unreadable", page=number) for number in (1, 2, 99))
    assert [len(rows_of(answer)) - 1 for answer in (first, second, beyond)] == [25, 5, 5]
    assert rows_of(first)[1][5] == "15 minutes"
    assert rows_of(second)[-1][5] == "1 minute"
    assert [row[0] for row in rows_of(amina.page())[1:]] == [f"partners/partner/p{number:02}" for number in range(15)]
    topic, partition, place = rows_of(first)[1][:3]
    asked = Keeper(world.hearer, "network_lead", account_id=BILAL).asks(
        "put-away", f"{topic}/{partition}", int(place), alike="all", reason="not_ours"
    )
    amina.confirms(asked)
    left = {row[0] for row in rows_of(amina.page("/unreadable"))[1:]}
    assert left <= {topic}
    assert rows_of(amina.page("/unreadable")) == []


# ---- urgent, and never fenced


@embedded
def test_what_is_urgent_is_listed_first_and_counted_and_a_worry_fences_nobody(world: Any) -> None:
    def fails(_unit: Unit, _fact: Any) -> None:
        raise ValueError("this reaction cannot do it")

    world.hearer.close()
    reactions = {**world.reactions(), PartnerSuspended: fails, WorryRaised: fails}
    world.hearer = a_service("matching", world.settings, world.shared, reactions)
    amina = Keeper(world.hearer, "network_lead", account_id=AMINA)
    world.failing = {"bad"}
    world.joins("p1", "bad")
    world.hear_all()
    world.clock.advance(hours=1)
    world.suspends("p2")
    ring = world.referrals.vault.make("w1", ["worry"])
    worry = WorryRaised(
        worry_id="w1", about="person", about_id="x1", raised_by="staff", raised_by_id=AMINA, level=3,
        raised_at=world.clock.now(), words=ring.seal("w1", "worry", "They cannot sleep."),
    )  # fmt: skip
    with world.referrals.writing() as unit:
        unit.state("referrals/worry/w1", worry)
    world.hear_all()
    listed = rows_of(amina.page())[1:]
    assert [row[0] for row in listed] == ["partners/partner/p2 Urgent", "referrals/worry/w1 Urgent", STREAM]
    assert [line for line in _metrics(world) if line.startswith(GAUGES)] == [
        'beenthere_facts_oldest_parked_seconds{service="matching"} 3600.0',
        'beenthere_facts_parked_streams{service="matching"} 3.0',
        'beenthere_facts_parked_urgent{service="matching"} 2.0',
    ]
    with world.hearer.reading() as unit:
        assert unit.braked("w1") == unit.braked("x1") == frozenset()
        assert unit.braked("p2") == {"fenced", "partner_suspended"}
        assert unit.braked("p1") == {"fenced"}
    assert "Afterwards, is whoever" not in amina.page("/ask/give-up", on="referrals/worry/w1", number=1).text
    assert amina.sends("give-up", "referrals/worry/w1", 1, fences="").status_code == 303


def _metrics(world: Any) -> list[str]:
    lines = generate_latest(world.hearer.registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


# ---- nothing of anybody


@embedded
def test_no_page_line_metric_or_fact_holds_a_body_a_raw_byte_or_the_words_of_a_reason(log: Any, world: Any) -> None:
    amina, bilal = (Keeper(world.hearer, "network_lead", account_id=one) for one in (AMINA, BILAL))
    canary = "Kanarienvogel"
    world.failing = {canary}
    world.joins("p1", canary)
    world.joins("p1", f"{canary} behind")
    world.declines("r1", requires=[f"{STREAM}@2"])
    world.publish("partners", Message(f"partners/partner/{canary.lower()}", [], canary.encode()))
    world.publish("partners", Message("partners/partner/p9", [(canary, canary.encode())], canary.encode()))
    world.hear_all()
    record = rows_of(amina.page("/unreadable"))[1]
    on, place = f"{record[0]}/{record[1]}", int(record[2])
    forms = [amina.page("/ask/put-away", on=on, number=place)]
    forms += [amina.page(f"/ask/{what}", on=STREAM, number=1) for what in ("try-again", "give-up")]
    asked = [amina.asks("put-away", on, place), amina.asks("give-up", STREAM, 1, fences="yes")]
    pages = [
        amina.page(path) for path in ("", "/waiting", "/unreadable", "/asked", *(f"/asked/{one}" for one in asked))
    ]
    pages += [amina.page("/stream", on=STREAM), bilal.page(f"/asked/{asked[1]}")]
    for asking_id in asked:
        pages.append(bilal.confirms(asking_id))
        pages.append(bilal.page(f"/asked/{asking_id}"))
    pages += [amina.page(), *forms]
    assert [page.status_code for page in pages if page.status_code not in {200, 303}] == []
    assert canary.lower() not in words_of(pages).lower()
    assert WORDS in pages[-5].text
    told = "\n".join([*map(str, log()), *_metrics(world)])
    assert "parked.ask" in told
    assert canary.lower() not in told.lower()
    assert WORDS not in told
    for service in (world.hearer, world.partners, world.referrals):
        assert WORDS not in str([world.rows(table, service) for table in (facts, outbox)])
    with world.hearer.reading() as unit:
        words = unit.connection.execute(sa.text("SELECT words FROM askings")).scalars().all()
    assert words == [WORDS, WORDS]
