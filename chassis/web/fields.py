"""Marshmallow fields with the network's manners: text is trimmed, bounded and whole; refusals say what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

# Such a name may hold anything, so it is told by its place alone and never repeated.
UNKNOWN_NAME = "A name in here is not known. Take it out, or check its spelling."


class Strict(Schema):
    """A schema that refuses names it does not know, in plain words."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_NAME}


class Words(fields.String):
    """Text of `least` to `most` characters after trimming.

    Refused are control characters but line breaks, and marks that make what follows read in another order.
    """

    def __init__(self, *, most: int, least: int = 0, lines: bool = False, **rest: Any) -> None:
        rest.setdefault("error_messages", {}).setdefault("required", "Fill this in.")
        super().__init__(**rest)
        self._least, self._most, self._lines = least, most, lines
        # Kept as a validator too, so that the OpenAPI document says the same.
        self.validators.append(validate.Length(max=most, error=f"Use {most} characters or fewer."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **rest)).replace("\r\n", "\n").replace("\r", "\n").strip()
        allowed = "\n\t" if self._lines else ""
        if any((ord(c) < 32 and c not in allowed) or _is_no_text(ord(c)) for c in text):
            raise ValidationError("This holds characters that are not text. Type it again.")
        if len(text) < self._least:
            raise ValidationError("Fill this in." if self._least == 1 else f"Use {self._least} characters or more.")
        return text


def _is_no_text(code: int) -> bool:
    """Control characters, halves of a character, and marks that make what follows read in another order (UAX #9)."""
    turns = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return 127 <= code < 160 or 0xD800 <= code < 0xE000 or turns


class OneOf(fields.String):
    """One code of a closed list."""

    def __init__(self, codes: Iterable[str], **rest: Any) -> None:
        rest.setdefault("error_messages", {}).setdefault("required", "Choose one.")
        super().__init__(**rest)
        self.codes = tuple(codes)
        self.validators.append(validate.OneOf(self.codes, error="Choose one of the answers."))


class SomeOf(fields.List[Any]):
    """Some codes of a closed list, each once, in the order given; a single text stands for a list of one."""

    def __init__(self, codes: Iterable[str], *, most: int = 50, **rest: Any) -> None:
        super().__init__(OneOf(codes), **rest)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> list[Any]:
        if value in ("", None):
            value = []
        chosen = super()._deserialize([value] if isinstance(value, str) else value, attr, data, **rest)
        if len(set(chosen)) != len(chosen):
            raise ValidationError("The same answer stands twice. Choose it once.")
        if len(chosen) > self._most:
            raise ValidationError(f"Choose {self._most} or fewer.")
        return chosen


class Day(fields.Date):
    """A date, `YYYY-MM-DD`, of the years 1900 to 2100."""

    default_error_messages = {"invalid": "Enter a real date, such as 27 3 1985.", "required": "Enter a date."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> date:
        day = super()._deserialize(value, attr, data, **rest)
        if not 1900 <= day.year <= 2100:
            raise ValidationError("Enter a date with a year between 1900 and 2100.")
        return day


class Moment(fields.AwareDateTime):
    """A moment with its zone, kept as UTC, of the years 1900 to 2100."""

    default_error_messages = {"invalid": "Enter a date and time with its zone, such as 2026-11-24T14:30:00Z."}

    def __init__(self, **rest: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **rest)
        if not 1900 <= moment.year <= 2100:
            raise ValidationError("Enter a date with a year between 1900 and 2100.")
        return moment.astimezone(UTC)


class Tick(fields.Boolean):
    """A tick box: ticked, not ticked, or left out."""

    default_error_messages = {"invalid": "Answer yes or no."}


class OpaqueId(fields.UUID):
    """An id of this network, given back as text."""

    default_error_messages = {"invalid_uuid": "This is not an id of this network.", "required": "Choose one."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **rest))
