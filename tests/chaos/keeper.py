"""A process of its own keeps broker, database and the proxy between, so that the parent of the children holds none."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from typing import Any

from tests.chaos.board import CUTTING, Board

_ROW = 0
DATABASES = ("referrals", "matching", "keys")


class Keeper:
    """The parent's side of it: orders over a socket, one at a time."""

    def __init__(self, board: Board) -> None:
        near, far = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            near.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                _keep(board, far)
            finally:
                os._exit(0)
        far.close()
        self._ends, self._lines = near, near.makefile("r")
        self.parts: dict[str, Any] = self._hear()

    def do(self, what: str) -> dict[str, Any]:
        """Has something done, and waits until it is."""
        self._ends.sendall((what + "\n").encode())
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._lines.readline() or '{"trouble": "the keeper ended"}')
        if "trouble" in told:
            raise RuntimeError(told["trouble"])
        return told

    def fileno(self) -> int:
        """What a child closes of its parent's."""
        return self._ends.fileno()

    def close(self) -> None:
        """Ends the parts."""
        with contextlib.suppress(OSError):
            self._ends.sendall(b"stop\n")
        os.waitpid(self._pid, 0)


def _keep(board: Board, ends: socket.socket) -> None:
    from tests.parts.kafka import Kafka
    from tests.parts.postgres import Postgres

    def tell(**what: Any) -> None:
        ends.sendall((json.dumps(what) + "\n").encode())

    try:
        # Sessions of a killed consumer end soon, so that a life has time for many of them.
        postgres, kafka = Postgres(safe=True), Kafka()
        for name in DATABASES:
            postgres.make(None, f"chaos_{name}")
        proxy = CommitCutter(postgres.port, board)
        url = postgres.url("chaos_{service}")
        tell(kafka=kafka.bootstrap, url=url, through=url.replace(f":{postgres.port}/", f":{proxy.port}/"),
             named=f"Kafka {kafka.version} ({kafka.how}), PostgreSQL {postgres.version} ({postgres.how})")  # fmt: skip
    except Exception as trouble:  # noqa: BLE001 - told to the parent
        tell(trouble=f"{type(trouble).__name__}: {trouble}")
        return
    parts: dict[str, Any] = {"kafka": kafka, "postgres": postgres}
    with ends.makefile("r") as lines:
        for line in lines:
            what, _, which = line.strip().partition(" ")
            if what == "stop":
                break
            try:
                if what == "restart":
                    parts[which].start_again()
                else:
                    for pid in parts[which].pids():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGSTOP if what == "freeze" else signal.SIGCONT)
                tell(done=what)
            except Exception as trouble:  # noqa: BLE001 - told to the parent
                tell(trouble=f"{type(trouble).__name__}: {trouble}")
    kafka.stop()
    postgres.stop()


class CommitCutter:
    """A proxy to PostgreSQL that, while the board says so, lets a COMMIT through and swallows the answer to it."""

    def __init__(self, to_port: int, board: Board) -> None:
        self._to_port, self._board, self._lock = to_port, board, threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            near, _ = self._listener.accept()
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to_port))
        except OSError:
            near.close()
            return
        cut = threading.Event()
        back = threading.Thread(target=self._back, args=(far, near, cut), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            while data := near.recv(65_536):
                if b"COMMIT\x00" in data and self._is_cut_now():
                    cut.set()
                far.sendall(data)
        _end(far)
        _end(near)

    def _is_cut_now(self) -> bool:
        with self._lock:
            left = self._board.reads(CUTTING)
            if left:
                self._board.switch(CUTTING, left - 1)
                self._board.add(_ROW, "commits_cut")
            return left > 0

    def _back(self, far: socket.socket, near: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65_536):
                # What arrives after the COMMIT was let through is its answer; nobody hears it.
                if cut.is_set():
                    break
                near.sendall(data)
        _end(near)
        _end(far)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
