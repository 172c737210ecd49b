"""What the referrals room counts of itself, for whoever runs it."""

from __future__ import annotations

from typing import Any

from chassis.database import DatabaseAway
from services.referrals import telemetry


def metric(room: Any, name: str) -> list[str]:
    """The samples of one metric, as whoever runs the service reads them without signing in."""
    text = room.as_nobody().api("GET", "/ops/referrals/metrics").get_data(as_text=True)
    return [line for line in text.splitlines() if line.startswith(name)]


def test_referrals_are_counted_by_state_over_the_whole_network(room: Any) -> None:
    assert metric(room, telemetry.REFERRALS) == []
    room.received()
    room.received()
    room.acknowledged()
    assert metric(room, telemetry.REFERRALS) == [
        f'{telemetry.REFERRALS}{{state="acknowledged"}} 1.0',
        f'{telemetry.REFERRALS}{{state="received"}} 2.0',
    ]


def test_how_late_the_latest_answer_is_can_be_alarmed_on(room: Any) -> None:
    assert metric(room, telemetry.LATE_SECONDS) == [f"{telemetry.LATE_SECONDS} 0.0"]
    room.received()
    room.clock.advance(days=2)
    assert metric(room, telemetry.LATE_SECONDS) == [f"{telemetry.LATE_SECONDS} 0.0"]
    room.acknowledged()  # decided by Wednesday 11 March
    room.clock.advance(hours=2)
    assert metric(room, telemetry.LATE_SECONDS) == [f"{telemetry.LATE_SECONDS} 7200.0"]


def test_without_its_database_there_is_no_sample_rather_than_a_wrong_one(room: Any, monkeypatch: Any) -> None:
    def away(*_given: Any) -> Any:
        raise DatabaseAway()

    monkeypatch.setattr(room["referrals"].database, "reading", away)
    assert metric(room, telemetry.REFERRALS) == metric(room, telemetry.LATE_SECONDS) == []
