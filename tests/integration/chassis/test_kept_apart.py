"""What waits and what is parked is kept apart: the others flow on beside it, and nothing of anybody shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from chassis.events import parking
from chassis.events.bus import Message, Record
from chassis.tables import inbox, parked, waiting
from tests.integration.chassis.aside import STREAM, Keeper, embedded, other_than
from tests.integration.chassis.conftest import PATIENCE_SECONDS


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

    # One fact waits for a stream that moves with every batch and does not come so far.
    late = "referrals/referral/late"
    world.declines("late", requires=["partners/partner/r0@99"])
    ear._subscription = Scripted([world.messages("referrals")])
    ear.step(0)
    world.failing = {"bad"}
    assert hears("q", pile=False) == 8
    assert hears("r", pile=True) == 8
    assert [row.stream for row in world.rows(waiting) if row.stream != late] == [STREAM] * 40
    # Mended, the pile goes on in large steps, not fact by fact.
    world.failing = set()
    with world.hearer.writing() as unit:
        parking.release(unit.connection, "matching", STREAM)
    applied.clear()
    ear._subscription = Scripted([])
    ear.step(0)
    assert applied == [40]
    assert [row.stream for row in world.rows(waiting)] == [late]
    assert [row.number for row in world.rows(inbox) if row.stream == STREAM] == [40]


@embedded
def test_a_parked_stream_leaves_nothing_to_do_until_a_person_has_settled_it(world: Any) -> None:
    world.failing = {"bad", "bad too"}
    for partner_id, name in (("p1", "bad"), ("p1", "then"), ("p2", "good"), ("p2", "bad too"), ("p2", "last")):
        world.joins(partner_id, name)
    world.hear_all()
    assert [(row.stream, row.number) for row in world.rows(parked)] == [(STREAM, 1), ("partners/partner/p2", 2)]
    assert world.hearer.listener.step(0) == 0


def test_a_history_that_forks_while_it_waits_is_parked_and_what_came_first_stands(
    world: Any, amina: Keeper, bilal: Keeper
) -> None:
    for name in ("one", "two"):
        world.joins("p1", name)
    first, second = world.messages()
    world.publish("partners", second, other_than(second))
    world.hear(lambda: bool(world.rows(parked)))
    assert [(row.number, row.reason, row.fact_id) for row in world.rows(parked)] == [
        (2, "HistoryForked", "another fact")
    ]
    world.publish("partners", first)
    bilal.confirms(amina.asks("give-up", STREAM, 2))
    world.hear(lambda: len(world.seen()) == 2)
    assert world.seen() == ["one", "two"]
    assert world.rows(waiting) == world.rows(parked) == []


@embedded
def test_a_fork_stays_kept_when_what_was_applied_under_its_number_comes_again(world: Any) -> None:
    world.joins("p1", "one")
    world.send()
    world.publish("partners", other_than(world.messages()[0]), world.messages()[0])
    world.hear_all()
    world.publish("partners", world.messages()[0])
    world.hear_all()
    assert [row.fact_id for row in world.rows(waiting)] == ["another fact"]
    assert [row.fact_id for row in world.rows(parked)] == ["another fact"]


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
    world: Any, amina: Keeper, bilal: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.events.listener.POLL_SECONDS", 0.05)
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
