"""How a request shows who knocks: a bearer token or a cookie. Only this module reads the cookie of the pass."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import Request, Response

from chassis.access import NOBODY, Principal
from chassis.entry import Entry
from chassis.errors import NotSignedIn
from chassis.passes import LIFE, Pass, PassRefused

# Over HTTPS a browser keeps the cookie to this host and to HTTPS; plain HTTP is for a demo on one machine.
_COOKIE, _COOKIE_PLAIN = "__Host-pass", "beenthere_pass"
BEARER, COOKIE, NONE = "bearer", "cookie", "none"


_SESSION, _SESSION_PLAIN = "__Host-session", "beenthere_session"
# Binds a sign-in that was begun elsewhere to the browser it was begun in.
_BEGUN, _BEGUN_PLAIN = "__Host-begun", "beenthere_begun"
# Set for a minute by whoever renews a pass: nobody is sent to renew it again meanwhile, though clocks lie apart.
_RENEWED, _RENEWED_PLAIN, _RENEWED_SECONDS = "__Host-renewed", "beenthere_renewed", 60


class Shown(NamedTuple):
    """Who a request is from, their sealed name, by which way they showed it, since when, and when the session rests."""

    who: Principal
    called: str | None
    way: str
    since: datetime | None
    rests_at: datetime | None = None


_NOTHING = Shown(NOBODY, None, NONE, None)


def cookie_name(*, is_secure: bool) -> str:
    """What the cookie of the pass is called."""
    return _COOKIE if is_secure else _COOKIE_PLAIN


def shown(request: Request, entry: Entry, *, is_secure: bool) -> Shown:
    """Who a request is from. A bad bearer token is refused; a bad or old cookie makes its browser nobody."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise PassRefused()
        return _of(entry.read(token.strip()), BEARER)
    cookie = request.cookies.get(cookie_name(is_secure=is_secure))
    if not cookie:
        return _NOTHING
    try:
        return _of(entry.read(cookie), COOKIE)
    except NotSignedIn:
        return _NOTHING


def _of(found: Pass, way: str) -> Shown:
    return Shown(found.who, found.called, way, found.issued_at, found.rests_at)


def session_shown(request: Request, *, is_secure: bool) -> str:
    """The session a browser shows; only the room that lets people in asks for it."""
    return request.cookies.get(_session_name(is_secure=is_secure), "")


def begun_shown(request: Request, *, is_secure: bool) -> str:
    """What binds a sign-in begun elsewhere to this browser, or nothing."""
    return request.cookies.get(_BEGUN if is_secure else _BEGUN_PLAIN, "")


def put_begun(answer: Response, token: str, seconds: int, *, is_secure: bool) -> None:
    """Binds a sign-in begun elsewhere to this browser; an empty token takes it away."""
    _put(answer, _BEGUN if is_secure else _BEGUN_PLAIN, token, seconds if token else 0, is_secure)


def is_renewed(request: Request) -> bool:
    """Whether this browser was sent to renew its pass a moment ago."""
    return _RENEWED in request.cookies or _RENEWED_PLAIN in request.cookies


def put_session(answer: Response, token: str, *, is_secure: bool) -> None:
    """Gives a browser its session, until it is closed."""
    _put(answer, _session_name(is_secure=is_secure), token, None, is_secure)


def put_pass(answer: Response, token: str, *, is_secure: bool) -> None:
    """Gives a browser its pass."""
    _put(answer, cookie_name(is_secure=is_secure), token, int(LIFE.total_seconds()), is_secure)
    _put(answer, _RENEWED if is_secure else _RENEWED_PLAIN, "1", _RENEWED_SECONDS, is_secure)


def take_all(answer: Response, *, is_secure: bool) -> None:
    """Takes session and pass away. A cookie that only HTTPS may set is taken away the same way, or it stays."""
    for name in (cookie_name(is_secure=is_secure), _session_name(is_secure=is_secure)):
        _put(answer, name, "", 0, is_secure)


def _session_name(*, is_secure: bool) -> str:
    return _SESSION if is_secure else _SESSION_PLAIN


def _put(answer: Response, name: str, text: str, seconds: int | None, is_secure: bool) -> None:
    answer.set_cookie(name, text, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=is_secure)
