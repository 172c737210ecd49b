"""How every page looks: the NHS templates and ours, the files they ask for, and the words they share."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request, send_from_directory
from jinja2 import BytecodeCache, ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from jinja2.bccache import Bucket
from werkzeug.exceptions import NotFound

from chassis.ids import new_token
from chassis.web import forms, showing
from chassis.web.form_tokens import WithTokens

_CHASSIS = Path(__file__).parents[1]
TEMPLATES = _CHASSIS / "templates"
STATIC = _CHASSIS / "static"
# A file asked for by its own hash never changes; one asked for without it is looked at again after an hour.
_YEAR_SECONDS = 365 * 24 * 60 * 60
_HOUR_SECONDS = 60 * 60
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}


class _Compiled(BytecodeCache):
    """Templates compiled once for all services of a process; a changed text is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._kept.get(bucket.key):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def dress(app: Flask, *, demo: bool) -> None:
    """Gives an app the look: templates that always escape, `/static/`, a nonce per request, and words for templates."""
    # The loader is set on the app and not in jinja_options, where it would hide the templates of blueprints.
    loaders = [app.jinja_loader, FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]
    app.jinja_loader = ChoiceLoader([loader for loader in loaders if loader is not None])
    # Flask escapes by file ending and does not know .jinja; the NHS templates read options that are not given.
    app.jinja_options = {
        "autoescape": True,
        "undefined": ChainableUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": _COMPILED,
        "extensions": [WithTokens],
    }
    app.jinja_env.globals.update(
        asset=asset, marked=marked, field_id=forms.field_id, answer=forms.answer, answers=forms.answers,
        date_parts=forms.date_parts, choices=forms.choices,
    )  # fmt: skip
    app.jinja_env.filters.update(
        day=showing.day, moment=showing.moment, days_ago=_days_ago, nhs_number=showing.nhs_number
    )
    app.add_url_rule("/static/<path:filename>", "static", _static)
    app.add_url_rule("/static/swagger/<path:filename>", "swagger_file", _swagger)

    @app.before_request
    def mint_nonce() -> None:
        g.nonce = new_token()

    @app.context_processor
    def shared() -> dict[str, Any]:
        nonce = g.get("nonce")
        return {"cspNonce": nonce, "assetPath": "/static/vendor/assets", "demo": demo, "form": {}, "faults": {}}


def page(template: str, *, title: str, status: int = 200, **values: Any) -> Response:
    """Answers with a page; `title` stands in the browser's title, followed by the name of the service.

    With `faults` (field to words) the error summary is made from them; with either the title begins `Error: `.
    """
    faults = values.get("faults")
    if isinstance(faults, Mapping) and "errors" not in values:
        values["errors"] = forms.summary(faults)
    return make_response(render_template(template, title=title, status=status, **values), status)


def asset(name: str) -> str:
    """The address of a shipped file, with its hash, so that a browser may keep it for a year."""
    return f"/static/{name}?v={_hash_of(name)}"


def marked(navigation: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Gives the navigation with the one entry marked that the page at hand stands under."""
    links = navigation or []
    under = [link["href"] for link in links if request.path == link["href"] or _stands_under(link["href"])]
    nearest = max(under, key=len, default=None)
    return [{"active": link["href"] == nearest, **link} for link in links]


def _stands_under(href: str) -> bool:
    return href != "/" and request.path.startswith(f"{href.rstrip('/')}/")


def _days_ago(value: Any) -> str:
    return showing.days_between(value, current_app.extensions["beenthere"].clock.now())


def _static(filename: str) -> Response:
    return _send(STATIC, filename, filename)


def _swagger(filename: str) -> Response:
    return _send(_swagger_folder(), filename, f"swagger/{filename}")


def _send(folder: Path, filename: str, name: str) -> Response:
    answer = send_from_directory(folder, filename, mimetype=_TYPES.get(Path(filename).suffix))
    kept = request.args.get("v") == _hash_of(name)
    answer.cache_control.public = True
    answer.cache_control.no_cache = None
    answer.cache_control.max_age = _YEAR_SECONDS if kept else _HOUR_SECONDS
    if kept:
        answer.cache_control.immutable = True
    return answer


@functools.cache
def _swagger_folder() -> Path:
    # The package is only a box of files here: importing it would bring a blueprint we do not use.
    found = find_spec("flask_swagger_ui")
    if found is None or found.origin is None:
        raise NotFound()
    return Path(found.origin).parent / "dist"


@functools.cache
def _hash_of(name: str) -> str:
    inside = name.removeprefix("swagger/")
    folder = STATIC if inside == name else _swagger_folder()
    return hashlib.sha256((folder / inside).read_bytes()).hexdigest()[:12]
