"""Headers of every answer, and what is refused before a view is reached: odd ids, foreign forms, encodings."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, request

from chassis.access import NOBODY, Scope
from chassis.errors import NotAllowed
from chassis.ids import Ids, is_trace_parent, trace_parent
from chassis.unit import Thread
from chassis.web import renewing
from chassis.web.passes import COOKIE, NONE, shown
from chassis.web.where import SITE, is_secret, rests_on_its_token

if TYPE_CHECKING:
    from chassis.service import Service

# A UUID, with or without hyphens: in anything freer somebody could send a name, and it would stand in facts for good.
_ID = re.compile(r"[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}(?:\1[0-9A-Fa-f]{4}){2}\1[0-9A-Fa-f]{12}")
_SAFE = {"GET", "HEAD", "OPTIONS"}
# Methods by name in metrics and log lines; whatever else somebody sends is one of `other`.
_NAMED = _SAFE | {"POST", "PUT", "DELETE", "PATCH"}


# Forms that machines send: systems, and the identity provider.
_MACHINES = ("/api/", "/fhir", "/oauth/", "/sign-in/provider/")


class ForeignForm(NotAllowed):
    """A form or script of another site tried to act with someone's pass."""

    says = "This request came from another site, so it was refused."


def attach(app: Flask, service: Service) -> None:
    """Attaches what happens before and after every view."""

    @app.before_request
    def arrive() -> Any:
        g.began = time.perf_counter()
        g.request_id = _given("X-Request-ID") or service.ids.new()
        g.correlation_id = _given("X-Correlation-ID") or g.request_id
        trace = request.headers.get("traceparent", "")
        g.thread = Thread(
            g.correlation_id, g.request_id, traceparent=trace if is_trace_parent(trace) else trace_parent()
        )
        g.who, g.called, g.scope, g.action = NOBODY, None, Scope("none", NOBODY), None
        structlog.contextvars.bind_contextvars(request_id=g.request_id, correlation_id=g.correlation_id)
        found = shown(request, service.entry, is_secure=service.settings.is_secure)
        g.who, g.called, g.way, g.pass_since, g.rests_at = found
        if request.method not in _SAFE and is_foreign():
            raise ForeignForm()
        return renewing.before_it_ends(service)

    @app.after_request
    def leave(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = g.get("request_id", "")
        answer.headers["X-Correlation-ID"] = g.get("correlation_id", "")
        _protect(answer)
        if service.settings.is_secure:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        _count(service, answer)
        structlog.contextvars.clear_contextvars()
        return answer


def plain_headers(request_id: str, ids: Ids) -> list[tuple[str, str]]:
    """The headers of an answer that no app gives: the request's id as it was sent, or a new one, and nothing kept."""
    return [
        ("X-Request-ID", request_id if _ID.fullmatch(request_id) else ids.new()),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cache-Control", "no-store"),
    ]


def _given(name: str) -> str | None:
    text = request.headers.get(name, "")
    return text if _ID.fullmatch(text) else None


def is_foreign() -> bool:
    """Whether another site sends this in somebody's browser, to act with their pass or to sign them in as another.

    With a pass in a cookie the browser has to say that a page of ours sent it. Without one there is nothing to act
    with: then only what says it is from elsewhere is refused, unless it is a machine's to send, or its form's token is
    asked for instead (form_tokens.py).
    """
    if rests_on_its_token(request.path, request.headers):
        return False
    if g.way == COOKIE:
        return not from_ourselves()
    says = SITE in request.headers or "Origin" in request.headers
    return says and g.way == NONE and not request.path.startswith(_MACHINES) and not from_ourselves()


def from_ourselves() -> bool:
    """Whether a request comes from a page of ours, as its browser says."""
    site = request.headers.get(SITE)
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host


def _protect(answer: Response) -> None:
    nonce = g.get("nonce")
    script = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    put = answer.headers.setdefault
    put(
        "Content-Security-Policy",
        f"default-src 'self'; script-src {script}; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    put("X-Content-Type-Options", "nosniff")
    put("X-Frame-Options", "DENY")
    put("Referrer-Policy", "no-referrer" if is_secret(request.path) else "same-origin")
    put("Cross-Origin-Opener-Policy", "same-origin")
    put("Cross-Origin-Resource-Policy", "same-origin")
    put("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if not request.path.startswith("/static/"):
        put("Cache-Control", "no-store")


def _count(service: Service, answer: Response) -> None:
    route = str(request.url_rule) if request.url_rule else "unknown"
    method = request.method if request.method in _NAMED else "other"
    took = time.perf_counter() - g.get("began", time.perf_counter())
    service.metrics.answered(method, route, answer.status_code, took)
    if not route.startswith(("/static", "/ops", "/health", "/ready", "/metrics")):
        service.log.info(
            "answered", method=method, route=route, status=answer.status_code, took_ms=round(took * 1000, 1),
            action=g.get("action"), rule=g.get("rule"), who_kind=g.who.kind if "who" in g else None,
        )  # fmt: skip
