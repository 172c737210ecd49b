"""Old versions of a fact, read as the one a room hears: body by body, each one version further."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import Misbuilt
from chassis.events import shapes

Upcaster = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Older:
    """An older version of a fact some room hears, and the steps from its body to that of the class heard."""

    kind: type
    steps: tuple[Upcaster, ...]

    def read(self, body: bytes) -> Any:
        """The fact as the class heard; BodyUnreadable when the old body or what a step makes of it does not fit."""
        found = shapes.body_read(body)
        for step in self.steps:
            try:
                found = step(found)
            except Exception:  # noqa: BLE001 - a step may fail in any way; then its stream is parked
                raise shapes.BodyUnreadable("The body of this old version does not fit.") from None
        return shapes.fact_from(self.kind, found)


def older_of(kinds: Iterable[type]) -> dict[str, Older]:
    """By type, the older versions that are read as one of these classes; what is heard by itself is left out."""
    kinds = list(kinds)
    heard = {kind.FACT.type for kind in kinds}  # type: ignore[attr-defined]
    found: dict[str, Older] = {}
    for kind in kinds:
        for version, steps in _steps(kind):
            type_ = f"{kind.FACT.name}.v{version}"  # type: ignore[attr-defined]
            if type_ not in heard:
                found[type_] = Older(kind, steps)
    return found


def _steps(kind: Any) -> list[tuple[int, tuple[Upcaster, ...]]]:
    """Each older version with all its steps; refuses a gap, in which an old fact would be lost."""
    own, table = kind.FACT.version, kind.FACT.upcasters
    versions = sorted(table)
    if versions and versions != list(range(versions[0], own)):
        raise Misbuilt(f"{kind.FACT.type} has upcasters from {versions}; each version up to {own - 1} needs one")
    return [(version, tuple(table[one] for one in range(version, own))) for version in versions]
