"""The broker on paper: the topology file agrees with what the rooms hear."""

from __future__ import annotations

import re

import pytest

from chassis.events.topology.written import read
from contracts.addresses import SERVICES
from tests.architecture.the_code import ROOT
from tests.builders import TestHouse

FILE = ROOT / "deploy" / "kafka" / "topology.toml"
WRITTEN = read(FILE, "single")


def test_there_is_a_topic_for_each_room_and_no_other() -> None:
    assert set(WRITTEN.shape().topics) == set(SERVICES)


def reads(room: str) -> set[str]:
    """The topics a room may read by the file, its own left out."""
    accesses = WRITTEN.shape().accesses
    found = {a.name for a in accesses if (a.user, a.operation, a.kind) == (f"service.{room}", "READ", "TOPIC")}
    return found - {room}


@pytest.mark.parametrize("room", SERVICES)
def test_a_room_may_read_the_topics_of_the_rooms_it_hears_and_no_others(house: TestHouse, room: str) -> None:
    assert reads(room) == set(house[room].parts.topics())


def test_no_partner_is_at_the_broker_before_a_region_says_so_and_no_password_stands_in_the_file() -> None:
    assert WRITTEN.data["partners"]["codes"] == []
    words = re.sub(r"#.*", "", FILE.read_text())
    assert not re.search(r"secret|password\s*=|token", words)
