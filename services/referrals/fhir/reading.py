"""Reads loosely shaped resources without tripping: what is not there, or of another shape, is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def at(found: Any, *names: str) -> Any:
    """What stands at the end of a path of names, or None."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def many(found: Any) -> list[Any]:
    """A list as it is, anything else as none."""
    return found if isinstance(found, list) else []


def rows(found: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [one for one in many(found) if isinstance(one, dict)]


def first(found: Any) -> dict[str, Any]:
    """The first object of a list, or an empty one."""
    return next(iter(rows(found)), {})


def texts(found: Any) -> list[str]:
    """The texts of a list."""
    return [one for one in many(found) if isinstance(one, str)]


def text(found: Any, *names: str) -> str:
    """The text at the end of a path of names, or none."""
    value = at(found, *names)
    return value if isinstance(value, str) else ""


def codes(found: Any) -> set[str]:
    """The codes of a CodeableConcept."""
    return {text(coding, "code") for coding in rows(at(found, "coding"))}


def codes_of(found: Any) -> set[str]:
    """The codes of a list of CodeableConcepts."""
    return {code for one in rows(found) for code in codes(one)}


def identifiers(resource: Mapping[str, Any], ending: str) -> Iterator[str]:
    """The values of a resource's identifiers whose system ends so."""
    for one in rows(resource.get("identifier")):
        if text(one, "system").lower().endswith(ending):
            yield text(one, "value")


def telecom(resource: Mapping[str, Any], system: str) -> str:
    """The best value of one way to reach someone, by its rank."""
    found = [one for one in rows(resource.get("telecom")) if one.get("system") == system]
    found.sort(key=lambda one: one["rank"] if type(one.get("rank")) is int else 99)
    return text(found[0], "value") if found else ""


def whole_name(name: Mapping[str, Any]) -> str:
    """A name as one writes it: given names, then the family's."""
    parts = [*texts(name.get("given")), text(name, "family")]
    return " ".join(part for part in parts if part) or text(name, "text")
