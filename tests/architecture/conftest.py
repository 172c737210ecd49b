"""What the tests of the house's own rules look at: its files, and the whole house opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import TestHouse, a_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestHouse]:
    """Every room, embedded, with nothing in it yet."""
    made = a_house(tmp_path_factory.mktemp("house"))
    yield made
    made.close()
