"""What each kind of fact is made of, as the events pages show it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from datetime import date, datetime
from typing import Any

from chassis.events import samples
from chassis.events.shapes import FieldShape, shape_of
from contracts.addresses import SERVICES
from contracts.classes import EVERY_ROOM, OPENS
from contracts.fact import CATALOGUE, is_superseded
from contracts.hearers import EVERY_FACT, HEARS
from contracts.kept import sample_bytes

_TYPES = {str: "text", int: "whole number", float: "number", bool: "yes or no", date: "date", datetime: "moment"}


@dataclass(frozen=True)
class FieldShown:
    """One field of a fact as the events page shows it."""

    name: str
    holds: str
    sealed_class: str | None
    opened_by: str


@dataclass(frozen=True)
class SampleShown:
    """The golden sample of a fact: on which stream, with which headers, and its body with what is sealed left out."""

    stream: str
    headers: Sequence[tuple[str, str]]
    body: str


@dataclass(frozen=True)
class FactShown:
    """One kind of fact as the events page shows it; `topics` are the rooms on whose topic it comes."""

    type: str
    name: str
    version: int
    newest: str
    says: str
    topics: Sequence[str]
    hearers: Sequence[str]
    is_public: bool
    purpose: str
    fields: Sequence[FieldShown]
    sealed_classes: Sequence[str]
    restricts: str
    is_urgent: bool
    is_about_somebody: bool


def facts_shown() -> Mapping[str, Sequence[FactShown]]:
    """Every kind of fact, by the room that says it; "any" stands for what every room may say."""
    found: dict[str, list[FactShown]] = {owner: [] for owner in (*SERVICES, "any")}
    for kind in EVERY_FACT:
        shown = fact_shown(kind)
        found[shown.says].append(shown)
    return {owner: facts for owner, facts in found.items() if facts}


def fact_shown(kind: Any) -> FactShown:
    """One kind of fact: who says and hears it, and its fields with what each may be read by."""
    about, shapes = kind.FACT, shape_of(kind)
    brake = about.brake
    return FactShown(
        type=about.type,
        name=about.name,
        version=about.version,
        newest=_newest(about.name),
        says=about.owner,
        topics=SERVICES if about.owner == "any" else (about.owner,),
        hearers=[room for room, heard in HEARS.items() if any(one.FACT.name == about.name for one in heard)],  # type: ignore[attr-defined]
        is_public=about.public,
        purpose=about.purpose,
        fields=[_field(shape) for shape in shapes],
        sealed_classes=sorted({shape.sealed_class for shape in shapes if shape.sealed_class}),
        restricts="" if brake is None else ("lifts " if brake.lifts else "sets ") + brake.kind,
        is_urgent=about.urgent,
        is_about_somebody=brake is not None and brake.subject in {"person_id", "peer_id"},
    )


def _newest(name: str) -> str:
    """The version that is stated today."""
    return next(other for other in CATALOGUE if other.rpartition(".v")[0] == name and not is_superseded(other))


def _field(shape: FieldShape) -> FieldShown:
    holds = _TYPES[shape.holds]
    if shape.name.endswith(("_id", "_ids")):
        holds = "opaque id"
    if shape.codes:
        holds = "one of " + ", ".join(shape.codes)
    holds = f"list of {holds}s" if shape.is_many else holds
    holds = f"{holds}, or nothing" if shape.is_optional else holds
    holds = holds if shape.default is MISSING else f"{holds}; may be missing"
    return FieldShown(shape.name, holds, shape.sealed_class, _opened_by(shape.sealed_class))


def _opened_by(sealed_class: str | None) -> str:
    if sealed_class is None:
        return ""
    rooms = OPENS[sealed_class]
    return "every room" if rooms == EVERY_ROOM else ", ".join(room for room in SERVICES if room in rooms)


def sample_shown(type_: str) -> SampleShown:
    """The sample kept of a fact, as it was stated; where a sealed text stands only its class is shown."""
    told = samples.read(sample_bytes(type_))
    sealed = {shape.name: shape.sealed_class for shape in shape_of(CATALOGUE[type_]) if shape.sealed_class}
    body = json.loads(told.body)
    shown = {name: f"(sealed: {sealed[name]})" if name in sealed and value else value for name, value in body.items()}
    headers = [(name, text.decode()) for name, text in told.headers]
    return SampleShown(told.stream, headers, json.dumps(shown, indent=2, ensure_ascii=False))
