"""The embedded log has one writer at a time: whoever publishes at once is kept one after the other, none twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.events.bus import Message, Record
from chassis.events.bus.embedded import EmbeddedBus

WRITERS, EACH = 8, 25


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns as often as they can, so that whoever may overtake does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_eight_who_publish_at_once_are_all_kept_each_in_a_place_of_its_own(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "log.sqlite", relaxed=True)
    bus.make_topics(["partners"], 1)

    def publish(writer: int) -> list[Record]:
        of_it = [
            Message(f"partners/partner/{writer}", [("ce_id", str(number).encode())], b"{}") for number in range(EACH)
        ]
        return [kept for one in of_it for kept in bus.append("partners", [one])]

    with ThreadPoolExecutor(WRITERS) as many:
        made = [record for records in many.map(publish, range(WRITERS)) for record in records]
    assert sorted(record.place for record in made) == list(range(WRITERS * EACH))
    kept = bus.read([("partners", 0, 0, made[0].topic_id)], WRITERS * EACH)
    assert [record.place for record in kept] == list(range(WRITERS * EACH))
    bus.close()
