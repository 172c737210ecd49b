"""The parent's side: children forked from a process that holds no client, asked over sockets, buried and replaced."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chassis.settings import Settings
from tests.chaos import child
from tests.chaos.board import Board
from tests.chaos.child import Arm, Kind

# The longest a child may take to open its rooms (seconds).
OPENING_SECONDS = 60


@dataclass
class Child:
    """One living child."""

    kind: Kind
    pid: int
    ends: socket.socket
    row: int
    arm: Arm | None
    is_ready: bool = False
    text: str = ""
    waiting: set[int] = field(default_factory=set)


class Crew:
    """The children of one shape, by name."""

    def __init__(self, kinds: tuple[Kind, ...], settings: Settings, board: Board, seed: str) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self.settings, self._board, self._seed = settings, board, seed
        self.living: dict[str, Child] = {}
        self.answers: dict[int, dict[str, Any]] = {}
        self._number = 0
        self.forks = 0
        self.broken: Callable[[Any], None] | None = None

    # ---- life and death ----

    def start(self, name: str, arm: Arm | None = None) -> Child:
        """Forks a child of a kind, in place of the one there was."""
        self.kill(name)
        near, far = socket.socketpair()
        row = self._board.next_row()
        self.forks += 1
        seed = f"{self._seed}/{self.forks}"
        pid = os.fork()
        if pid == 0:
            _begin(near, self.living.values())
            try:
                child.run(self._kinds[name], self.settings, self._board, row, far, seed, arm, self.broken)
            except BaseException as trouble:  # noqa: BLE001 - said where whoever reads the run can see it
                os.write(2, f"a child of the chaos run ended: {type(trouble).__name__}: {trouble}\n".encode()[:2000])
            finally:
                os._exit(1)
        far.close()
        self.living[name] = Child(self._kinds[name], pid, near, row, arm)
        return self.living[name]

    def start_all(self) -> None:
        """Starts whoever does not live, unarmed, and waits until all are ready."""
        for name in self._kinds:
            if name not in self.living:
                self.start(name)
        self.wait_ready()

    def wait_ready(self) -> None:
        """Waits until each child that lives has opened its rooms, or died of it."""
        ends = time.monotonic() + OPENING_SECONDS
        while time.monotonic() < ends and any(not one.is_ready for one in self.living.values()):
            self.hear(0.05)

    def kill(self, name: str) -> None:
        """Kills a child with -9, if it lives."""
        one = self.living.get(name)
        if one:
            os.kill(one.pid, signal.SIGKILL)
            self._bury(one)

    def kinds(self) -> tuple[Kind, ...]:
        """What the children of this shape are."""
        return tuple(self._kinds.values())

    def missing(self) -> list[str]:
        """The names of whoever does not live."""
        return [name for name in self._kinds if name not in self.living]

    def in_hand(self) -> set[int]:
        """The numbers of orders that a living child has not answered yet."""
        return {number for one in self.living.values() for number in one.waiting}

    def send(self, name: str, what: int) -> None:
        """Sends a child a signal."""
        if name in self.living:
            os.kill(self.living[name].pid, what)

    def close(self) -> None:
        """Ends all."""
        for name in list(self.living):
            self.kill(name)

    def _bury(self, one: Child) -> None:
        os.waitpid(one.pid, 0)
        one.ends.close()
        del self.living[one.kind.name]

    # ---- asking and hearing ----

    def ask(self, name: str, do: str = "ask", **order: Any) -> int:
        """Sends a child an order; gives the number its answer will have, or 0 when it is dead."""
        one = self.living.get(name)
        if one is None:
            return 0
        self._number += 1
        try:
            one.ends.sendall((json.dumps({"n": self._number, "do": do, **order}) + "\n").encode())
        except OSError:
            return 0
        one.waiting.add(self._number)
        return self._number

    def hear(self, seconds: float) -> None:
        """Takes in what children answered, and notes who died."""
        ends = {one.ends.fileno(): one for one in self.living.values()}
        ready, _, _ = select.select(list(ends), [], [], seconds)
        for number in ready:
            self._take(ends[number])
        for one in list(self.living.values()):
            if os.waitpid(one.pid, os.WNOHANG)[0]:
                # What it said before it died still counts.
                self._take(one)
                one.ends.close()
                self.living.pop(one.kind.name, None)

    def _take(self, one: Child) -> None:
        try:
            one.ends.setblocking(False)
            while data := one.ends.recv(65536):
                one.text += data.decode()
        except (BlockingIOError, OSError):
            pass
        finally:
            one.ends.setblocking(True)
        *lines, one.text = one.text.split("\n")
        for line in lines:
            told = json.loads(line)
            if told["n"] == -1:
                one.is_ready = True
            else:
                one.waiting.discard(told["n"])
                self.answers[told["n"]] = told

    def hear_until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Hears until something is so; false when the time is over first."""
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                return False
            self.hear(0.01)
        return True


def _begin(near: socket.socket, others: Any) -> None:
    """What a child closes of its parent's, so that an end that closes is noticed."""
    near.close()
    for one in others:
        one.ends.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def in_a_child(work: Callable[[], Any]) -> Any:
    """Does something that needs clients in a child, and gives what it gave; the parent stays without any."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        try:
            told = json.dumps({"gave": work()})
        except BaseException as trouble:  # noqa: BLE001 - told to the parent
            told = json.dumps({"broke": f"{type(trouble).__name__}: {trouble}"})
        with os.fdopen(writes, "w") as out:
            out.write(told)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as told_by:
        told = told_by.read()
    os.waitpid(pid, 0)
    answer = json.loads(told or '{"broke": "it ended without a word"}')
    if "broke" in answer:
        raise RuntimeError(answer["broke"])
    return answer["gave"]
