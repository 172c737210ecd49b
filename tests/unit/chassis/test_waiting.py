"""Requests that wait: answered as soon as there is news, never more of them than a quarter of the threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from chassis.web import waiting
from chassis.web.waiting import WEB_THREADS, Waits

PATIENCE_SECONDS = 10


class Waiter:
    """One request that waits in a thread of its own, and what it got in the end."""

    def __init__(self, waits: Waits, look: Callable[[], list[str]], seconds: float = 30) -> None:
        self.got: list[tuple[list[str], bool]] = []
        self.looks, self._look = 0, look
        began = threading.Event()

        def looking() -> list[str]:
            self.looks += 1
            if self.looks > 1:
                began.set()
            return look()

        self._thread = threading.Thread(target=lambda: self.got.append(waits.wait_for(looking, seconds)))
        self._thread.start()

    def ended(self) -> tuple[list[str], bool]:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "still waiting"
        return self.got[0]

    def has_looked(self) -> None:
        until(lambda: self.looks > 0)


def until(is_so: Callable[[], bool]) -> None:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not is_so():
        assert time.monotonic() < ends, "not in time"
        pause.wait(0.002)


def held(waits: Waits) -> int:
    """How many places are taken."""
    return WEB_THREADS // 4 - waits._places._value


def test_what_is_there_is_given_at_once() -> None:
    assert Waits().wait_for(lambda: ["news"], 30) == (["news"], True)


def test_whoever_does_not_want_to_wait_is_answered_with_nothing() -> None:
    assert Waits().wait_for(list[str], 0) == ([], True)


def test_a_ring_ends_the_wait_when_there_is_news_and_only_then() -> None:
    waits, news = Waits(), list[str]()
    waiter = Waiter(waits, lambda: list(news))
    waiter.has_looked()
    waits.ring()
    until(lambda: waiter.looks > 1)
    assert waiter.got == []
    news.append("news")
    waits.ring()
    assert waiter.ended() == (["news"], True)


def test_news_between_the_look_and_the_wait_is_not_slept_through() -> None:
    waits, news = Waits(), list[str]()

    def look() -> list[str]:
        found = list(news)
        if not news:
            # It came just after this look: what rings now must not be missed.
            news.append("news")
            waits.ring()
        return found

    began = time.monotonic()
    assert waits.wait_for(look, 30) == (["news"], True)
    assert time.monotonic() - began < waiting.LOOK_SECONDS


def test_news_of_another_process_is_found_by_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.01)
    waits, looks = Waits(), list[int]()

    def look() -> list[str]:
        looks.append(1)
        return ["news"] if len(looks) == 2 else []

    assert waits.wait_for(look, 30) == (["news"], True)
    assert len(looks) == 2


def test_the_wait_ends_with_nothing_when_its_time_is_over() -> None:
    looks = list[int]()
    assert Waits().wait_for(lambda: looks.append(1) or [], 0.01) == ([], True)  # type: ignore[func-returns-value]
    assert len(looks) == 2


def test_no_more_than_a_quarter_of_the_threads_wait_and_the_next_is_told_so_at_once() -> None:
    waits = Waits()
    waiters = [Waiter(waits, list) for _ in range(WEB_THREADS // 4)]
    until(lambda: held(waits) == WEB_THREADS // 4)
    began = time.monotonic()
    assert waits.wait_for(list[str], 30) == ([], False)
    assert time.monotonic() - began < 1
    # There is news for this one, so it needs no place.
    assert waits.wait_for(lambda: ["news"], 30) == (["news"], True)
    waits.leave()
    for waiter in waiters:
        assert waiter.ended() == ([], True)
    assert held(waits) == 0


def test_a_server_that_stops_lets_every_waiting_request_go_and_none_begin() -> None:
    waits = Waits()
    waiter = Waiter(waits, list)
    until(lambda: held(waits) == 1)
    waits.leave()
    assert waiter.ended() == ([], True)
    began = time.monotonic()
    assert waits.wait_for(list[str], 30) == ([], True)
    assert time.monotonic() - began < 1


def test_a_worker_that_was_told_to_stop_is_noticed_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.01)
    waits, alive = Waits(), [True]
    waits.leave_when(lambda: not alive[0])
    waiter = Waiter(waits, list)
    until(lambda: held(waits) == 1)
    alive[0] = False
    assert waiter.ended() == ([], True)


def test_a_look_that_fails_gives_its_place_back() -> None:
    waits, looks = Waits(), list[int]()

    def look() -> list[str]:
        looks.append(1)
        if len(looks) > 1:
            raise OSError("away")
        waits.ring()
        return []

    try:
        waits.wait_for(look, 30)
    except OSError:
        pass
    else:
        raise AssertionError("the fault was swallowed")
    assert held(waits) == 0
