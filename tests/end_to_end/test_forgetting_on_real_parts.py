"""On PostgreSQL and Kafka: no file of theirs holds a word of whoever came by a partner's message and was forgotten."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.tables import outbox
from tests.builders import forget_person
from tests.end_to_end.conftest import Network
from tests.end_to_end.one_person import CANARY, CONTROL, REFERRED, SAFETY_NOTE, TEXTS, by_events, the_referral
from tests.parts.kafka import Kafka
from tests.parts.postgres import Postgres
from tests.parts.scanning import found_in

WORDS = [REFERRED["name"], REFERRED["called"], REFERRED["email"], REFERRED["nhs_number"], SAFETY_NOTE, *TEXTS.values()]


def written_since(folder: Path, began: float) -> dict[str, bytes]:
    """The files of a server that were written in a test, its log of changes and its segments among them."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_mtime >= began)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("network", ["kafka"], indirect=True)
def test_whoever_is_forgotten_stands_in_no_file_of_the_servers(
    told: io.StringIO, network: Network, postgres_server: Postgres, kafka_broker: Kafka
) -> None:
    if kafka_broker.folder is None:
        pytest.skip("the files of a broker that was given are not ours to read")
    began = time.time() - 1
    network._partner("control", CONTROL, "voluntary", None)
    referral_id = by_events(network, the_referral(network.ids.new()))
    network.post("coordinator", f"/api/v1/referrals/{referral_id}/acknowledgement")
    person_id = network.post("coordinator", f"/api/v1/referrals/{referral_id}/acceptance")["person_id"]
    network.until(lambda: network.get("coordinator", "/api/v1/matches/waiting"), "the wait for a peer")
    seen = network.page("coordinator", f"/referrals/{referral_id}")
    assert [word for word in WORDS if word in seen] != []
    network.until(lambda: not _unsent(network), "all sent")
    before = written_since(postgres_server.written_files(), began)
    # What is looked for is found: an organisation's name in both, in one also what the sender called its message.
    assert set(found_in(before, [CONTROL])) != set()
    assert {name.split("/")[0] for name in found_in(before, [CANARY])} >= {"base"}
    officer = network.as_("privacy_officer")
    assert forget_person(officer, network.as_("network_lead"), person_id) == 204
    network.until(lambda: not network.get("coordinator", "/api/v1/matches/waiting"), "gone from matching")
    network.house.tick()
    network.until(lambda: not _unsent(network), "all sent")
    kept = written_since(kafka_broker.folder, began)
    assert set(found_in(kept, [CONTROL])) != set()
    assert found_in(kept, [CANARY, *WORDS]) == {}
    assert found_in(written_since(postgres_server.written_files(), began), WORDS) == {}
    metrics = network.as_nobody().api("GET", "/metrics").data
    assert found_in({"log": told.getvalue().encode(), "metrics": metrics}, WORDS) == {}


def _unsent(network: Network) -> bool:
    for service in network.house.services.values():
        with service.reading() as unit:
            if unit.connection.execute(sa.select(outbox.c.id).limit(1)).first():
                return True
    return False
