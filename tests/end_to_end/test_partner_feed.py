"""A partner waits at the feed of a running server of either kind: answered at once, let go when the server stops.

The servers run as in production (`shape` asks for postgres and kafka), and the partner's system signs in beforehand.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

from tests.builders import a_referral
from tests.end_to_end.shape import PATIENCE_SECONDS, Shape, until

FEED = "/api/v1/events"


class Server:
    """The referrals room answering requests in a process of its own."""

    def __init__(self, shape: Shape, kind: str) -> None:
        self._shape = shape
        shape.start("referrals", "listen")
        self.port, self.program = shape.start("referrals", "web", BEENTHERE_SERVER=kind)
        shape.knows_who_comes_in("referrals")
        # Until it has heard how new its knowledge is, it shows nothing.
        until(lambda: self.ask("GET", FEED)[0] == 200)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self._shape.ask(self.port, method, path, body, **sent)
        return answer.status, answer.body, answer.headers

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
def server(request: pytest.FixtureRequest, shape: Shape) -> Server:
    return Server(shape, request.param)


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
