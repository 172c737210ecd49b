"""Every crash point the code passes is named in one list, and every name on the list is passed somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from chassis import crashpoints

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r"\bhit\(([^)]*)\)")
NAME = re.compile(r'"([a-z]+\.[a-z_]+)"')
LISTED = {*crashpoints.EVERYWHERE, *crashpoints.EMBEDDED, *crashpoints.KAFKA, *crashpoints.KEYS}


def passed() -> dict[str, str]:
    found = {}
    for path in sorted((ROOT / "chassis").rglob("*.py")):
        for call in CALL.findall(path.read_text()):
            found.update(
                dict.fromkeys(
                    NAME.findall(call),
                    path.relative_to(ROOT / "chassis" / "events").as_posix()
                    if path.is_relative_to(ROOT / "chassis" / "events")
                    else path.name,
                )
            )
    return found


def test_the_points_that_are_passed_are_the_points_that_are_listed() -> None:
    found = passed()
    assert len(found) > 40
    assert set(found) == LISTED


def test_a_point_of_one_carrier_lies_in_that_carrier() -> None:
    places = passed()
    assert {places[name] for name in crashpoints.EMBEDDED} == {"bus/embedded/__init__.py"}
    assert {places[name] for name in crashpoints.KAFKA} == {"bus/kafka/publishing.py"}


def test_passing_a_point_does_nothing_until_it_is_armed() -> None:
    met: list[str] = []
    crashpoints.hit("relay.before_take")
    crashpoints.arm(met.append)
    try:
        crashpoints.hit("relay.after_take")
    finally:
        crashpoints.arm(None)
    crashpoints.hit("relay.before_take")
    assert met == ["relay.after_take"]
