"""Asking the provider over HTTP: the one place of a room that does; each call has an end, and so has what it reads.

A limit of the socket alone would not do: it begins anew with every byte, and looking up a name heeds none.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from requests import RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from chassis.settings.oidc import OidcSettings, SigningKey
from services.partners.domain.provider import AnswerRefused, ProviderAway

# Seconds one call may take as a whole, and the calls that may be under way at once.
CALL_SECONDS = 3.0
_AT_ONCE = 16
# The most that is read of an answer (bytes); discovery, keys and tokens have a few thousand.
_LARGEST = 256 * 1024
# How long a proof of who we are is good: providers of the NHS take no more than five minutes.
_PROOF_SECONDS = 240
# What a provider may say went wrong with a code (RFC 6749, 5.2); other words of its own are not repeated.
_KNOWN_ERRORS = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"}
)

T = TypeVar("T")
_OPENED: ContextVar[list[socket.socket] | None] = ContextVar("opened", default=None)


class Asking:
    """Asks one provider; every way in which it may be away is ProviderAway."""

    def __init__(self, settings: OidcSettings, key: SigningKey, now: Callable[[], datetime], origin: str) -> None:
        self._settings, self._key, self._now = settings, key, now
        self.answer_address = f"{origin}/sign-in/provider/answer"
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def address(self, endpoint: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where a browser goes to sign in: code flow, with the hash of the verifier (PKCE S256)."""
        acr = " ".join(self._settings.acr) or None
        with self._session() as session:
            return str(session.create_authorization_url(endpoint, state, verifier, nonce=nonce, acr_values=acr)[0])

    def document(self, address: str, bearer: str = "") -> dict[str, Any]:
        """A JSON document of the provider's; with `bearer`, what it tells of whoever that token is of."""
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}

        def get() -> Any:
            with self._session() as session:
                return _json(session.get(address, headers=headers, withhold_token=True, auth=_no_auth))

        found = self._within(get)
        if not isinstance(found, dict):
            raise ProviderAway()
        return found

    def redeem(self, address: str, code: str, verifier: str) -> dict[str, Any]:
        """What the provider gives for a code: an identity token, and one to ask it more with."""

        def post() -> Any:
            with self._session() as session:
                return session.fetch_token(address, code=code, code_verifier=verifier, grant_type="authorization_code")

        try:
            found: dict[str, Any] = self._within(post)
        except OAuthError as refused:
            raise AnswerRefused(refused.error if refused.error in _KNOWN_ERRORS else "token") from None
        return found

    def _session(self) -> _Session:
        return _Session(self._settings, self._key, self._now, self.answer_address)

    def _within(self, work: Callable[[], T]) -> T:
        """Does one call in a thread beside, so that whoever waits is let go in time whatever the call is stuck in."""
        if not self._turns.acquire(blocking=False):
            raise ProviderAway()
        found: Future[T] = Future()
        opened: list[socket.socket] = []

        def run() -> None:
            _OPENED.set(opened)
            try:
                found.set_result(work())
            except Exception as trouble:  # noqa: BLE001 - it is raised again where it is waited for
                found.set_exception(trouble)
            finally:
                self._turns.release()

        threading.Thread(target=run, name="provider-call", daemon=True).start()
        try:
            return found.result(CALL_SECONDS)
        except (TookTooLong, RequestException, HTTPError, ValueError, RecursionError) as away:
            for one in opened:
                # Ends what the thread beside reads; not by TLS's own goodbye, which would wait for the other side.
                with suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)
            raise ProviderAway() from away


class _Session(OAuth2Session):
    """One call: who we are there, no redirect followed, and no more read than there is room for."""

    def __init__(self, settings: OidcSettings, key: SigningKey, now: Callable[[], datetime], to: str) -> None:
        super().__init__(
            settings.client_id, key, scope=settings.scope, redirect_uri=to, code_challenge_method="S256",
            token_endpoint_auth_method=PrivateKeyJWT.name, default_timeout=CALL_SECONDS,
        )  # fmt: skip
        self.register_client_auth_method(_ShortProof(settings.key_algorithm, now))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Noted())

    def request(self, method: str, url: str, **rest: Any) -> Response:
        ends = time.monotonic() + CALL_SECONDS
        answer: Response = super().request(method, url, **{**rest, "allow_redirects": False, "stream": True})
        body = b""
        while len(body) <= _LARGEST and time.monotonic() < ends:
            piece = answer.raw.read1(65536, decode_content=True)
            if not piece:
                answer._content = body  # where `json()` and Authlib read it
                return answer
            body += piece
        raise ProviderAway()


class _ShortProof(PrivateKeyJWT):
    """Proves who we are by a token of four minutes with an id of its own; Authlib's lives for an hour."""

    def __init__(self, algorithm: str, now: Callable[[], datetime]) -> None:
        super().__init__(alg=algorithm)
        self._now = now

    def sign(self, auth: Any, token_endpoint: str) -> str:
        key = auth.client_secret
        made: str = private_key_jwt_sign(
            key, client_id=auth.client_id, token_endpoint=token_endpoint, alg=self.alg,
            header={"kid": key.kid, "typ": "JWT"}, issued_at=int(self._now().timestamp()), expires_in=_PROOF_SECONDS,
        )  # fmt: skip
        return made


def _json(answer: Response) -> Any:
    if answer.status_code != 200:
        raise ProviderAway()
    return answer.json()


def _no_auth(request: Any) -> Any:
    """Keeps `requests` from looking for a password of this host in a file of the machine's."""
    return request


# ---- the sockets of a call, so that one that takes too long can be ended


def _note(connection: HTTPConnection) -> None:
    opened = _OPENED.get()
    if opened is not None and connection.sock is not None:
        opened.append(connection.sock)


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _note(self)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _note(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Noted(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **rest: Any) -> None:
        super().init_poolmanager(*args, **rest)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
