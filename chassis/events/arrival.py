"""What arrived, read as far as it can be: a fact of ours with its body, or something that is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from chassis.errors import Park
from chassis.events import envelope, shapes
from chassis.events.bus import Record
from chassis.events.envelope import Envelope
from chassis.events.upcasting import older_of


class VersionUnknown(Park):
    """A type this room hears came in a version it does not know."""

    says = "This fact is of a version this room does not read yet."


class Arrived(NamedTuple):
    """A fact of ours; `fact` is None when its type is not heard here, `trouble` says why its body cannot be used."""

    envelope: Envelope
    texts: Mapping[str, str]
    value: bytes
    topic: str
    fact: Any = None
    trouble: Park | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that arrived and is no fact of ours."""

    record: Record
    reason: str


class Reader:
    """Reads what arrives by the types one room hears."""

    def __init__(self, hears: Mapping[str, type]) -> None:
        # By type, how a body becomes the fact of the class heard; an older version by way of its upcasters.
        self._reads: dict[str, Callable[[bytes], Any]] = {
            **{type_: older.read for type_, older in older_of(hears.values()).items()},
            **{type_: partial(shapes.fact_of, kind) for type_, kind in hears.items()},
        }
        self._names = {name.rpartition(".v")[0] for name in hears}
        self._urgent = {kind.FACT.name for kind in hears.values() if kind.FACT.urgent}  # type: ignore[attr-defined]

    def read(self, record: Record) -> Arrived | Odd:
        """Reads one record of a carrier."""
        texts = envelope.as_texts(record.headers)
        try:
            found = envelope.read(record.key, texts, record.value)
        except envelope.EnvelopeUnreadable as trouble:
            return Odd(record, trouble.rule)
        return self._with_body(found, texts, record.value or b"", record.topic)

    def read_kept(self, row: Any) -> Arrived:
        """Reads a fact that was kept waiting; it was readable when it came."""
        texts = json.loads(row.headers)
        return self._with_body(envelope.read(row.stream.encode(), texts, row.body), texts, row.body, row.topic)

    def _with_body(self, found: Envelope, texts: Mapping[str, str], value: bytes, topic: str) -> Arrived:
        read, is_urgent = self._reads.get(found.type), found.name in self._urgent
        if read is None:
            trouble = VersionUnknown() if found.name in self._names else None
            return Arrived(found, texts, value, topic, trouble=trouble, is_urgent=is_urgent)
        try:
            return Arrived(found, texts, value, topic, fact=read(value), is_urgent=is_urgent)
        except Park as trouble:
            return Arrived(found, texts, value, topic, trouble=trouble, is_urgent=is_urgent)
