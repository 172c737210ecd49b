"""What the matching room counts of itself, for whoever runs it."""

from __future__ import annotations

from typing import Any

from services.matching import telemetry


def test_people_are_counted_by_step_whoever_asks(room: Any) -> None:
    room.a_person("One")
    room.offer(room.a_person("Two"), room.a_peer())
    text = room.as_nobody().api("GET", "/ops/matching/metrics").get_data(as_text=True)
    assert [line for line in text.splitlines() if line.startswith(telemetry.PEOPLE)] == [
        f'{telemetry.PEOPLE}{{step="offered"}} 1.0',
        f'{telemetry.PEOPLE}{{step="waiting"}} 1.0',
    ]
