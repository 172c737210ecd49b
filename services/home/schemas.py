"""Shapes of what home is asked and of what it shows: whom to be, and what a fact is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from chassis.events.shapes import FieldShape, body_of, shape_of
from chassis.ids import DerivedIds
from chassis.web.fields import OneOf, OpaqueId, Strict
from contracts.addresses import SERVICES
from contracts.hearers import EVERY_FACT, hearers_of


class BecomeSchema(Strict):
    """Whom somebody chose to be."""

    kind = OneOf(("account", "person"), required=True)
    id = OpaqueId(required=True)


# ---- what a fact is made of ----

_TYPES = {str: "text", int: "whole number", float: "number", bool: "yes or no", date: "date", datetime: "moment"}
_SAMPLE_MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
# What stands in a sample where a sealed text would: the shape of a token, and nothing inside.
_NOTHING_SEALED = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class FieldShown:
    """One field of a fact as the events page shows it."""

    name: str
    holds: str
    sealed_class: str | None


@dataclass(frozen=True)
class FactShown:
    """One kind of fact as the events page shows it."""

    type: str
    name: str
    version: int
    says: str
    hearers: Sequence[str]
    is_public: bool
    purpose: str
    fields: Sequence[FieldShown]
    sealed_classes: Sequence[str]
    restricts: str
    is_urgent: bool
    is_about_somebody: bool
    sample: str


def facts_shown() -> Mapping[str, Sequence[FactShown]]:
    """Every kind of fact, by the room that says it; "any" stands for what every room may say."""
    found: dict[str, list[FactShown]] = {owner: [] for owner in (*SERVICES, "any")}
    for kind in EVERY_FACT:
        shown = fact_shown(kind)
        found[shown.says].append(shown)
    return {owner: facts for owner, facts in found.items() if facts}


def fact_shown(kind: Any) -> FactShown:
    """One kind of fact: who says and hears it, its fields, and a sample made from its types."""
    about, shapes = kind.FACT, shape_of(kind)
    brake = about.brake
    return FactShown(
        type=about.type,
        name=about.name,
        version=about.version,
        says=about.owner,
        hearers=hearers_of(kind),
        is_public=about.public,
        purpose=about.purpose,
        fields=[_field(shape) for shape in shapes],
        sealed_classes=sorted({shape.sealed_class for shape in shapes if shape.sealed_class}),
        restricts="" if brake is None else ("lifts " if brake.lifts else "sets ") + brake.kind,
        is_urgent=about.urgent,
        is_about_somebody=brake is not None and brake.subject in {"person_id", "peer_id"},
        sample=json.dumps(json.loads(body_of(_sample(kind))), indent=2, ensure_ascii=False),
    )


def _field(shape: FieldShape) -> FieldShown:
    holds = _TYPES[shape.holds]
    if shape.name.endswith(("_id", "_ids")):
        holds = "opaque id"
    if shape.codes:
        holds = "one of " + ", ".join(shape.codes)
    holds = f"list of {holds}s" if shape.is_many else holds
    return FieldShown(shape.name, f"{holds}, or nothing" if shape.is_optional else holds, shape.sealed_class)


def _sample(kind: type) -> Any:
    return kind(**{shape.name: _sample_value(shape) for shape in shape_of(kind)})


def _sample_value(shape: FieldShape) -> Any:
    one = _one_value(shape)
    return (one,) if shape.is_many else one


def _one_value(shape: FieldShape) -> Any:
    owner_id = DerivedIds(f"sample/{shape.name}").new()
    if shape.sealed_class:
        return f"s1.{shape.sealed_class}.{owner_id}.{_NOTHING_SEALED}"
    if shape.codes:
        return shape.codes[0]
    if shape.holds is str:
        return owner_id if shape.name.endswith(("_id", "_ids")) else shape.name.replace("_", " ")
    plain: dict[type, Any] = {int: 1, float: 0.5, bool: False, date: _SAMPLE_MOMENT.date(), datetime: _SAMPLE_MOMENT}
    return plain[shape.holds]
