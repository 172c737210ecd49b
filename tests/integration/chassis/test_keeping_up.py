"""A role goes on after whatever unexpected happens in it, and its fault is told without its words."""

from __future__ import annotations

import threading
from typing import Any

from chassis.serve import Runner

PATIENCE_SECONDS = 10


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def error(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})


class Relay:
    """Fails twice, then runs until stopped."""

    def __init__(self) -> None:
        self.tries = 0
        self.runs = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        self.tries += 1
        if self.tries < 3:
            raise KeyError("Jordan Okafor")
        self.runs.set()
        stopping.wait()


class Sound:
    """Records as new as what the network heard."""

    def is_sound(self) -> bool:
        return True


class Room:
    """As much of a service as a runner asks of it."""

    name = "room"
    listener = None

    def __init__(self) -> None:
        self.relay, self.log = Relay(), Log()
        self.beside: dict[str, tuple[object, ...]] = {}
        self.standing = Sound()


def test_a_role_begins_again_after_an_unexpected_fault_and_nothing_of_its_words_is_logged() -> None:
    room, stopping = Room(), threading.Event()
    runner = Runner(room, ("relay", "listen"), stopping)  # type: ignore[arg-type]
    runner.start()
    assert room.relay.runs.wait(PATIENCE_SECONDS)
    stopping.set()
    runner.join()
    assert [(line["event"], line["role"], line["error"]) for line in room.log.lines] == [
        ("role_failed", "relay", "KeyError")
    ] * 2
    assert "Jordan" not in str(room.log.lines)
