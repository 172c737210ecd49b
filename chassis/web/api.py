"""Blueprints for JSON doors: strict reading, every fault at once, OpenAPI 3.1 from the same schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import HTTPException

from chassis.errors import Fault, Invalid, WrongMediaType
from chassis.web import strict_json
from chassis.web.fields import UNKNOWN_NAME
from chassis.web.plain_words import in_plain_words

# How a schema says that it does not know a name: ours, and one that is not strict in our words.
_UNKNOWN = ([UNKNOWN_NAME], ["Unknown field."])


class StrictParser(FlaskParser):
    """Reads arguments with the strict reader and refuses with one list of faults."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": "raise", "json": "raise"}

    def load_json(self, req: Request, schema: Schema) -> Any:
        return body_of(req)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        for value in req.args.values():
            strict_json.refuse_odd_text(value)
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        messages = error.messages if isinstance(error.messages, Mapping) else {"json": error.messages}
        raise Invalid(faults=tuple(fault for found in messages.values() for fault in faults_in(found)))


def body_of(req: Request, *media_types: str) -> Any:
    """Gives the JSON body of a request; refuses any other content type or encoding."""
    if req.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("Send the body as it is, without Content-Encoding.")
    expected = media_types or ("application/json",)
    if (req.mimetype or "").lower() not in expected:
        raise WrongMediaType(f"Send the body as {expected[0]}.")
    return strict_json.read(req.get_data(cache=True))


def faults_in(found: Any, where: tuple[str, ...] = ()) -> list[Fault]:
    """Flattens marshmallow's messages, nested as deep as the data, into faults in plain words with dotted paths.

    A name the schema does not know is told once by the place it stands in: only the sender knows it, and may have
    written anybody's name there.
    """
    if isinstance(found, Mapping):
        flat = [fault for name, inner in found.items() for fault in _faults_at(where, str(name), inner)]
        return list(dict.fromkeys(flat))
    texts = found if isinstance(found, list) else [found]
    path = ".".join(part for part in where if part != "_schema")
    return [Fault(path, in_plain_words(path, str(text))) for text in texts]


def _faults_at(where: tuple[str, ...], name: str, inner: Any) -> list[Fault]:
    if inner in _UNKNOWN:
        return [Fault(".".join(where), UNKNOWN_NAME)]
    return faults_in(inner, (*where, name))


class ApiBlueprint(Blueprint):
    """A blueprint whose arguments are read strictly."""

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema: Any, **rest: Any) -> Any:
        """Reads by one schema made here, not by one made anew for every request."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **rest)


class FaultSchema(Schema):
    """One thing wrong with what was sent."""

    pointer = fields.String()
    field = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """A refusal, as RFC 9457 has it; `rule` names the rule that refuses."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    rule = fields.String()
    instance = fields.String()
    errors = fields.List(fields.Nested(FaultSchema))


class HouseApi(Api):
    """Keeps flask-smorest's documents but leaves errors to the one place that answers them."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        """Documents refusals as they are answered; what goes well says its own content type."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """Errors are answered by chassis.web.problems."""

    def handle_http_exception(self, error: HTTPException) -> Any:
        return error


def idempotency_key() -> str:
    """The key by which a repeat of this request is known: `Idempotency-Key`, 8 to 100 printable characters."""
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 100 or not key.isascii() or not key.isprintable():
        raise Invalid(
            faults=(
                Fault(
                    "Idempotency-Key",
                    "Send an Idempotency-Key header of 8 to 100 characters; send the same one when you try again.",
                ),
            )
        )
    return key
