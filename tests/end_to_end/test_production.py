"""The production shape: each role its own process on PostgreSQL and Kafka; what is away costs nobody's referral.

`shape` (conftest.py) asks for postgres and kafka.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.tables import facts, outbox
from services.matching.store import waits as waits_table
from tests.builders import a_referral
from tests.end_to_end.shape import PATIENCE_SECONDS, ROOT, Answer, Shape, until


def test_roles_apart_carry_a_referral_from_one_service_to_the_other(shape: Shape) -> None:
    web, _ = shape.start("referrals", "web", BEENTHERE_SERVER="gunicorn")
    shape.start("referrals", "relay,listen,tick")
    shape.start("matching", "listen")
    shape.knows_who_comes_in("referrals", "matching")
    made = shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="the first one").body
    at = f"/api/v1/referrals/{made['referral_id']}"
    # Whoever decides waits for a heartbeat; a referral did not.
    assert until(lambda: shape.ask(web, "POST", f"{at}/acknowledgement", who="coordinator").status == 200)
    assert shape.ask(web, "POST", f"{at}/acceptance", who="coordinator").status == 200
    assert [row.referral_id for row in until(lambda: shape.rows("matching", waits_table))] == [made["referral_id"]]
    assert until(lambda: not shape.rows("referrals", outbox))


def test_without_a_broker_every_referral_is_taken_and_sent_when_it_is_back(shape: Shape) -> None:
    _, heard = shape.start("referrals", "listen")
    shape.knows_who_comes_in("referrals")
    heard.stop()
    web, _ = shape.start("referrals", "web", BEENTHERE_KAFKA=shape.nowhere)
    carry, carrier = shape.start("referrals", "relay,listen", BEENTHERE_KAFKA=shape.nowhere)
    for number in range(10):
        assert shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key=f"referral {number}").status == 201
    assert shape.ask(web, "GET", "/ready", who="nobody").status == 200
    waiting = shape.ask(carry, "GET", "/ready", who="nobody")
    assert waiting.status == 503
    assert waiting.body["roles"]["relay"] == {"database": True, "carrier": False}
    stated = len(shape.rows("referrals", facts))
    assert len(shape.rows("referrals", outbox)) == stated > 10
    carrier.stop()
    shape.start("referrals", "relay")
    assert until(lambda: not shape.rows("referrals", outbox))
    assert len(shape.rows("referrals", facts)) == stated


def test_without_a_database_the_answer_is_try_again_and_it_resumes_by_itself(shape: Shape) -> None:
    web, program = shape.start("referrals", "web,relay,listen,tick")
    shape.knows_who_comes_in("referrals")
    assert shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="before the cut").status == 201
    shape.database.cut()
    away = shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="during the cut")
    assert (away.status, away.body["rule"]) == (503, "DatabaseAway")
    assert int(away.headers["Retry-After"]) > 0
    assert shape.ask(web, "GET", "/health", who="nobody").status == 200
    assert shape.ask(web, "GET", "/ready", who="nobody").status == 503
    shape.database.mend()
    assert until(lambda: shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="during the cut").status == 201)
    assert until(lambda: shape.ask(web, "GET", "/ready", who="nobody").status == 200)
    assert until(lambda: not shape.rows("referrals", outbox))
    assert program.process.poll() is None


@pytest.mark.parametrize("server", ["waitress", "gunicorn"])
def test_a_stop_finishes_the_request_in_hand(shape: Shape, server: str) -> None:
    web, program = shape.start("referrals", "web,relay,listen", BEENTHERE_SERVER=server)
    shape.knows_who_comes_in("referrals")
    database = Database(shape.direct_url.replace("{service}", "referrals"))
    answers: list[Answer] = []

    def send() -> None:
        answers.append(shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="in hand when the stop comes"))

    sending = threading.Thread(target=send)
    with database.writing() as connection:
        # The referral cannot be kept until this lock goes: it is in hand when the stop comes.
        connection.exec_driver_sql("LOCK TABLE people IN ACCESS EXCLUSIVE MODE")
        sending.start()
        until(lambda: _waits_for_a_lock(connection))
        program.process.send_signal(signal.SIGTERM)
        assert program.process.poll() is None
    sending.join(PATIENCE_SECONDS)
    database.close()
    assert [answer.status for answer in answers] == [201]
    assert program.process.wait(PATIENCE_SECONDS) == 0


def _waits_for_a_lock(connection: sa.Connection) -> bool:
    return bool(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


def test_a_start_with_faulty_settings_lists_every_fault_and_no_secret(shape: Shape) -> None:
    import subprocess

    faulty = {
        **os.environ, **shape.settings, "BEENTHERE_ORIGIN": "peers.example.org", "BEENTHERE_PORT": "high",
        "BEENTHERE_OIDC_ISSUER": "an issuer", "BEENTHERE_KEYS_URL": "mysql://keys:short-secret@keys",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "services.referrals"], env=faulty, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    for name in ("ORIGIN", "PORT", "OIDC_ISSUER", "KEYS_URL"):
        assert f"BEENTHERE_{name}" in done.stderr
    assert "short-secret" not in done.stderr
    assert "Traceback" not in done.stderr
