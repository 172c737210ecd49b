"""Text messages, handed to one address over HTTP as signed JSON; whoever answers there sends them on.

The answer says how it went: 2xx taken, 429, 500 and 503 not taken and to be tried again, 502 and 504 nobody knows (a
machine between may have lost the answer), all else refused for good.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chassis.clock import Clock
from chassis.settings.sending import SendingSettings, secret_in
from services.partners.domain.notices import NO_ANSWER, NOT_NOW, REFUSED, TAKEN
from services.partners.ways.calling import CALL_SECONDS, Call, within

if TYPE_CHECKING:
    from services.partners.ways import Letter

_NOT_NOW = frozenset({429, 500, 503})
_NOBODY_KNOWS = frozenset({502, 504})


class Texts:
    """One address that takes texts, as the settings name it."""

    def __init__(self, settings: SendingSettings, clock: Clock, seconds: float = CALL_SECONDS) -> None:
        self._clock, self._seconds = clock, seconds
        self._at = urlsplit(settings.sms_url)
        self._secret = secret_in(settings.sms_secret_file).encode() if settings.sms_secret_file else b""
        self._trusts = ssl.create_default_context() if self._at.scheme == "https" else None

    def hand_over(self, letter: Letter) -> str:
        """Hands one text over; gives how that went."""
        body = json.dumps({"id": letter.key, "to": letter.to, "text": letter.text}, separators=(",", ":")).encode()
        stamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.key,
            "Been-There-Timestamp": stamp,
            "Been-There-Signature": signature(self._secret, stamp, body),
        }
        return within(self._seconds, lambda call: self._post(call, body, headers))

    def _post(self, call: Call, body: bytes, headers: dict[str, str]) -> str:
        server = self._server()
        try:
            server.connect()
            call.note(server.sock)
            call.begin()
            server.request("POST", self._at.path or "/", body, headers)
            return _how(server.getresponse().status)
        finally:
            server.close()

    def _server(self) -> http.client.HTTPConnection:
        host, port = self._at.hostname or "", self._at.port
        if self._trusts:
            return http.client.HTTPSConnection(host, port, timeout=self._seconds, context=self._trusts)
        return http.client.HTTPConnection(host, port, timeout=self._seconds)


def _how(status: int) -> str:
    if 200 <= status < 300:
        return TAKEN
    if status in _NOT_NOW:
        return NOT_NOW
    return NO_ANSWER if status in _NOBODY_KNOWS else REFUSED


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """What shows that a text is from us and of this moment: HMAC-SHA256 over the stamp, a dot and the body."""
    return "sha256=" + hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
