"""Signals on both carriers: every process hears all of them, from the last minutes on, beside any group."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from chassis.clock import SystemClock
from chassis.events.bus import Bus, Ear
from chassis.events.signalling import Signaller
from chassis.events.signals import BEAT, ENDED, READ_BACK, Signal, read, topic_of
from chassis.watch import Listening
from tests.integration.chassis.conftest import PATIENCE_SECONDS, World


def heard(ear: Ear, count: int) -> list[Signal]:
    """So many signals, in the order they were sent."""
    found: list[Signal] = []
    until = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count and time.monotonic() < until:
        found += [signal for record in ear.poll(1) if (signal := read(record))]
    return found


class Owner:
    """Whoever says signals, with its records in memory."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self.ended: list[str] = []
        self.told: list[str] = []
        self.unsent = 0.0
        self.signaller = Signaller(
            bus, "partners", topic, SystemClock(), ends=lambda: {0: 7}, unsent_seconds=lambda: self.unsent,
            due=self._due, done=self._done,
        )  # fmt: skip

    def _due(self, most: int) -> Sequence[str]:
        return [handle for handle in self.ended if handle not in self.told][:most]

    def _done(self, handles: Sequence[str]) -> None:
        self.told += handles


def test_every_hearer_hears_all_signals_and_one_that_comes_later_those_before(world: World) -> None:
    topic = topic_of(world.settings.topic_prefix + "partners")
    owner, since = Owner(world.bus, topic), SystemClock().now() - READ_BACK
    world.bus.make_signals(topic)
    first, second = world.bus.hear(topic, since), world.bus.hear(topic, since)
    owner.ended = ["h1", "h2"]
    assert owner.signaller.step() == 3
    for ear in (first, second, world.bus.hear(topic, since)):
        signals = heard(ear, 3)
        assert [(one.kind, one.name) for one in signals] == [(ENDED, "h1"), (ENDED, "h2"), (BEAT, "")]
        assert signals[2].ends == {0: 7}
        ear.close()
    assert owner.told == ["h1", "h2"]
    owner.signaller.close()


def test_a_fact_that_waits_to_be_sent_keeps_heartbeats_back_and_no_ended_session(world: World) -> None:
    topic = topic_of(world.settings.topic_prefix + "partners")
    owner = Owner(world.bus, topic)
    owner.unsent, owner.ended = 5.1, ["h1"]
    assert owner.signaller.step() == 1
    owner.unsent = 5.0
    assert owner.signaller.step() == 1
    ear = world.bus.hear(topic, SystemClock().now() - READ_BACK)
    assert [one.kind for one in heard(ear, 2)] == [ENDED, BEAT]
    ear.close()
    owner.signaller.close()


def test_a_process_that_starts_knows_the_sessions_that_ended_a_moment_ago_before_it_opens(world: World) -> None:
    topic = topic_of(world.settings.topic_prefix + "partners")
    owner = Owner(world.bus, topic)
    owner.ended = ["h1"]
    owner.signaller.step()
    watch = Listening(world.bus, topic, SystemClock(), lambda: {0: 7})
    watch.look_back()
    assert watch.has_ended("h1")
    assert watch.is_up_to_date()
    watch.close()
    behind = Listening(world.bus, topic, SystemClock(), lambda: {0: 6})
    behind.look_back()
    assert not behind.is_up_to_date()
    behind.close()
    owner.signaller.close()


def test_nothing_of_long_ago_is_relied_on(world: World) -> None:
    topic = topic_of(world.settings.topic_prefix + "partners")
    world.bus.make_signals(topic)
    publisher = world.bus.publisher("partners-signals")
    long_ago = SystemClock().now() - READ_BACK - timedelta(seconds=1)
    publisher.publish(topic, [Signal(ENDED, long_ago, name="old").message(), Signal(BEAT, long_ago).message()])
    publisher.close()
    watch = Listening(world.bus, topic, SystemClock(), dict)
    watch.look_back()
    assert not watch.has_ended("old")
    assert not watch.is_up_to_date()
    watch.close()
