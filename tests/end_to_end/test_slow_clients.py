"""Slow clients: they wait at the proxy, which hands on whole requests alone, and hold nobody up.

The room runs as in production, so this file is one of those that want kafka.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chassis.web.waiting import WEB_THREADS
from tests.end_to_end.shape import Shape
from tests.parts.nginx import Nginx
from tests.parts.programs import NotHere

SLOW = 6 * WEB_THREADS
# How long somebody who is held up is waited for; an answer that is not held up comes in far less.
SECONDS = 3.0


@contextmanager
def slow_clients(port: int, head: bytes) -> Iterator[None]:
    """Connections that each sent `head`, and send no more."""
    open_ones = [socket.create_connection(("127.0.0.1", port), timeout=SECONDS) for _ in range(SLOW)]
    for one in open_ones:
        one.sendall(head)
    try:
        yield
    finally:
        for one in open_ones:
            one.close()


def is_answered(port: int, path: str = "/ops/referrals/health") -> bool:
    """Whether an ordinary client gets an answer."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except (TimeoutError, ConnectionError):
        return False
    finally:
        asked.close()


@pytest.fixture
def web(shape: Shape) -> int:
    """The referrals room in production, its port."""
    port, _ = shape.start("referrals", "web", BEENTHERE_SERVER="gunicorn")
    return port


@pytest.fixture
def proxy(web: int) -> Iterator[int]:
    try:
        made = Nginx(web)
    except NotHere as why:
        pytest.skip(str(why))
    made.wait(lambda: is_answered(made.port))
    yield made.port
    made.stop()


BODY = (
    b"POST /api/v1/referrals HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"
)
HEAD = b"GET /referrals HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"


def test_who_sends_half_a_request_holds_nobody_up_behind_the_proxy_and_does_without_it(web: int, proxy: int) -> None:
    for half in (BODY, HEAD):
        with slow_clients(proxy, half):
            assert [is_answered(proxy) for _ in range(5)] == [True] * 5
    # The control: at the room itself, half a body holds a thread each, and there are no more.
    with slow_clients(web, BODY):
        assert not is_answered(web, "/health")
    # They went away, and it goes on.
    assert any(is_answered(web, "/health") for _ in range(20))
