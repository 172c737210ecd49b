"""A pass found right a moment ago is not worked out anew, and counts no longer than it and its key live."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chassis import passes
from chassis.access import Principal
from chassis.clock import HandClock
from chassis.entry import Entry, SessionEnded
from chassis.passes import PassRefused
from tests.builders import MORNING

KEY = passes.new_key()
WHO = Principal("account", "an-account", "a-partner", frozenset({"peer"}), session="a-session")


class NoDatabase:
    """Records in which nobody is held back."""

    @contextmanager
    def reading(self, _bound_to: str = "") -> Any:
        yield None


class Watching:
    """What was signalled."""

    def __init__(self) -> None:
        self.ended: set[str] = set()

    def has_ended(self, handle: str | None) -> bool:
        return handle in self.ended


class Door:
    """An entry under a hand clock, which counts how often a pass was worked out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.watch, self.worked_out = HandClock(MORNING), Watching(), 0
        self.known = {str(KEY.kid): passes.read_key(passes.public_half(KEY))}
        self.held: dict[str, int] = {}
        nothing: Any = NoDatabase()
        watch: Any = self.watch
        self.entry = Entry(nothing, self.clock.now, watch, lambda _connection, _who: self.held, self.known)
        check = passes.check

        def counted(*given: Any) -> Any:
            self.worked_out += 1
            return check(*given)

        monkeypatch.setattr(passes, "check", counted)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr("chassis.entry.keys_heard", lambda _connection: [])
    return Door(monkeypatch)


def test_the_same_pass_is_worked_out_once_and_another_anew(door: Door) -> None:
    one, other = (passes.mint(KEY, WHO, MORNING) for _ in range(2))
    assert [door.entry.read(text).who for text in (one, one, other, one)] == [WHO] * 4
    assert door.worked_out == 2


def test_one_changed_character_is_another_pass(door: Door) -> None:
    text = passes.mint(KEY, WHO, MORNING)
    door.entry.read(text)
    head, body, signature = text.split(".")
    for changed in (f"{head}.{body[:-2]}AA.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{text} ", f"{text}é"):
        with pytest.raises(PassRefused):
            door.entry.read(changed)


def test_it_counts_no_longer_than_the_pass_lives(door: Door) -> None:
    text = passes.mint(KEY, WHO, MORNING, until=MORNING + timedelta(minutes=3))
    door.entry.read(text)
    door.clock.advance(minutes=3, seconds=6)
    with pytest.raises(PassRefused):
        door.entry.read(text)


def test_nor_than_its_key_is_believed(door: Door) -> None:
    text = passes.mint(KEY, WHO, MORNING)
    door.entry.read(text)
    door.known.clear()
    with pytest.raises(PassRefused):
        door.entry.read(text)


def test_nor_than_its_session_lasts_or_its_account_is_open(door: Door) -> None:
    text = passes.mint(KEY, WHO, MORNING)
    door.entry.read(text)
    door.watch.ended.add("a-session")
    with pytest.raises(SessionEnded):
        door.entry.read(text)
    door.watch.ended.clear()
    door.held = {"account": 1}
    door.entry.forget_held()
    with pytest.raises(SessionEnded):
        door.entry.read(text)
