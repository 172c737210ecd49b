"""Cases that Schemathesis makes of what each room's OpenAPI document says: data that fits it, and data that does not.

In process and without a transport of its own: it makes the data, the pair of houses is asked. It finds what the
document lets through and the code does not; deep nesting and lone surrogates it never makes (the corpus does).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from tests.fuzz.doors import Door
from tests.fuzz.world import World

_CALM = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=False,
)  # fmt: skip
BATCH = 25


def operations(world: World, doors: list[Door]) -> list[tuple[Door, Any]]:
    """The doors that a document describes with a body, each with what Schemathesis knows of it."""
    by_path = {(door.method, _template(door.rule)): door for door in doors}
    found = []
    for room in world.house.services:
        document = world.as_nobody().api("GET", f"/openapi/{room}.json").get_json()
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr]
            door = by_path.get((operation.method.upper(), operation.path))
            if door and door.reads:
                found.append((door, operation))
    return found


def _template(rule: str) -> str:
    parts = [part.rpartition(":")[2].strip("<>") for part in rule.split("/")]
    marked = [
        f"{{{name}}}" if part.startswith("<") else name for part, name in zip(rule.split("/"), parts, strict=True)
    ]
    return "/".join(marked)


def draw(operation: Any, count: int, number: int, *, is_good: bool) -> Iterator[tuple[str, bytes]]:
    """Draws up to `count` bodies, each with its media type; the same number draws the same again."""
    mode = GenerationMode.POSITIVE if is_good else GenerationMode.NEGATIVE
    drawn: list[Any] = []

    @seed(number)
    @settings(_CALM, max_examples=count)
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        drawn.append((case.media_type or "", case.body))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    for media_type, body in drawn:
        yield media_type, _encoded(body)


def _encoded(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if type(body).__name__ == "NotSet":
        return b""
    return json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
