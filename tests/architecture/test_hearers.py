"""The table of who hears what says what each room really does."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from contracts.addresses import PURPOSES, SERVICES
from contracts.fact import CATALOGUE, is_superseded
from contracts.hearers import EVERY_FACT, HEARS

ROOT = Path(__file__).parents[2]
BUILT = [room for room in SERVICES if (ROOT / "services" / room / "app.py").is_file()]


@pytest.mark.parametrize("room", BUILT)
def test_a_room_hears_what_the_table_says(room: str) -> None:
    heard = importlib.import_module(f"services.{room}.reactions").REACTIONS
    names = sorted(kind.__name__ for kind in heard)
    assert names == sorted(kind.__name__ for kind in HEARS.get(room, ()))


def test_the_table_knows_every_fact_and_every_room_has_a_purpose() -> None:
    assert set(EVERY_FACT) == {kind for type_, kind in CATALOGUE.items() if not is_superseded(type_)}
    assert set(PURPOSES) == set(SERVICES)
    assert set(HEARS) <= set(SERVICES)
