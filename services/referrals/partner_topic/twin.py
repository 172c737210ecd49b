"""The same over HTTP, for a partner without Kafka: post a message, read the feed, ask for the key to encrypt to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, g, request

from chassis.errors import Refused, WrongMediaType
from chassis.once import KeyReused
from chassis.web import PUBLIC, ApiBlueprint, door, here
from chassis.web.api import ProblemSchema, body_of
from services.referrals import store
from services.referrals.actions import changing
from services.referrals.partner_topic import answers, keys
from services.referrals.partner_topic.cursor import check_reached, cursor, number_in
from services.referrals.partner_topic.exchange import EXTENSION, Exchange
from services.referrals.partner_topic.message import Arrived, check_size
from services.referrals.partner_topic.shapes import FeedQuery, FeedSchema, KeysSchema, SentSchema, ToldSchema

STRUCTURED = "application/cloudevents+json"
# Messages one answer of the feed holds at most, and when to come back where too many wait already.
PAGE = 100
RETRY_AFTER_SECONDS = 5

blueprint = ApiBlueprint(
    "partner_messages", __name__, url_prefix="/api/v1/events",
    description="Messages to and from partners: the twin of a partner's Kafka topics",
)  # fmt: skip


@blueprint.post("")
@door("partner_message.send")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {STRUCTURED: {"schema": SentSchema}, "application/json": {"schema": {"type": "object"}}},
    }
)
@blueprint.response(201, ToldSchema, content_type=STRUCTURED)
@blueprint.alt_response(200, schema=ToldSchema, content_type=STRUCTURED)
@blueprint.alt_response(422, schema=ProblemSchema, content_type="application/problem+json")
def send() -> Any:
    """Send a message: a CloudEvent, in its JSON form or with `ce-` headers. A repeat is answered 200 with the same."""
    exchange: Exchange = current_app.extensions[EXTENSION]
    told = exchange.taking.take_in(_arrived(), _body)
    if isinstance(told.refused, KeyReused):
        # Its own words speak of another door's header.
        raise KeyReused(told.event["data"]["says"])
    if told.refused:
        raise told.refused
    return Response(json.dumps(told.event), 200 if told.is_repeat else 201, content_type=STRUCTURED)


def _is_structured() -> bool:
    return (request.mimetype or "").lower() == STRUCTURED


def _arrived() -> Arrived:
    """The message as far as its envelope: in its JSON, or in headers; refuses a media type that is neither."""
    if not _is_structured():
        if (request.mimetype or "").lower() != "application/json":
            raise WrongMediaType(f"Send {STRUCTURED}, or application/json with ce- headers; batches are not taken.")
        headers = {name.lower(): text for name, text in request.headers.items()}
        envelope = {name.removeprefix("ce-"): text for name, text in headers.items() if name.startswith("ce-")}
        return Arrived(g.who, "events", envelope)
    try:
        found = _event()
    except Refused as unread:
        return Arrived(g.who, "events", {}, unread=unread)
    return Arrived(g.who, "events", {name: text for name, text in found.items() if isinstance(text, str)})


def _event() -> dict[str, Any]:
    check_size(request.get_data(cache=True))
    found = body_of(request, STRUCTURED)
    return found if isinstance(found, dict) else {}


def _body() -> bytes:
    if not _is_structured():
        return check_size(request.get_data(cache=True))
    data = _event().get("data")
    return check_size(b"" if data is None else json.dumps(data, ensure_ascii=False).encode())


@blueprint.get("")
@door("partner_message.read")
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, FeedSchema)
def feed(query: dict[str, Any]) -> Any:
    """What you were told after a place, in order, at most 100; waits up to `wait` seconds when there is nothing yet."""
    house, partner_id = here(), g.who.partner_id or ""
    after = number_in(query["after"], partner_id)

    def look() -> Sequence[Any]:
        with house.reading() as unit:
            changing.heed_suspension(unit)
            check_reached(after, store.told_until(unit.scope, unit))
            return store.told_after(unit.scope, unit, after, PAGE)

    rows, might_wait = house.waits.wait_for(look, query["wait"])
    body = {
        "messages": [answers.event_of(row) for row in rows],
        "after": cursor(partner_id, rows[-1].number if rows else after),
    }
    headers = {} if might_wait else {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return Response(json.dumps(body), 200, headers, content_type="application/json")


@blueprint.get("/keys")
@door(PUBLIC)
@blueprint.response(200, KeysSchema)
def published() -> Any:
    """The key to encrypt messages to (JWE, ECDH-ES with A256GCM), as a JSON Web Key Set; name its kid in the header."""
    return Response(json.dumps({"keys": [keys.published(here())]}), 200, content_type="application/json")
