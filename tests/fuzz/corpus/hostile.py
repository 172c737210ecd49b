"""What one hostile body is: its bytes, its content type and headers, and the answers a door that reads it may give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Stands in nearly every hostile value, name and header: no answer may repeat it (docs/decisions/0028-fuzzing.md).
CANARY = "Kanarienvogel"
# A body that some doors take and others refuse; whatever they say, both databases must say the same.
EITHER: frozenset[int] = frozenset()
UNREADABLE = frozenset({400})
WRONG_KIND = frozenset({415})
TOO_LARGE = frozenset({413})
# Read and found wanting; 409 where the state of things is looked at first, 404 where what it names is not there.
REFUSED = frozenset({400, 404, 409, 422})


@dataclass(frozen=True)
class Hostile:
    """One body, made when it is asked for; `kind` is its content type and None stands for the door's own.

    `must` holds the answers a door that reads bodies may give; empty where it depends on the door. `length` and
    `is_chunked` say how its size is told. `family` is the name without the place where it stands.
    """

    name: str
    make: Callable[[], bytes]
    family: str = ""
    kind: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    must: frozenset[int] = EITHER
    length: str | None = None
    is_chunked: bool = False
    # Large enough to take its time: sent to fewer doors in a short run.
    is_heavy: bool = False


# Makes a body of the good one that a door takes.
Made = Callable[[Any], bytes]
HEAVY_BYTES = 60_000
_HERE = "@@here@@"


def always(body: bytes) -> Callable[[], bytes]:
    """A body that is the same whatever the door."""
    return lambda: body


def as_json(value: Any) -> bytes:
    """JSON as an ordinary sender writes it."""
    return json.dumps(value, ensure_ascii=False).encode()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a JSON value, itself first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from places(one, (*path, name))


def with_piece(value: Any, path: tuple[Any, ...], piece: bytes) -> bytes:
    """A JSON value in which a piece of text, JSON or not, stands at one place."""
    return as_json(_put(value, path, _HERE)).replace(f'"{_HERE}"'.encode(), piece)


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    name, *rest = path
    if isinstance(value, dict):
        return {**value, name: _put(value[name], tuple(rest), new)}
    return [_put(one, tuple(rest), new) if index == name else one for index, one in enumerate(value)]


def dotted(path: tuple[Any, ...]) -> str:
    """A place in words."""
    return ".".join(map(str, path)) or "the whole"
