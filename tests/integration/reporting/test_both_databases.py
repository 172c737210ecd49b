"""The same journeys give the same report on SQLite and on PostgreSQL, drawn more than once and frozen once."""

from __future__ import annotations

from typing import Any

import pytest


def lived(room: Any) -> dict[str, Any]:
    """Some weeks of the network; gives the reports of its month and year."""
    room.at_once = True
    told = [room.a_referral(area) for area in ("north", "east", "north") for _ in range(9)]
    room.later(days=1)
    for one in told[:20]:
        room.acknowledged(one)
    room.later(days=8)
    for one in told[:12]:
        room.agreed(one)
        room.supported(one)
    room.tick()
    room.later(days=2)
    for one in told[:12]:
        room.a_contact(one)
    for one in told[12:]:
        room.declined(one)
    for _ in range(5):
        room.a_worry(2)
    room.tick()
    room.later(days=40)
    room.tick()
    room.tick()
    reports = {period_id: room.report(period_id) for period_id in ("2026-03", "2026", "2026-04")}
    for report in reports.values():
        report.pop("report_id")
    return reports


@pytest.fixture
def on_sqlite(room: Any) -> dict[str, Any]:
    return lived(room)


def test_a_report_is_the_same_on_both_databases(on_sqlite: dict[str, Any], room_on_postgres: Any) -> None:
    assert on_sqlite["2026-03"]["state"] == "published"
    assert lived(room_on_postgres) == on_sqlite
