"""A batch whose transaction failed is read again from where the records stand, and nothing read ahead overtakes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chassis.database import DatabaseAway
from chassis.events.bus.kafka import reading
from tests.integration.chassis.conftest import PATIENCE_SECONDS, World

NAMES = [f"name {number}" for number in range(4)]


def fails_once(world: World, when: Callable[[Any], bool] = lambda _listener: True) -> None:
    """Lets the hearer meet a database that is away, at the first batch once something is so."""
    listener: Any = world.hearer.listener
    apply, pause = listener._inbox.take_in, threading.Event()

    def away(*_batch: Any) -> Any:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not when(listener):
            assert time.monotonic() < ends, "not in time"
            pause.wait(0.01)
        raise DatabaseAway()

    listener._inbox.take_in = away
    with pytest.raises(DatabaseAway):
        world.hear(lambda: False)
    listener._inbox.take_in = apply


def test_a_batch_that_failed_comes_again(world: World) -> None:
    for name in NAMES:
        world.joins("p", name)
    world.send()
    fails_once(world)
    world.hear_all()
    assert world.seen() == NAMES


@pytest.mark.parametrize("world", ["kafka"], indirect=True)
def test_what_was_read_ahead_of_a_batch_that_failed_does_not_overtake_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BATCH", 1)
    for name in NAMES:
        world.joins("p", name)
    world.send()
    fails_once(world, lambda listener: bool(listener._subscription._shelf.ahead.full()))
    world.hear_all()
    assert world.seen() == NAMES
