"""With the provider away running sessions go on, nobody new comes in, and nobody waits longer than the limits say."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from services.partners.provider.asking import CALL_SECONDS
from tests.parts.provider import ASHA, OpenIdProvider

pytestmark = pytest.mark.usefixtures("openid_provider")
PATH = "/sign-in/provider?to=/partners"
# One call, and as much again for a busy machine.
LIMIT = CALL_SECONDS * 2


@pytest.fixture
def frozen(openid_provider: OpenIdProvider) -> Iterator[OpenIdProvider]:
    """The provider; whatever a test did to it, it goes on afterwards."""
    yield openid_provider
    openid_provider.thaw()


def timed(browser: Any, address: str) -> tuple[int, str, float]:
    """The status, the words and the seconds of one answer."""
    began = time.monotonic()
    answer = browser.go(address)
    return answer.status_code, answer.text, time.monotonic() - began


def check_nobody_comes_in(world: Any, browser: Any, address: str = PATH) -> None:
    status, words, seconds = timed(browser, address)
    assert (status, seconds < LIMIT) == (503, True), (status, seconds)
    assert "The sign-in of your organisation does not answer just now" in words
    assert not world.is_in(browser)


def test_a_frozen_provider_holds_nobody_and_whoever_is_in_goes_on(world: Any, frozen: OpenIdProvider) -> None:
    world.linked(ASHA)
    inside, half = world.sign_in(ASHA), world.begin(world.browser())
    back = world.say_who(half, ASHA)
    world.open_again()
    frozen.freeze()
    check_nobody_comes_in(world, world.browser())
    check_nobody_comes_in(world, half, back)
    assert inside.go("/partners").status_code == 200
    assert world.is_in(inside)
    world.clock.ahead = timedelta(minutes=16)
    assert not world.is_in(inside)
    world.clock.ahead = timedelta()
    frozen.thaw()
    until(lambda: world.browser().go(PATH).text == "who are you? login")
    assert world.sign_in(ASHA).trail[-1].endswith("/partners")


def test_frozen_between_its_page_and_the_code_it_holds_nobody(world: Any, frozen: OpenIdProvider) -> None:
    world.linked(ASHA)
    browser = world.begin(world.browser())
    back = world.say_who(browser, ASHA)
    frozen.freeze()
    # Discovery is known, so it is the exchange of the code that does not end.
    check_nobody_comes_in(world, browser, back)


def test_a_crowd_before_a_frozen_provider_is_let_go_together(world: Any, frozen: OpenIdProvider) -> None:
    world.open_again()
    frozen.freeze()
    seen: list[tuple[int, str, float]] = []
    threads = [threading.Thread(target=lambda: seen.append(timed(world.browser(), PATH))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _, _ in seen] == [503] * 12
    assert max(seconds for _, _, seconds in seen) < LIMIT


def test_a_provider_that_is_gone_lets_nobody_in_until_it_is_back(world: Any, front: Any, our_key: Any) -> None:
    provider = OpenIdProvider(front.origin, our_key)
    world.open_again(issuer=provider.issuer)
    world.provider = provider
    world.linked(ASHA)
    inside = world.sign_in(ASHA)
    provider.kill()
    world.open_again()
    check_nobody_comes_in(world, world.browser())
    assert world.is_in(inside)
    # It comes back with new keys, which are not known here yet.
    provider.start_again()
    until(lambda: world.browser().go(PATH).text == "who are you? login")
    assert world.sign_in(ASHA).trail[-1].endswith("/partners")
    provider.stop()


def until(is_so: Any) -> None:
    """Waits until something is so; ten seconds at most."""
    ends = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)


# ---- providers of the tests' own making, each a way to hold somebody


@contextmanager
def a_server(talk: Any) -> Iterator[str]:
    """A server that takes connections and talks as it is told; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                one, _ = listener.accept()
                threading.Thread(target=lambda end=one: _talk(end), daemon=True).start()

    def _talk(end: socket.socket) -> None:
        with end, suppress(OSError):
            end.recv(65536)
            talk(end)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def silent(end: socket.socket) -> None:
    end.recv(1)


def drips_its_head(end: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 10_000:
        end.sendall(bytes([letter]))
        if not _still(end, 0.2):
            return


def drips_its_body(end: socket.socket) -> None:
    end.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n")
    for _ in range(9000):
        end.sendall(b" ")
        if not _still(end, 0.2):
            return


def never_ends(end: socket.socket) -> None:
    end.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        end.sendall(b" " * 65536)


def says_no_json(end: socket.socket) -> None:
    end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>down</html"[:-1])


def nests_deep(end: socket.socket) -> None:
    body = b"[" * 100_000
    end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def hangs_up(end: socket.socket) -> None:
    end.close()


def _still(end: socket.socket, seconds: float) -> bool:
    """Waits a moment; false when the other side went away."""
    end.settimeout(seconds)
    try:
        return end.recv(1) != b""
    except TimeoutError:
        return True
    finally:
        end.settimeout(None)


@pytest.mark.parametrize(
    "talk",
    [silent, drips_its_head, drips_its_body, never_ends, says_no_json, nests_deep, hangs_up],
)
def test_no_way_of_answering_badly_holds_anybody_or_leaves_a_call_behind(world: Any, talk: Any) -> None:
    with a_server(talk) as address:
        world.open_again(issuer=address)
        check_nobody_comes_in(world, world.browser())
        until(lambda: not [one for one in threading.enumerate() if one.name == "provider-call"])
