"""The provider is asked over TLS as it will be: believed by its certificate, and let go of in time all the same."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from chassis.clock import SystemClock
from chassis.settings.oidc import OidcSettings
from services.partners.domain.provider import ProviderAway
from services.partners.provider.asking import CALL_SECONDS, Asking
from tests.parts.certificates import write_certificates

BODY = b'{"issuer": "ours"}'


def answers(end: ssl.SSLSocket) -> None:
    end.recv(65536)
    end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)


def drips(end: ssl.SSLSocket) -> None:
    end.recv(65536)
    for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000:
        end.sendall(bytes([letter]))
        time.sleep(0.05)


def is_silent(end: ssl.SSLSocket) -> None:
    end.recv(65536)
    end.recv(65536)


@contextmanager
def a_server(folder: Path, talk: Callable[[ssl.SSLSocket], None]) -> Iterator[str]:
    """A server that speaks TLS and talks as it is told; gives its address."""
    _, chain = write_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    listener = socket.create_server(("127.0.0.1", 0))

    def one(plain: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as end:
            talk(end)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://localhost:{listener.getsockname()[1]}/there"
    listener.close()


@pytest.fixture
def asking() -> Asking:
    """Somebody who asks."""
    settings = OidcSettings(issuer="https://localhost", client_id="been-there")
    return Asking(settings, RSAKey.generate_key(2048, auto_kid=True), SystemClock().now, "https://network.example.org")


def calls_under_way() -> int:
    return len([one for one in threading.enumerate() if one.name == "provider-call"])


def test_a_provider_is_believed_by_its_certificate_and_by_no_other(
    tmp_path: Path, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_server(tmp_path, answers) as address:
        with pytest.raises(ProviderAway):
            asking.document(address)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        assert asking.document(address) == {"issuer": "ours"}


@pytest.mark.parametrize("talk", [is_silent, drips])
def test_over_tls_nobody_is_held_either_and_no_call_stays_behind(
    tmp_path: Path, asking: Asking, monkeypatch: pytest.MonkeyPatch, talk: Callable[[ssl.SSLSocket], None]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with a_server(tmp_path, talk) as address:
        began = time.monotonic()
        with pytest.raises(ProviderAway):
            asking.document(address)
        assert time.monotonic() - began < CALL_SECONDS * 2
        ends = time.monotonic() + 10
        while calls_under_way():
            assert time.monotonic() < ends
            time.sleep(0.05)


def test_so_many_may_ask_at_once_and_whoever_comes_then_is_let_go_at_once(
    tmp_path: Path, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with a_server(tmp_path, is_silent) as address:

        def ask() -> None:
            with suppress(ProviderAway):
                asking.document(address)

        crowd = [threading.Thread(target=ask) for _ in range(16)]
        for one in crowd:
            one.start()
        ends = time.monotonic() + 10
        while calls_under_way() < 16:
            assert time.monotonic() < ends
            time.sleep(0.01)
        began = time.monotonic()
        with pytest.raises(ProviderAway):
            asking.document(address)
        assert time.monotonic() - began < CALL_SECONDS / 2
        for one in crowd:
            one.join()
