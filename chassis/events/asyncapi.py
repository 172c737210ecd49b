"""The AsyncAPI 3.0 document of a network: its channels, messages, and who sends and receives them, from the classes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.events import samples
from chassis.events.envelope import as_texts
from chassis.events.outbox import ANY_OWNER
from chassis.events.schemas import CLASSIFICATION, schema_of
from chassis.events.shapes import shape_of

_TEXT = {"type": "string"}
# The headers every fact travels with: CloudEvents 1.0 in binary mode, and extensions of ours.
ALWAYS: dict[str, dict[str, Any]] = {
    "ce_specversion": {"const": "1.0", "description": "CloudEvents 1.0, in binary mode."},
    "ce_id": {"description": "The fact's own id; the same fact sent again has the same."},
    "ce_source": {"description": "The room that states it, as `/<room>`."},
    "ce_type": {"description": "The fact and its version, `noun.verb.vN`."},
    "ce_time": {"format": "date-time", "description": "When it was stated, in UTC."},
    "ce_subject": {"description": "Whom or what it is about, as an opaque id."},
    "ce_streamseq": {"pattern": "^[1-9][0-9]*$", "description": "Its number on its stream; apply exactly the next."},
    "ce_correlationid": {"description": "Shared by all that follows from one knock at a door."},
    "ce_traceparent": {"description": "W3C trace context."},
    "ce_dataclassification": {"description": "`codes`, or `sealed:` and the sealed classes it carries."},
    "content-type": {"const": "application/json"},
}
SOMETIMES: dict[str, dict[str, Any]] = {
    "ce_causationid": {"description": "The id of the fact it followed from."},
    "ce_requires": {"description": "Places on other streams to be applied first, `stream@number`, parted by blanks."},
    "ce_brake": {"description": "It restricts at once, even out of its turn: the kind of restriction."},
    "ce_brakesubject": {"description": "Whom or what is restricted, as an opaque id."},
    "ce_brakelifts": {"const": "true", "description": "It lifts that restriction; in its turn alone."},
}
_KEY = {"type": "string", "pattern": "^[^/]+/[^/]+/.+$", "description": "The stream, `<owner>/<kind>/<id>`."}


@dataclass(frozen=True)
class Network:
    """What the document is made of: rooms with their purposes, every version of every fact, who hears which.

    `opens` says which rooms may open which sealed class; `sample` gives a fact's sample as it is kept.
    """

    title: str
    description: str
    rooms: Mapping[str, str]
    facts: Sequence[Any]
    hears: Mapping[str, Sequence[Any]]
    opens: Mapping[str, frozenset[str]]
    sample: Callable[[str], bytes]
    partitions: int
    topic_prefix: str = ""

    def said_in(self, room: str) -> list[Any]:
        """The facts that may come on a room's channel."""
        return [kind for kind in self.facts if kind.FACT.owner in {room, ANY_OWNER}]

    def hearers_of(self, kind: Any) -> list[str]:
        """The rooms that act on a fact, whichever version of it they hear."""
        name = kind.FACT.name
        return [room for room, heard in self.hears.items() if any(one.FACT.name == name for one in heard)]

    def is_superseded(self, kind: Any) -> bool:
        """Whether a newer version stands beside it."""
        about = kind.FACT
        return any(one.FACT.name == about.name and one.FACT.version > about.version for one in self.facts)


def document(network: Network) -> dict[str, Any]:
    """The document; every part of it follows from the classes, so it never says what is not so."""
    owners = [room for room in network.rooms if network.said_in(room)]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": network.title, "version": "1.0.0", "description": network.description},
        "defaultContentType": "application/json",
        "channels": {room: _channel(network, room) for room in owners},
        "operations": _operations(network, owners),
        "components": {
            "messages": {kind.FACT.type: _message(network, kind) for kind in network.facts},
            "schemas": {"envelope": _envelope(), **{kind.FACT.type: _payload(network, kind) for kind in network.facts}},
        },
    }


def _channel(network: Network, room: str) -> dict[str, Any]:
    topic = network.topic_prefix + room
    kept_for_good = {"cleanup.policy": ["delete"], "retention.ms": -1}
    return {
        "address": topic,
        "title": f"What {room} says",
        "description": network.rooms[room],
        "messages": {
            kind.FACT.type: {"$ref": f"#/components/messages/{kind.FACT.type}"} for kind in network.said_in(room)
        },
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": network.partitions,
                "topicConfiguration": kept_for_good,
                "bindingVersion": "0.5.0",
            }
        },
        "x-room": room,
    }


def _operations(network: Network, owners: Sequence[str]) -> dict[str, Any]:
    found = {}
    for room in owners:
        today = [kind for kind in network.said_in(room) if not network.is_superseded(kind)]
        found[f"{room}.says"] = _operation("send", room, room, f"{room} says", today)
    for room in network.hears:
        for owner in owners:
            # A room never hears itself.
            heard = [kind for kind in network.said_in(owner) if room in network.hearers_of(kind) and room != owner]
            if heard:
                found[f"{room}.hears.{owner}"] = _operation("receive", room, owner, f"{room} hears {owner}", heard)
    return found


def _operation(action: str, room: str, channel: str, title: str, kinds: Sequence[Any]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": title,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind.FACT.type}"} for kind in kinds],
        "x-room": room,
    }


def _message(network: Network, kind: Any) -> dict[str, Any]:
    about, schema = kind.FACT, schema_of(kind)
    told = samples.read(network.sample(about.type))
    message: dict[str, Any] = {
        "name": about.type,
        "title": about.type,
        "summary": about.purpose,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "allOf": [{"$ref": "#/components/schemas/envelope"}],
            "properties": {
                "ce_type": {"const": about.type},
                "ce_dataclassification": {"const": schema[CLASSIFICATION]},
            },
        },
        "payload": {"$ref": f"#/components/schemas/{about.type}"},
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": "0.5.0"}},
        "examples": [{"headers": as_texts(told.headers), "payload": json.loads(told.body)}],
        CLASSIFICATION: schema[CLASSIFICATION],
        "x-stream": told.stream.rpartition("/")[0] + "/<id>",
        "x-hearers": network.hearers_of(kind),
    }
    message |= {name: schema[name] for name in ("x-brake", "x-urgent") if name in schema}
    if about.public:
        message["x-public"] = True
    if network.is_superseded(kind):
        message["deprecated"] = True
    return message


def _payload(network: Network, kind: Any) -> dict[str, Any]:
    """The fact's schema as AsyncAPI takes it, with the rooms that may open what is sealed."""
    schema = {name: value for name, value in schema_of(kind).items() if name not in {"$schema", "$id"}}
    for shape in shape_of(kind):
        if shape.sealed_class:
            schema["properties"][shape.name]["x-opened-by"] = sorted(network.opens[shape.sealed_class])
    return schema


def _envelope() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What is known of a fact without reading its body.",
        "properties": {name: {**_TEXT, **says} for name, says in {**ALWAYS, **SOMETIMES}.items()},
        "required": sorted(ALWAYS),
    }
