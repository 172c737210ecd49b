"""What runs beside the roles of this room when partners have topics: their letters, and the ear for who may come in."""

from __future__ import annotations

import threading
from pathlib import Path

from chassis.serve import Runner, share
from chassis.watch import Listening
from services.referrals.app import create
from services.referrals.partner_topic.inbound import Inbound
from services.referrals.partner_topic.outbound import Outbound
from tests.builders import a_settings


def test_partners_topics_take_nothing_away_that_the_room_listens_for(tmp_path: Path) -> None:
    # Nothing is asked of the broker before a role runs.
    settings = a_settings(tmp_path, kafka="127.0.0.1:1", topic_prefix="none.")
    shared = share(settings)
    service = create(settings, shared)
    beside = {role: [type(one) for one in runs] for role, runs in service.beside.items()}
    threads = {role: len(Runner(service, (role,), threading.Event())._threads) for role in ("web", "relay", "listen")}
    service.close()
    shared.keys.database.close()
    assert beside == {"web": [Listening], "listen": [Inbound], "relay": [Outbound]}
    assert threads == {"web": 1, "listen": 2, "relay": 2}
