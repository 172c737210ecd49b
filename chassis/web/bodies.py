"""What every door asks of a body before it is read: its encoding, its kind, its size, and that a form is one."""

from __future__ import annotations

from flask import Flask, Request, request

from chassis.errors import Malformed, TooLarge, WrongMediaType

FORM = "application/x-www-form-urlencoded"
# The kinds of JSON that some door here reads; which of them, the door says itself.
JSON = frozenset({"application/json", "application/fhir+json", "application/cloudevents+json"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# More answers than any form of ours has.
MOST_FIELDS = 1000


class FormUnreadable(Malformed):
    """What was sent as a form is none."""

    says = "This form could not be read. Go back and fill it in again."


class TooManyFields(TooLarge):
    """A form has more answers than any of ours asks for."""

    says = "This form has more answers than any form here asks for. Go back and fill it in again."


def check_bodies(app: Flask) -> None:
    """Has each body looked at before any view, also one that the view would not read."""

    @app.before_request
    def look() -> None:
        if request.method not in _READING:
            check(request)


def check(sent: Request) -> None:
    """Refuses an encoded body (415), one of a kind no door here reads (415), one too large (413), and a broken form.

    Machine paths take JSON, each door its own kind of it; pages take forms without files. Nothing else is ever
    unpacked, put together or parsed, so an archive, an XML document or a part of a form has nowhere to do harm.
    """
    if sent.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("Send the body as it is, without Content-Encoding.")
    if (sent.content_length or 0) > (sent.max_content_length or 0):
        raise TooLarge("What you sent is too large. Send less at once.")
    if not _has_body(sent):
        return
    kind = (sent.mimetype or "").lower()
    if _is_machine(sent):
        if kind not in JSON:
            raise WrongMediaType("Send the body as application/json.")
    elif kind != FORM:
        raise WrongMediaType(f"Send the body as {FORM}, without files.")
    else:
        _check_form(sent.get_data(cache=True, parse_form_data=False))


def _has_body(sent: Request) -> bool:
    return bool(sent.content_length) or "Transfer-Encoding" in sent.headers


def _is_machine(sent: Request) -> bool:
    return sent.path.startswith(("/api/", "/fhir"))


def _check_form(body: bytes) -> None:
    """A form that cannot be read would otherwise count as one in which everything was left blank."""
    try:
        body.decode()
    except UnicodeDecodeError:
        raise FormUnreadable() from None
    if body.count(b"&") >= MOST_FIELDS:
        raise TooManyFields()
