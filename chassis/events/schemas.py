"""From a fact's class to its JSON Schema: what its body holds, what is sealed, what may be nothing."""

from __future__ import annotations

from dataclasses import MISSING
from datetime import date, datetime
from typing import Any

from chassis.events.shapes import FieldShape, classification_of, shape_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What each field of a fact says of itself, beside what JSON Schema knows.
CLASSIFICATION = "x-classification"
_HOLDS: dict[type, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a fact's body, with owner and classification; readers pass over unknown fields."""
    about, shapes = kind.FACT, shape_of(kind)
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"{about.type}.json",
        "title": about.type,
        "description": about.purpose,
        "type": "object",
        "properties": {shape.name: _property(shape) for shape in shapes},
        "required": [shape.name for shape in shapes if shape.default is MISSING],
        "additionalProperties": True,
        "x-owner": about.owner,
        CLASSIFICATION: classification_of(kind),
    }
    if about.brake:
        schema["x-brake"] = {
            "kind": about.brake.kind, "subject": about.brake.subject, "lifts": about.brake.lifts,
        }  # fmt: skip
    if about.urgent:
        schema["x-urgent"] = True
    return schema


def _property(shape: FieldShape) -> dict[str, Any]:
    one: dict[str, Any] = dict(_HOLDS[shape.holds])
    if shape.codes is not None:
        one["enum"] = list(shape.codes)
    if shape.sealed_class:
        one["pattern"] = rf"^s1\.{shape.sealed_class}(~[^.]+)?\."
    found: dict[str, Any] = {"type": "array", "items": one} if shape.is_many else one
    if shape.is_optional:
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"].append(None)
    if shape.default is not MISSING:
        found["default"] = list(shape.default) if isinstance(shape.default, tuple) else shape.default
    found[CLASSIFICATION] = f"sealed:{shape.sealed_class}" if shape.sealed_class else "codes"
    return found
