"""How new a room's knowledge of rights is: a heartbeat counts by when it was sent, and once its facts are here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import HandClock
from chassis.events.bus import CarrierAway, Record
from chassis.events.signals import BEAT, ENDED, Signal, read
from chassis.watch import Listening
from tests.builders import MORNING


class OneEar:
    """A carrier with one topic of signals, and the ear on it."""

    def __init__(self) -> None:
        self.waiting: list[Signal] = []
        self.is_away = False
        self.opened = 0

    def hear(self, _topic: str, _since: object) -> OneEar:
        if self.is_away:
            raise CarrierAway()
        self.opened += 1
        return self

    def poll(self, _timeout_seconds: float) -> list[Record]:
        if self.is_away:
            raise CarrierAway()
        waiting, self.waiting = self.waiting, []
        return [Record("s", 0, n, "", b"", [], one.message().body) for n, one in enumerate(waiting)]

    def is_at_end(self) -> bool:
        return not self.waiting

    def close(self) -> None:
        """Nothing is held."""


class Room:
    """A room that listens, and how far it has come with the facts of the room that lets people in."""

    def __init__(self) -> None:
        self.clock, self.bus = HandClock(MORNING), OneEar()
        self.come_to: dict[int, int] = {}
        self.watch = Listening(self.bus, "s", self.clock, lambda: self.come_to)  # type: ignore[arg-type]

    def hears(self, *signals: Signal) -> None:
        self.bus.waiting += signals
        self.watch.step(0)

    def beat(self, *, ago: int = 0, ends: dict[int, int] | None = None) -> Signal:
        return Signal(BEAT, self.clock.now() - timedelta(seconds=ago), ends=ends or {})


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_room_that_has_heard_nothing_is_not_up_to_date(room: Room) -> None:
    assert not room.watch.is_up_to_date()


def test_a_heartbeat_is_good_for_thirty_seconds_from_when_it_was_sent(room: Room) -> None:
    room.hears(room.beat(ago=10))
    assert room.watch.is_up_to_date()
    room.clock.advance(seconds=20)
    assert room.watch.is_up_to_date()
    room.clock.advance(seconds=1)
    assert not room.watch.is_up_to_date()


def test_a_backlog_read_late_does_not_look_fresh(room: Room) -> None:
    room.hears(*(room.beat(ago=seconds) for seconds in (60, 50, 40, 31)))
    assert not room.watch.is_up_to_date()


def test_a_heartbeat_counts_only_once_the_facts_before_it_are_applied_here(room: Room) -> None:
    room.come_to = {0: 5}
    room.hears(room.beat(ends={0: 5, 1: 3}))
    assert not room.watch.is_up_to_date()
    room.come_to = {0: 5, 1: 3}
    room.hears()
    assert room.watch.is_up_to_date()


def test_a_room_that_stands_still_grows_stale_though_heartbeats_go_on(room: Room) -> None:
    room.come_to = {0: 5}
    room.hears(room.beat(ends={0: 5}))
    for _ in range(16):
        room.clock.advance(seconds=2)
        room.hears(room.beat(ends={0: 6}))
    assert not room.watch.is_up_to_date()
    room.come_to = {0: 6}
    room.hears()
    assert room.watch.is_up_to_date()


def test_a_sender_whose_clock_is_ahead_makes_nobody_fresh_for_longer(room: Room) -> None:
    room.hears(room.beat(ago=-3600))
    room.clock.advance(seconds=31)
    assert not room.watch.is_up_to_date()


def test_with_the_carrier_away_it_grows_stale_and_comes_back_by_itself(room: Room) -> None:
    room.hears(room.beat())
    room.bus.is_away = True
    room.clock.advance(seconds=31)
    with pytest.raises(CarrierAway):
        room.watch.step(0)
    assert not room.watch.is_up_to_date()
    room.watch.close()
    room.bus.is_away = False
    room.hears(room.beat())
    assert room.watch.is_up_to_date()
    assert room.bus.opened == 2


def test_an_ended_session_is_known_as_long_as_a_pass_of_it_may_live(room: Room) -> None:
    room.hears(Signal(ENDED, room.clock.now(), name="h1"))
    assert room.watch.has_ended("h1")
    assert not room.watch.has_ended("h2")
    assert not room.watch.has_ended(None)
    room.clock.advance(minutes=10, seconds=30)
    room.hears(Signal(ENDED, room.clock.now(), name="h2"))
    assert room.watch.has_ended("h1")
    room.clock.advance(minutes=5)
    room.hears(Signal(ENDED, room.clock.now(), name="h3"))
    assert not room.watch.has_ended("h1")
    assert room.watch.has_ended("h2")


def test_what_was_signalled_before_a_room_opened_is_read_back(room: Room) -> None:
    room.bus.waiting = [
        Signal(ENDED, room.clock.now() - timedelta(minutes=10), name="h1"),
        Signal(ENDED, room.clock.now() - timedelta(minutes=12), name="old"),
        room.beat(ago=1),
    ]
    room.watch.look_back()
    assert room.watch.has_ended("h1")
    assert not room.watch.has_ended("old")
    assert room.watch.is_up_to_date()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"null", b"[1]", b"\xff", b'{"kind":"heartbeat"}',
        b'{"kind":"other","sent_at":"2026-03-02T10:00:00+00:00","name":"","ends":{}}',
        b'{"kind":"heartbeat","sent_at":"2026-03-02T10:00:00","name":"","ends":{}}',
        b'{"kind":"heartbeat","sent_at":"yesterday","name":"","ends":{}}',
        b'{"kind":"heartbeat","sent_at":"2026-03-02T10:00:00+00:00","name":"","ends":{"a":1}}',
        b'{"kind":"heartbeat","sent_at":"2026-03-02T10:00:00+00:00","name":"","ends":[]}',
        b"[" * 100_000, None,
    ],
)  # fmt: skip
def test_what_is_no_signal_is_passed_over(body: bytes | None) -> None:
    assert read(Record("s", 0, 0, "", b"", [], body)) is None
