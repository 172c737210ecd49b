"""A room says how far it is behind each topic it hears, in facts and in seconds, and nothing it does not know."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import generate_latest

from chassis.events.lag import Lag
from tests.integration.chassis.conftest import PATIENCE_SECONDS, World

# Where the partitions end is all that a carrier says of this; the rest is asked of the room's own database.
on_one_carrier = pytest.mark.parametrize("world", ["embedded"], indirect=True)


def of(world: World, topic: str = "partners", service: Any = None) -> Lag:
    """The lag on one topic."""
    found = (service or world.hearer).lags()["matching"]
    return next(lag for lag in found if lag.topic == world.settings.topic_prefix + topic)


def soon(is_so: Callable[[], bool]) -> None:
    """Waits until a carrier's own thread has seen something."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends, "not in time"
        time.sleep(0.02)  # a look every now and then; what is waited for happens in another thread


def test_what_was_sent_and_not_read_is_counted_and_ages_until_it_is_read(world: World) -> None:
    world.joins("p1", "one")
    world.hear_all()
    world.clock.advance(hours=1)
    soon(lambda: of(world).unread == 0)
    assert of(world) == Lag(world.settings.topic_prefix + "partners", 0, 0, 0.0)
    world.hear_all()
    for step in range(3):
        world.joins("p2", f"two {step}")
    world.send()
    world.clock.advance(seconds=90)
    soon(lambda: of(world).unread == 3)
    behind = of(world)
    assert (behind.kept, behind.seconds) == (0, 90.0)
    assert of(world, "referrals").unread == 0
    world.hear(lambda: "two 2" in world.effects())
    soon(lambda: of(world).unread == 0)
    assert of(world).seconds == 0.0


@on_one_carrier
def test_what_is_kept_until_its_turn_is_counted_apart(world: World) -> None:
    place = world.joins("p1", "needed")
    world.declines("r1", requires=[place])
    world.declines("r1", requires=[place])
    while world.referrals.relay.sweep():
        pass
    world.hear(lambda: of(world, "referrals").kept == 2)
    soon(lambda: of(world, "referrals").unread == 0)
    world.hear_all()
    assert of(world, "referrals").kept == 0


@on_one_carrier
def test_a_process_that_does_not_listen_counts_no_facts_but_knows_since_when(world: World) -> None:
    world.joins("p1", "one")
    world.hear_all()
    world.clock.advance(seconds=5)
    listener, beside = world.hearer.listener, world.a_hearer()
    assert listener is not None
    soon(lambda: not listener.step(0) and of(world, service=beside).seconds == 0.0)
    world.clock.advance(seconds=45)
    assert of(world, service=beside) == Lag(world.settings.topic_prefix + "partners", None, 0, 45.0)
    beside.close()


@on_one_carrier
def test_a_room_that_never_read_anything_says_nothing(world: World) -> None:
    world.joins("p1", "one")
    world.send()
    assert of(world) == Lag(world.settings.topic_prefix + "partners", None, 0, None)
    assert "beenthere_facts_lag{" not in metrics(world)
    assert "beenthere_facts_lag_seconds{" not in metrics(world)


def metrics(world: World) -> str:
    """The hearer's metrics as they are read from outside."""
    return generate_latest(world.hearer.registry).decode()


@on_one_carrier
def test_the_metrics_tell_the_lag_of_each_topic(world: World) -> None:
    world.joins("p1", "one")
    world.hear_all()
    world.joins("p1", "two")
    world.send()
    world.clock.advance(seconds=30)
    soon(lambda: of(world).unread == 1)
    found = dict(
        re.findall(r'^(beenthere_facts_\w+)\{service="matching",topic="[^"]*partners"\} (\S+)$', metrics(world), re.M)
    )
    assert found == {
        "beenthere_facts_lag": "1.0", "beenthere_facts_kept": "0.0", "beenthere_facts_lag_seconds": "30.0",
    }  # fmt: skip
