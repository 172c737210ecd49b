"""From a fact's class to JSON and back, by the class's own annotations; the chassis names no fact."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from chassis.errors import Misbuilt, Park
from chassis.sealing import is_token


class BodyUnreadable(Park):
    """A fact's body is not what its type promises."""

    says = "The body of this fact does not fit its type."


class FactMisstated(Misbuilt):
    """A fact was about to be stated with a value its class does not allow."""


# Made once: an encoder for each body would cost as much as the body.
_AS_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
# How one value of a body is read; it raises TypeError, ValueError or AttributeError for what it cannot be.
Read = Callable[[Any], Any]


@dataclass(frozen=True)
class FieldShape:
    """One field of a fact: the type it holds, whether it may be None, its sealed class or its codes."""

    name: str
    holds: type
    is_optional: bool
    is_many: bool
    sealed_class: str | None
    codes: tuple[str, ...] | None
    default: Any


@cache
def shape_of(fact: type) -> tuple[FieldShape, ...]:
    """The shape of each field of a fact's class, in order."""
    hints = typing.get_type_hints(fact, include_extras=True)
    return tuple(_field(one.name, hints[one.name], one.default) for one in fields(fact))


def _field(name: str, hint: Any, default: Any) -> FieldShape:
    sealed_class = codes = None
    is_optional = is_many = False
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Annotated:
            for mark in hint.__metadata__:
                sealed_class = getattr(mark, "sealed_class", sealed_class)
                codes = getattr(mark, "codes", codes)
            hint = hint.__origin__
        elif origin in {typing.Union, types.UnionType}:
            inner = [one for one in typing.get_args(hint) if one is not types.NoneType]
            is_optional, hint = True, inner[0]
        elif origin is tuple:
            is_many, hint = True, typing.get_args(hint)[0]
        else:
            break
    if hint not in _READ:
        raise Misbuilt(f"the field {name} holds {hint}, which no fact may carry")
    return FieldShape(name, hint, is_optional, is_many, sealed_class, codes, default)


def body_of(fact: Any) -> bytes:
    """The fact as JSON; refuses (FactMisstated) clear text in a sealed field, an unlisted code, a wrong type."""
    body: dict[str, Any] = {}
    for shape in shape_of(fact.__class__):
        value = getattr(fact, shape.name)
        if value is None and shape.is_optional:
            body[shape.name] = None
        elif shape.is_many:
            body[shape.name] = [_written(shape, one) for one in value]
        else:
            body[shape.name] = _written(shape, value)
    return _AS_JSON(body).encode()


def _written(shape: FieldShape, value: Any) -> Any:
    if type(value) is not shape.holds:
        raise FactMisstated(f"{shape.name} must be {shape.holds.__name__}, not {type(value).__name__}")
    if shape.sealed_class and not is_token(value, shape.sealed_class):
        raise FactMisstated(f"{shape.name} travels sealed in the class {shape.sealed_class}")
    if shape.codes is not None and value not in shape.codes:
        raise FactMisstated(f"{shape.name} takes one of its codes only")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise FactMisstated(f"{shape.name} is a moment without a zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def fact_of(kind: type, body: bytes) -> Any:
    """The fact a body holds; unknown fields are passed over, anything missing or misshapen is BodyUnreadable."""
    return fact_from(kind, body_read(body))


def body_read(body: bytes) -> dict[str, Any]:
    """A body as names and values, not yet held against any class; BodyUnreadable when it is no JSON object."""
    try:
        # As text, because telling the encoding of bytes costs as much as reading them.
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise BodyUnreadable() from None
    if not isinstance(found, dict):
        raise BodyUnreadable()
    return found


def fact_from(kind: type, found: dict[str, Any]) -> Any:
    """The fact that names and values make; BodyUnreadable when any is missing or misshapen."""
    values = {}
    for name, read, default in _readers_of(kind):
        if name in found:
            try:
                values[name] = read(found[name])
            except (TypeError, ValueError, AttributeError):
                raise BodyUnreadable(f"The field {name} cannot be read.") from None
        elif default is MISSING:
            raise BodyUnreadable(f"The field {name} is missing.")
        else:
            values[name] = default
    return kind(**values)


@cache
def _readers_of(kind: type) -> tuple[tuple[str, Read, Any], ...]:
    """Each field's name, how its value is read, and what it is when it is missing; made once per class."""
    return tuple((shape.name, _reader(shape), shape.default) for shape in shape_of(kind))


def _reader(shape: FieldShape) -> Read:
    read = _READ[shape.holds]
    if shape.is_many:
        read = _each(read)
    return _or_none(read) if shape.is_optional else read


def _each(read: Read) -> Read:
    def read_each(value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError
        return tuple(read(one) for one in value)

    return read_each


def _or_none(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _float(value: Any) -> float:
    if type(value) not in {int, float}:
        raise TypeError
    return float(value)


_READ: dict[type, Read] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _float,
    datetime: _moment,
    date: lambda value: date.fromisoformat(value),
}


def sealed_tokens(fact: Any, classes: frozenset[str]) -> list[str]:
    """The sealed texts in a fact that a room with these classes may open."""
    names = _sealed_names(fact.__class__, classes)
    return [value for name in names if isinstance(value := getattr(fact, name), str)] if names else []


@cache
def _sealed_names(kind: type, classes: frozenset[str]) -> tuple[str, ...]:
    return tuple(shape.name for shape in shape_of(kind) if shape.sealed_class in classes)


def classification_of(kind: type) -> str:
    """How sensitive a fact is: `codes` when it carries ids and codes only, else `sealed` with the classes it holds."""
    classes = sorted({shape.sealed_class for shape in shape_of(kind) if shape.sealed_class})
    return "sealed:" + ",".join(classes) if classes else "codes"
