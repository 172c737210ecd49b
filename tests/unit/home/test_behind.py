"""How far behind a room is, in words that say no more than is known."""

from __future__ import annotations

import pytest

from chassis.events.lag import Lag
from services.home.schemas import rooms_behind


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "not behind"), (3, "not behind"), (4, "about 4 seconds"), (60, "about 1 minute"), (7_300, "about 2 hours"),
     (90_000, "about 1 day")],
)  # fmt: skip
def test_a_span_is_told_in_its_largest_unit(seconds: float, words: str) -> None:
    lag = Lag("partners", None, 2, seconds)
    (line,) = rooms_behind({"home": [lag]}, ["home"])
    assert (line.unread, line.kept, line.since) == ("not counted here", "2", words)


def test_what_nobody_can_know_is_not_said() -> None:
    never = [Lag("partners", 4, 0, None), Lag("matching", 0, 0, 0.0)]
    (line,) = rooms_behind({"home": never}, ["home"])
    assert (line.unread, line.since) == ("4", "not known yet")
    assert rooms_behind({"home": never}, ["home"], ["matching"])[0].since == "not behind"
