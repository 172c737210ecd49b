"""A house behind a real port of the loopback, and browsers that go there and elsewhere with their cookies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin

import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from chassis.errors import Retry


class Quiet(WSGIRequestHandler):
    """Says nothing of what it answers."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class Front:
    """One address for a whole run; each test puts its own house behind it."""

    def __init__(self) -> None:
        self.house: Callable[..., Iterable[bytes]] | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.house is None:
            raise Retry
        return self.house(environ, start_response)

    def close(self) -> None:
        """Takes no more requests."""
        self._server.shutdown()
        self._server.server_close()


class Browser:
    """Somebody's browser: it keeps cookies, says where a form comes from, and follows redirects one by one."""

    def __init__(self, origin: str) -> None:
        self.origin, self.trail = origin, list[str]()
        self._session = requests.Session()
        self._session.headers["Accept"] = "text/html"

    @property
    def cookies(self) -> dict[str, str]:
        """What it keeps."""
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}

    def keep(self, cookies: dict[str, str]) -> None:
        """Keeps these cookies too, as of another browser."""
        self._session.cookies.update(cookies)

    def go(self, address: str, until: str = "", form: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """Opens an address (a path is one of ours) and follows to the end, or up to an address that holds `until`.

        With `until` the last answer is the redirect that leads there, not followed.
        """
        method, address = ("POST" if form is not None else "GET"), urljoin(self.origin, address)
        while True:
            sent = {"Sec-Fetch-Site": "same-origin"} if method == "POST" else {}
            answer = self._session.request(
                method, address, data=form, headers=sent, allow_redirects=False, timeout=20, **more
            )
            self.trail.append(address)
            to = answer.headers.get("Location")
            if to is None or (until and until in to):
                return answer
            method, address, form = "GET", urljoin(address, to), None
