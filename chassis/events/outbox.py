"""Stating a fact: the stream's next number, the fact, and a reference to send, all in the change's transaction."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from chassis.crashpoints import hit
from chassis.errors import Misbuilt, Park
from chassis.events import brakes, shapes
from chassis.events.envelope import BrakeMark, Envelope, Place, header_texts
from chassis.events.partitions import bucket_of
from chassis.tables import facts, inbox, outbox, streams
from chassis.unit import Unit

_TAKE_NUMBER = sa.text(
    "INSERT INTO streams (stream, number) VALUES (:stream, 1)"
    " ON CONFLICT (stream) DO UPDATE SET number = streams.number + 1 RETURNING number"
)
_STATED = sa.select(streams.c.number).where(streams.c.stream == sa.bindparam("on"))
_APPLIED = sa.select(inbox.c.number).where(inbox.c.consumer == sa.bindparam("of"), inbox.c.stream == sa.bindparam("on"))
_BEFORE = sa.select(facts.c.stream, facts.c.number, facts.c.type).where(facts.c.fact_id == sa.bindparam("id"))
# Whose fact any room may state, on a stream of its own.
ANY_OWNER = "any"


class StatedOtherwise(Park):
    """A reaction that ran before, on newer records, stated something else in this place."""

    says = "Before these records were put back from an older copy, this fact led to another one."


class NotOurs(Misbuilt):
    """A room stated a fact, or on a stream, that belongs to another."""


def state(unit: Unit, stream: str, fact: Any, requires: tuple[str, ...]) -> str:
    """States `fact` as the next number of `stream`; gives its place. The stream's row stays locked until the commit."""
    kind = fact.FACT
    if not stream.startswith(f"{unit.service}/") or stream.count("/") < 2:
        raise NotOurs(f"{unit.service} may not state anything on this stream; streams are <owner>/<kind>/<id>")
    if kind.owner not in {unit.service, ANY_OWNER}:
        raise NotOurs(f"{kind.type} belongs to {kind.owner}, not to {unit.service}")
    body = shapes.body_of(fact)
    fact_id = unit.ids.new()
    if unit.is_looking_back and (before := _stated_before(unit.gathering.bare, fact_id, stream, kind.type)):
        return before
    hit("state.before_number")
    number = _next_number(unit.gathering.bare, stream)
    hit("state.after_number")
    mark = _mark(fact)
    envelope = Envelope(
        id=fact_id,
        type=kind.type,
        stream=stream,
        number=number,
        stated_at=unit.now,
        subject=_subject(stream, fact),
        correlation_id=unit.thread.correlation_id,
        causation_id=unit.thread.causation_id,
        traceparent=unit.thread.traceparent,
        classification=shapes.classification_of(type(fact)),
        requires=tuple(Place.of(text) for text in requires),
        brake=mark,
    )
    _keep(unit, envelope, body)
    if mark:
        brakes.in_turn(unit.gathering.bare, mark, stream, number, unit.now)
    return str(Place(stream, number))


def _stated_before(connection: sa.Connection, fact_id: str, stream: str, type_: str) -> str | None:
    """The place of a fact that this reaction stated before these records were put back from an older copy."""
    row = connection.execute(_BEFORE, {"id": fact_id}).one_or_none()
    if row is None:
        return None
    if (row.stream, row.type) != (stream, type_):
        raise StatedOtherwise()
    return str(Place(row.stream, row.number))


def _next_number(connection: sa.Connection, stream: str) -> int:
    return int(connection.execute(_TAKE_NUMBER, {"stream": stream}).scalar_one())


def _keep(unit: Unit, envelope: Envelope, body: bytes) -> None:
    unit.gathering.add(
        facts,
        {
            "stream": envelope.stream,
            "number": envelope.number,
            "fact_id": envelope.id,
            "type": envelope.type,
            "stated_at": envelope.stated_at,
            "headers": json.dumps(header_texts(envelope), separators=(",", ":")),
            "body": body.decode(),
        },
    )
    # The reference takes its id when it is written, under the stream's lock: ids of one stream rise with its numbers.
    unit.gathering.add(
        outbox,
        {
            "bucket": bucket_of(envelope.stream),
            "stream": envelope.stream,
            "number": envelope.number,
            "staged_at": unit.now,
        },
    )


def _mark(fact: Any) -> BrakeMark | None:
    brake = fact.FACT.brake
    return BrakeMark(brake.kind, getattr(fact, brake.subject), brake.lifts) if brake else None


def _subject(stream: str, fact: Any) -> str:
    """Whom it is about, as an opaque id: the person where there is one, else the stream's own id."""
    return getattr(fact, "person_id", None) or stream.rpartition("/")[2]


def newest(unit: Unit, stream: str) -> str | None:
    """The newest place of a stream: stated here if it is ours, applied here if we hear it; None when there is none."""
    if stream.startswith(f"{unit.service}/"):
        number = unit.gathering.bare.execute(_STATED, {"on": stream}).scalar()
    else:
        number = unit.gathering.bare.execute(_APPLIED, {"of": unit.service, "on": stream}).scalar()
    return str(Place(stream, int(number))) if number else None
