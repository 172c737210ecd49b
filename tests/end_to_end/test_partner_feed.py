"""A partner waits at the feed of a running server of either kind: answered at once, let go when the server stops."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.access import Principal
from chassis.web.passes import Passes
from tests.builders import SECRET, a_referral
from tests.parts.programs import Program, a_folder, free_port

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
FEED = "/api/v1/events"


class Server:
    """The referrals room alone, answering requests in a process of its own."""

    def __init__(self, kind: str) -> None:
        self.port, self.data = free_port(), a_folder("feed")
        settings = {
            "BEENTHERE_DATA": str(self.data), "BEENTHERE_PASS_SECRET": SECRET, "BEENTHERE_DEMO": "yes",
            "BEENTHERE_LOG_LEVEL": "error", "BEENTHERE_SERVER": kind, "BEENTHERE_PORT": str(self.port),
        }  # fmt: skip
        command = [sys.executable, "-m", "services.referrals", "--roles", "web"]
        self.program = Program(command, self.data, more={**os.environ, **settings, "PYTHONPATH": str(ROOT)})
        who = Principal("system", "a-partner", "a-partner", frozenset({"system"}))
        self._pass = Passes(SECRET, accepted=True).mint(who, called=None, until=None)
        self.program.wait_until(self._is_alive)

    def _is_alive(self) -> bool:
        try:
            return bool(self.ask("GET", "/health")[0] == 200)
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        given = {"Authorization": f"Bearer {self._pass}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read()), refused.headers

    def send(self, message_id: str) -> int:
        envelope = {"ce_specversion": "1.0", "ce_id": message_id, "ce_source": "/x", "ce_type": "referral.sent.v1"}
        return self.ask("POST", FEED, a_referral(), **envelope)[0]


class Waiting:
    """A request that waits at the feed; told to come again, it does."""

    def __init__(self, server: Server, after: str = "") -> None:
        self.answers: list[tuple[int, Any]] = []
        self._server, self._path = server, f"{FEED}?wait=20" + (f"&after={after}" if after else "")
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        while True:
            status, page, headers = self._server.ask("GET", self._path)
            if "Retry-After" not in headers:
                self.answers.append((status, page))
                return


@pytest.fixture(params=["waitress", "gunicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(request.param)
    yield made
    made.program.stop()


def until(is_so: Callable[[], Any]) -> Any:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := is_so()):
        assert time.monotonic() < ends, "not in time"
        pause.wait(0.05)
    return found


def crowded(server: Server, after: str) -> bool:
    """Whether the next who wants to wait is told to come again: two wait already."""
    _, _, headers = server.ask("GET", f"{FEED}?wait=1&after={after}")
    return "Retry-After" in headers


def test_two_may_wait_whoever_else_asks_is_answered_and_a_stop_lets_them_go(server: Server) -> None:
    assert server.send("first-1") == 201
    status, page, _ = server.ask("GET", FEED)
    assert (status, [one["data"]["answers"] for one in page["messages"]]) == (200, ["first-1"])
    after = page["after"]
    # News ends a wait at once.
    early = Waiting(server, after)
    assert server.send("second-2") == 201
    early.thread.join(PATIENCE_SECONDS)
    _, page = early.answers[0]
    assert [one["data"]["answers"] for one in page["messages"]] == ["second-2"]
    after = page["after"]
    # Two wait, the third does not, and everybody else is answered all the same.
    waiting = [Waiting(server, after) for _ in range(2)]
    until(lambda: crowded(server, after))
    assert server.ask("GET", "/health")[0] == 200
    began = time.monotonic()
    server.program.process.send_signal(signal.SIGTERM)
    for one in waiting:
        one.thread.join(PATIENCE_SECONDS)
    assert server.program.process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - began < 10
    assert [(status, page["messages"]) for one in waiting for status, page in one.answers] == [(200, [])] * 2
