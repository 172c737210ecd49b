"""A small transit engine as Vault's: it really encrypts, with keys it never gives away, and it can be away."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.ids import new_secret

TOKEN = "hvs.made-up-for-tests"


class Transit:
    """One engine at `address`, with the key `beenthere`; `how` says how it answers, well when empty.

    It counts what it was asked, and keeps every body that was sent, so that tests see what it learns.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.versions, self.token, self.how = [AESGCM(new_secret())], TOKEN, ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.letting_go = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"http{'s' if certificate else ''}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def rotate(self) -> None:
        """A new version of the key; what older ones encrypted still opens."""
        self.versions.append(AESGCM(new_secret()))

    def answer(self, path: str, token: str, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The status and body for one request, as the engine's documentation has them."""
        what, _, key = path.removeprefix("/v1/transit/").partition("/")
        self.asked.append((what, sent))
        if token != self.token:
            return 403, {"errors": ["permission denied"]}
        if key != "beenthere":
            return 400 if what == "decrypt" else 404, {"errors": ["encryption key not found"]}
        about = base64.b64decode(sent["associated_data"])
        if what == "encrypt":
            nonce = new_secret(12)
            sealed = nonce + self.versions[-1].encrypt(nonce, base64.b64decode(sent["plaintext"]), about)
            version = len(self.versions)
            text = f"vault:v{version}:{base64.b64encode(sealed).decode()}"
            return 200, {"data": {"ciphertext": text, "key_version": version}}
        try:
            _, version_text, body = sent["ciphertext"].split(":")
            sealed = base64.b64decode(body)
            plain = self.versions[int(version_text[1:]) - 1].decrypt(sealed[:12], sealed[12:], about)
        except (ValueError, IndexError, InvalidTag):
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}

    def close(self) -> None:
        """Lets whoever hangs go, and stops."""
        self.letting_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_given: Any) -> None:
        """Whoever hung up was not waiting any more; that is what some tests are about."""


# How it may be away, besides not being there: what it answers instead.
AWAY: dict[str, tuple[int, bytes]] = {
    "sealed": (503, b'{"errors": ["Vault is sealed"]}'),
    "stands by": (429, b"{}"),
    "broken": (500, b"no JSON at all"),
    "speaks of something else": (200, b'{"data": null}'),
    "speaks too long": (200, b'{"data": "' + b"x" * 200_000),
    "sends us elsewhere": (307, b"{}"),
}


def _handler(transit: Transit) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if transit.how == "hangs":
                transit.letting_go.wait(30)
                self.close_connection = True
                return
            if transit.how in AWAY:
                status, body = AWAY[transit.how]
            else:
                status, found = transit.answer(self.path, self.headers.get("X-Vault-Token", ""), sent)
                body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 307:
                self.send_header("Location", "http://127.0.0.1:1/v1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            pass

    return Handler
