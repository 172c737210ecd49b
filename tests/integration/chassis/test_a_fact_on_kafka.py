"""A fact goes round in the production shape: stated in one room's PostgreSQL, carried by Kafka, applied in another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.access import service_scope
from chassis.clock import HandClock
from chassis.ids import SeededIds
from chassis.serve import share
from chassis.service import Service
from contracts.partners import PartnerJoined
from services.partners.app import create as partners
from services.referrals import store
from services.referrals.app import create as referrals
from tests.builders import MORNING, a_settings
from tests.parts.kafka import Topics
from tests.parts.postgres import Databases

# Seconds a fact may take on a busy machine; the first has a group to form.
PATIENCE = 30


@pytest.fixture
def rooms(kafka: Topics, postgres: Databases, tmp_path: Path) -> Iterator[dict[str, Service]]:
    """Two rooms, each with its own database, on one broker."""
    settings = replace(
        a_settings(tmp_path), kafka=kafka.bootstrap, topic_prefix=kafka.prefix,
        database_url=postgres.of("partners", "referrals"), keys_url=postgres.empty(),
    )  # fmt: skip
    kafka.make("home", "partners", "referrals", "matching", "support", "supervision", "reporting")
    shared = share(settings, clock=HandClock(MORNING), ids=SeededIds(3))
    made = {"partners": partners(settings, shared), "referrals": referrals(settings, shared)}
    yield made
    for service in made.values():
        service.close()
    shared.bus.close()
    shared.keys.database.close()


def partner_name(service: Service, partner_id: str) -> str | None:
    with service.reading() as unit:
        return store.partner_names(service_scope("referrals"), unit).get(partner_id)


def carry_until(rooms: dict[str, Service], seen: Any) -> Any:
    """Lets both rooms send and listen until `seen` gives something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        rooms["partners"].relay.sweep()
        listener = rooms["referrals"].listener
        assert listener is not None
        listener.step(0.2)
        if found := seen():
            return found
    return None


def test_a_fact_stated_in_one_room_is_applied_in_another(rooms: dict[str, Service]) -> None:
    fact = PartnerJoined(
        partner_id="p-1", code="kindred", name="Kindred Voices", kind="voluntary", area="north",
        joined_on=MORNING.date(),
    )  # fmt: skip
    with rooms["partners"].writing() as unit:
        unit.state("partners/partner/p-1", fact)
    assert partner_name(rooms["referrals"], "p-1") is None
    assert carry_until(rooms, lambda: partner_name(rooms["referrals"], "p-1")) == "Kindred Voices"
