"""The envelope of a fact: CloudEvents 1.0 in binary mode, JSON value, key = stream, flat extensions of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chassis.errors import Park

Headers = list[tuple[str, bytes]]
# The kind of brake that says of a human being that they are forgotten: they are there for nobody, for good.
FORGOTTEN = "forgotten"
_ASIDE = {"content-type"}
# What is kept of it in columns of their own, or goes on into what is stated because of it.
_KEPT = {
    "ce_id", "ce_type", "ce_subject", "ce_correlationid", "ce_causationid", "ce_traceparent", "ce_brake",
    "ce_brakesubject", "ce_dataclassification",
}  # fmt: skip
# The largest number a database keeps, and the longest name; a longer one would not fit an index.
_MOST, _LONGEST = 2**63 - 1, 400


class EnvelopeUnreadable(Park):
    """What arrived is no fact of ours."""

    says = "What arrived cannot be read as a fact."


class EmptyFact(EnvelopeUnreadable):
    """An empty value, which would erase a stream on a compacted topic, is never a fact (events.md, Topics)."""

    says = "What arrived is empty."


@dataclass(frozen=True)
class Place:
    """A number on a stream, written `stream@number`."""

    stream: str
    number: int

    def __str__(self) -> str:
        return f"{self.stream}@{self.number}"

    @staticmethod
    def of(text: str) -> Place:
        """Reads a place; refuses (EnvelopeUnreadable) what is none."""
        stream, _, number = text.rpartition("@")
        if not stream or "\x00" in stream or len(stream) > _LONGEST:
            raise EnvelopeUnreadable()
        return Place(stream, _number(number))


@dataclass(frozen=True)
class BrakeMark:
    """That a fact restricts (or, in its turn, lifts) at once, readable without knowing its type."""

    kind: str
    subject: str
    lifts: bool


class Envelope(NamedTuple):
    """What is known of a fact without reading its body."""

    id: str
    type: str
    stream: str
    number: int
    stated_at: datetime
    subject: str
    correlation_id: str
    causation_id: str | None
    traceparent: str
    classification: str
    requires: tuple[Place, ...] = ()
    brake: BrakeMark | None = None

    @property
    def owner(self) -> str:
        """The room that stated it."""
        return self.stream.partition("/")[0]

    @property
    def before(self) -> Place | None:
        """The place before it in its stream; None for the first, which waits for nothing."""
        return Place(self.stream, self.number - 1) if self.number > 1 else None

    @property
    def name(self) -> str:
        """The type without its version."""
        return self.type.rpartition(".v")[0]


def header_texts(envelope: Envelope) -> dict[str, str]:
    """The envelope as headers, in a fixed order; those that do not apply are left out."""
    texts = {
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_source": f"/{envelope.owner}",
        "ce_type": envelope.type,
        "ce_time": envelope.stated_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": envelope.subject,
        "ce_streamseq": str(envelope.number),
        "ce_correlationid": envelope.correlation_id,
        "ce_traceparent": envelope.traceparent,
        "ce_dataclassification": envelope.classification,
        "content-type": "application/json",
    }
    if envelope.causation_id:
        texts["ce_causationid"] = envelope.causation_id
    if envelope.requires:
        texts["ce_requires"] = " ".join(str(place) for place in envelope.requires)
    if envelope.brake:
        texts["ce_brake"] = envelope.brake.kind
        texts["ce_brakesubject"] = envelope.brake.subject
        if envelope.brake.lifts:
            texts["ce_brakelifts"] = "true"
    return texts


def as_bytes(texts: Mapping[str, str]) -> Headers:
    """Headers as a carrier takes them."""
    return [(name, text.encode()) for name, text in texts.items()]


def as_texts(headers: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Headers of ours as text; others and what is not text are passed over."""
    try:
        return {name: value.decode() for name, value in headers if name[:3] == "ce_" or name in _ASIDE}
    except (UnicodeDecodeError, AttributeError):
        ours = [(name, _text(value)) for name, value in headers if name[:3] == "ce_" or name in _ASIDE]
        return {name: text for name, text in ours if text is not None}


def _text(value: bytes | None) -> str | None:
    try:
        return (value or b"").decode()
    except UnicodeDecodeError:
        return None


def read(key: bytes | None, texts: Mapping[str, str], value: bytes | None) -> Envelope:
    """Reads the envelope of what arrived; refuses an empty value, and anything that is not a fact of ours."""
    if not value:
        raise EmptyFact()
    try:
        return _read(_stream(key), texts)
    except (KeyError, ValueError, UnicodeDecodeError, OverflowError):
        raise EnvelopeUnreadable() from None


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= _MOST:
        raise EnvelopeUnreadable()
    return number


def _stream(key: bytes | None) -> str:
    stream = (key or b"").decode()
    if stream.count("/") < 2 or "\x00" in stream or len(stream) > _LONGEST:
        raise EnvelopeUnreadable()
    return stream


def _can_be_kept(texts: Mapping[str, str]) -> bool:
    """Whether a database keeps all of it; what it does not keep would hold up all that comes with it."""
    together = "".join(texts.values())
    if len(together) <= _LONGEST and "\x00" not in together:
        return True
    return not any("\x00" in text or len(text) > _LONGEST for name, text in texts.items() if name in _KEPT)


def _read(stream: str, texts: Mapping[str, str]) -> Envelope:
    number = _number(texts["ce_streamseq"])
    if texts["ce_specversion"] != "1.0" or number < 1 or not texts["ce_id"] or ".v" not in texts["ce_type"]:
        raise EnvelopeUnreadable()
    if not _can_be_kept(texts):
        raise EnvelopeUnreadable()
    stated_at = datetime.fromisoformat(texts["ce_time"])
    if stated_at.tzinfo is None:
        raise EnvelopeUnreadable()
    stated_at = stated_at.astimezone(UTC)
    return Envelope(
        id=texts["ce_id"],
        type=texts["ce_type"],
        stream=stream,
        number=number,
        stated_at=stated_at,
        subject=texts.get("ce_subject", ""),
        correlation_id=texts.get("ce_correlationid") or texts["ce_id"],
        causation_id=texts.get("ce_causationid"),
        traceparent=texts.get("ce_traceparent", ""),
        classification=texts.get("ce_dataclassification", ""),
        requires=tuple(Place.of(text) for text in texts.get("ce_requires", "").split()),
        brake=_brake(texts),
    )


def _brake(texts: Mapping[str, Any]) -> BrakeMark | None:
    if "ce_brake" not in texts:
        return None
    return BrakeMark(texts["ce_brake"], texts["ce_brakesubject"], texts.get("ce_brakelifts") == "true")
