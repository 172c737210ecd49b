"""Passes are short: a page fetches a new one on its way, and what was typed is kept when somebody was signed out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import g, redirect, request

from chassis.errors import NotSignedIn
from chassis.web.form_tokens import FormNotOurs
from chassis.web.look import page
from chassis.web.passes import COOKIE, is_renewed
from chassis.web.where import is_secret

if TYPE_CHECKING:
    from chassis.service import Service

SIGN_IN = "/sign-in"
# How old a pass may be before a page fetches a new one.
RENEWED_AFTER = timedelta(minutes=5)
# What is typed into these is handed back by no page.
_NEVER_KEPT = frozenset({"password", "new_password", "code"})
# Characters of a form that are handed back to whoever sent it, at most.
_MOST_KEPT = 100_000


def before_it_ends(service: Service) -> Any:
    """Sends somebody who opens a page with a pass that grew old to fetch a new one, once; None for everything else.

    Never a script's request, and never while this room does not hear the room that lets people in: it may be away.
    """
    if g.way != COOKIE or g.pass_since is None or service.clock.now() - g.pass_since <= RENEWED_AFTER:
        return None
    if not _opens_a_page() or is_renewed(request) or not service.watch.is_up_to_date():
        return None
    return redirect(sign_in_address(), 303)


def instead_of_refusing(error: NotSignedIn) -> Any:
    """What somebody gets who is not signed in: the way to sign in, or their form back; None to be told as it is."""
    if request.path.startswith(SIGN_IN) or is_secret(request.path):
        return None
    if request.method in {"GET", "HEAD"}:
        return None if is_renewed(request) else redirect(sign_in_address(), 303)
    return form_again(error)


def form_again(error: NotSignedIn | FormNotOurs) -> Any:
    """A page that holds what somebody typed into a form of ours, to be sent again; None where nothing can be kept."""
    from chassis.web.headers import from_ourselves

    fields = [(name, text) for name, texts in request.form.lists() for text in texts]
    if is_secret(request.path) or _NEVER_KEPT & set(request.form):
        return None
    if not fields or request.files or sum(len(text) for _, text in fields) > _MOST_KEPT or not from_ourselves():
        return None
    g.rule, is_in = error.rule, isinstance(error, FormNotOurs)
    return page(
        "kept.jinja", title="Send this again" if is_in else "Sign in to send this", status=error.status,
        fields=fields, action=request.full_path, is_in=is_in,
    )  # fmt: skip


def rests_in(service: Service) -> int:
    """Seconds until the session of whoever looks at a page ends if nothing is done; 0 for whoever has none."""
    rests_at = g.get("rests_at")
    return max(1, int((rests_at - service.clock.now()).total_seconds())) if rests_at else 0


def sign_in_address() -> str:
    """Where somebody signs in who then comes back to the page they asked for."""
    to = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/work"
    return f"{SIGN_IN}?to={quote(to, safe='/')}"


def _opens_a_page() -> bool:
    if request.method != "GET" or request.path.startswith(
        (SIGN_IN, "/static/", "/api/", "/openapi/", "/ops/", "/fhir")
    ):
        return False
    if is_secret(request.path):
        return False
    dest = request.headers.get("Sec-Fetch-Dest")
    return (
        dest == "document"
        if dest is not None
        else request.accept_mimetypes.accept_html and bool(request.headers.get("Accept"))
    )
