"""How long a member's share stands still after it was killed: under its own id, replaced, and again and again."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from bench.events.rooms import hearer, listener_of, share_at
from bench.events.work import KEYS, PARTITIONS, Place, a_fact, case_command, message_of, partition
from chassis.events.bus.kafka import KafkaBus
from chassis.ids import RandomIds

SINGLE, AGAIN = 3, 5
# Between kills of the third kind: some fall while the group has not come to rest (seconds).
_BETWEEN_SECONDS = 3.0
_EACH_SECONDS = 0.1
_PATIENCE_SECONDS = 60


def under_its_own_id(place: Place) -> list[float]:
    """Killed once in a stable group, started again at once under its own id."""
    with _Group(place) as group:
        return [group.kill_and_start("0", "0") for _ in range(SINGLE)]


def replaced(place: Place) -> list[float]:
    """Killed once in a stable group; another member starts at once."""
    with _Group(place) as group:
        return [group.kill_and_start(slot, then) for slot, then in (("0", "2"), ("2", "3"), ("3", "4"))]


def again_and_again(place: Place) -> list[float]:
    """Killed every few seconds, whether or not the group has come to rest; counted from the last kill."""
    with _Group(place) as group:
        for _ in range(AGAIN - 1):
            group.kill("0")
            group.start("0")
            time.sleep(_BETWEEN_SECONDS)
        return [group.kill_and_start("0", "0", is_stable=False)]


def member(place: Place, slot: str) -> None:
    """One member of the group, until it is killed."""
    room = hearer(place, share_at(place), slot=slot)
    listener_of(room).run(threading.Event())


class _Group:
    """Two members, and somebody who goes on stating on every partition."""

    def __init__(self, place: Place) -> None:
        self._place, self._members = place, dict[str, subprocess.Popen[bytes]]()
        # One stream of each partition.
        self._streams = [
            next(number for number in range(KEYS) if partition(number) == part) for part in range(PARTITIONS)
        ]
        self._stated, self._stopping = 0, threading.Event()
        self._stating = threading.Thread(target=self._state)

    def __enter__(self) -> _Group:
        # The tables are made by the first, before two begin.
        hearer(self._place, share_at(self._place)).close()
        self._stating.start()
        for slot in ("0", "1"):
            self.start(slot)
        self._settle()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stopping.set()
        self._stating.join()
        for slot in list(self._members):
            self.kill(slot)

    def start(self, slot: str) -> None:
        """Starts a member."""
        self._members[slot] = subprocess.Popen(
            case_command("bench.events.resuming:member", self._place, slot), stdout=subprocess.DEVNULL
        )

    def kill(self, slot: str) -> None:
        """Ends a member with -9."""
        one = self._members.pop(slot)
        one.kill()
        one.wait()

    def kill_and_start(self, slot: str, then: str, *, is_stable: bool = True) -> float:
        """Seconds from the kill until what was stated after it is applied on every partition."""
        if is_stable:
            self._settle()
        began, after = time.monotonic(), self._stated
        self.kill(slot)
        self.start(then)
        self._wait(lambda: min(self._applied()) > after)
        return time.monotonic() - began

    def _settle(self) -> None:
        """Waits until the group has come to rest: everything applied within half a second of its stating, for long."""
        quiet_since = time.monotonic()

        def is_quiet() -> bool:
            nonlocal quiet_since
            if min(self._applied()) < self._stated - 0.5 / _EACH_SECONDS:
                quiet_since = time.monotonic()
            return time.monotonic() - quiet_since > 4

        self._wait(is_quiet)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > ends:
                raise SystemExit("the group did not come to rest in time")
            time.sleep(0.02)

    def _applied(self) -> list[int]:
        found = dict.fromkeys((f"referrals/thing/{a_fact(number).thing_id}" for number in self._streams), 0)
        with psycopg.connect(self._place.plain_database("matching")) as connection:
            found.update(connection.execute("SELECT stream, number FROM inbox").fetchall())
        return list(found.values())

    def _state(self) -> None:
        publisher, ids = KafkaBus(self._place.kafka).publisher("bench"), RandomIds()
        while not self._stopping.is_set():
            told = [message_of(a_fact(number + self._stated * KEYS), ids) for number in self._streams]
            if not all(publisher.publish(self._place.topic, told)):
                raise SystemExit("a send was not acknowledged")
            self._stated += 1
            time.sleep(_EACH_SECONDS)
        publisher.close()
