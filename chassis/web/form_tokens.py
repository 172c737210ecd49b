"""Every form of ours carries a token of the browser it was shown to (Flask-WTF): no other site can send one.

It comes beside what the browser itself says of where a request is from (headers.py), for one that says it wrongly. The
token is put into each form as its template is read, so that no form can be made without one, and taken out again
before a door reads what was sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf, validate_csrf
from jinja2.ext import Extension
from markupsafe import Markup
from wtforms import ValidationError

from chassis.errors import NotAllowed
from chassis.web.bodies import FORM
from chassis.web.passes import COOKIE as COOKIE_WAY
from chassis.web.where import rests_on_its_token

if TYPE_CHECKING:
    from chassis.service import Service

FIELD = "form_token"
# Holds the token of a browser, signed; like the pass it reaches every room.
COOKIE, COOKIE_PLAIN = "__Host-form", "beenthere_form"
_FORMS = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


class FormNotOurs(NotAllowed):
    """A form came with somebody's pass and without the token of their browser."""

    says = "This page was opened in another way than we know, or long ago. Look at what you typed, and send it again."


class WithTokens(Extension):
    """Puts the token into every form of a template that sends something."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template with a hidden field after each form's beginning."""
        return _FORMS.sub(lambda form: f"{form[0]}{{{{ form_token() }}}}", source)


def attach(app: Flask, service: Service) -> None:
    """Sets up tokens for an app, asked for once its body was looked at, of whoever shows a pass in a cookie.

    And where nothing else says that a page of ours sent the form.

    Every room signs them with the same secret, since a browser has one cookie.
    """
    is_secure = service.settings.is_secure
    app.secret_key = service.ids.named("form tokens", "secret")
    app.session_interface = SecureCookieSessionInterface()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE if is_secure else COOKIE_PLAIN,
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_secure,
        WTF_CSRF_FIELD_NAME=FIELD,
        # A form stays good for as long as its browser: a long letter is not lost for having taken an hour.
        WTF_CSRF_TIME_LIMIT=None,
        # Which forms are asked for one is said below.
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    CSRFProtect(app)
    app.jinja_env.globals["form_token"] = hidden_field

    @app.before_request
    def ask_for_it() -> None:
        if request.mimetype == FORM and request.method == "POST":
            is_asked = g.way == COOKIE_WAY or rests_on_its_token(request.path, request.headers)
            check() if is_asked else take_out()


def hidden_field() -> Markup:
    """The field that carries the token of whoever looks at the page."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, generate_csrf())


def check() -> None:
    """Refuses a form without the token of its browser; what is read of it afterwards has no such field."""
    token = request.form.get(FIELD, "")
    take_out()
    try:
        validate_csrf(token)
    except ValidationError as wrong:
        raise FormNotOurs() from wrong


def take_out() -> None:
    """Takes the token out of what a door reads of a form."""
    if FIELD in request.form:
        rest: Any = [(name, text) for name, texts in request.form.lists() for text in texts if name != FIELD]
        # Werkzeug keeps what it read of a form under this name.
        request.__dict__["form"] = request.parameter_storage_class(rest)
