"""Reads JSON the strict way, the same in front of both databases: what one of them would choke on is refused here."""

from __future__ import annotations

import json
import math
from typing import Any

from chassis.errors import Malformed

# Sizes no honest message comes near (sources.md, Hostile JSON); the deepest FHIR sample nests 14 levels.
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
_MAX_DIGITS = 400
# Names and values in all; the largest FHIR sample holds 1,617.
MAX_VALUES = 10_000


class NotStrictJson(Malformed):
    """The body is not JSON this network reads."""


def read(body: bytes) -> Any:
    """Gives the value in `body`; refuses wrong UTF-8, doubled names, NaN, NUL, lone surrogates, depth, huge numbers."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrictJson("The body is not UTF-8 text. Send it as UTF-8.") from None
    if text.startswith("\ufeff"):
        raise NotStrictJson("The body begins with a byte order mark. Send it without one.")
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_constant, parse_float=_number, parse_int=_integer
        )
    except json.JSONDecodeError as fault:
        raise NotStrictJson(
            f"The body is not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}."
        ) from None
    except RecursionError:
        raise NotStrictJson(f"The body nests deeper than {MAX_DEPTH} levels.") from None
    _check_text(value)
    return value


def _check_depth(text: str) -> None:
    depth, in_text, escaped = 0, False, False
    for character in text:
        if in_text:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_text = False
        elif character == '"':
            in_text = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotStrictJson(f"The body nests deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictJson("A name stands twice in one object. Send each name once.")
    return found


def _constant(word: str) -> Any:
    raise NotStrictJson(f"{word} is not a number JSON knows.")


def _number(text: str) -> float:
    if len(text) > _MAX_DIGITS or not math.isfinite(float(text)):
        raise NotStrictJson("A number is too large.")
    return float(text)


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS or abs(int(text)) > MAX_INTEGER:
        raise NotStrictJson(f"A whole number is beyond {MAX_INTEGER}.")
    return int(text)


def _check_text(value: Any) -> None:
    todo, seen = [value], 0
    while todo:
        item = todo.pop()
        seen += 1
        if seen + len(todo) > MAX_VALUES:
            raise NotStrictJson(f"The body holds more than {MAX_VALUES} names and values.")
        if isinstance(item, str):
            refuse_odd_text(item)
        elif isinstance(item, dict):
            todo += item.keys()
            todo += item.values()
        elif isinstance(item, list):
            todo += item


def refuse_odd_text(text: str) -> None:
    """Refuses text that holds NUL or half a surrogate pair, which the databases treat differently."""
    if "\x00" in text:
        raise NotStrictJson("A text holds the character NUL. Take it out.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise NotStrictJson("A text holds half of a character (a lone surrogate). Send whole characters.")
