"""The production shape: each role its own process on PostgreSQL and Kafka; what is away costs nobody's referral."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.access import Principal
from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.tables import facts, outbox
from chassis.web.passes import Passes
from services.matching.store import waits as waits_table
from tests.builders import OUR_SERVICE, SECRET, a_referral
from tests.parts.programs import Program, a_folder, free_port
from tests.parts.proxy import Proxy

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 40


class Answer:
    """What a service answered."""

    def __init__(self, status: int, body: bytes, headers: Any) -> None:
        self.status, self.headers = status, headers
        self.body: Any = json.loads(body) if body else None


class Shape:
    """Services as processes, each on its own database, behind proxies that can be cut."""

    def __init__(self, databases: Any, topics: Any) -> None:
        self.data, self.topics = a_folder("shape"), topics
        self._programs: list[Program] = []
        server, broker_port = databases.server, int(topics.bootstrap.rpartition(":")[2])
        self.database, self.broker = Proxy(server.port), Proxy(broker_port)
        # Kafka names its own address to clients, so the broker is cut off by an address nobody listens on.
        self.nowhere = f"127.0.0.1:{free_port()}"
        self.direct_url = databases.of("referrals", "matching")
        self.settings = {
            "BEENTHERE_DATA": str(self.data),
            "BEENTHERE_DATABASE_URL": self.direct_url.replace(f":{server.port}/", f":{self.database.port}/"),
            "BEENTHERE_KEYS_URL": databases.empty(),
            "BEENTHERE_TOPIC_PREFIX": topics.prefix,
            "BEENTHERE_KAFKA": topics.bootstrap,
            "BEENTHERE_PASS_SECRET": SECRET,
            "BEENTHERE_DEMO": "yes",
            "BEENTHERE_FHIR_SERVICE_IDS": OUR_SERVICE,
            "BEENTHERE_LOG_LEVEL": "warning",
        }
        passes = Passes(SECRET, accepted=True)
        system = Principal("system", "a-partner", "a-partner", frozenset({"system"}))
        coordinator = Principal("account", "a-coordinator", "a-partner", frozenset({"coordinator"}))
        self.passes = {
            "system": passes.mint(system, called=None, until=None),
            "coordinator": passes.mint(coordinator, called=None, until=None),
        }

    def start(self, room: str, roles: str, **settings: str) -> tuple[int, Program]:
        """Starts one service in some roles; gives its port when it is alive."""
        port = free_port()
        given = {**os.environ, **self.settings, **settings, "BEENTHERE_PORT": str(port), "PYTHONPATH": str(ROOT)}
        program = Program([sys.executable, "-m", f"services.{room}", "--roles", roles], a_folder(f"{room}"), more=given)
        self._programs.append(program)
        program.wait_until(lambda: self._is_alive(port))
        return port, program

    def _is_alive(self, port: int) -> bool:
        try:
            return self.ask(port, "GET", "/health").status == 200
        except OSError:
            return False

    def ask(self, port: int, method: str, path: str, body: Any = None, *, who: str = "system", key: str = "") -> Answer:
        """Asks a service over HTTP."""
        headers = {"Authorization": f"Bearer {self.passes[who]}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.read(), refused.headers)

    def rows(self, room: str, table: sa.Table) -> list[Any]:
        """What a service's own database holds."""
        database = Database(self.direct_url.replace("{service}", room))
        try:
            with database.reading(NETWORK) as connection:
                return list(connection.execute(sa.select(table)).all())
        finally:
            database.close()

    def close(self) -> None:
        for program in self._programs:
            program.stop()
        self.database.close()
        self.broker.close()
        shutil.rmtree(self.data, ignore_errors=True)


def until(is_so: Callable[[], Any]) -> Any:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := is_so()):
        assert time.monotonic() < ends, "not in time"
        pause.wait(0.05)
    return found


@pytest.fixture
def shape(postgres: Any, kafka: Any) -> Iterator[Shape]:
    """The referrals and matching rooms' databases and topics, no process yet."""
    kafka.make("home", "partners", "referrals", "matching", "support", "supervision", "reporting")
    made = Shape(postgres, kafka)
    yield made
    made.close()


def test_roles_apart_carry_a_referral_from_one_service_to_the_other(shape: Shape) -> None:
    web, _ = shape.start("referrals", "web", BEENTHERE_SERVER="gunicorn")
    shape.start("referrals", "relay,listen,tick")
    shape.start("matching", "listen")
    made = shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="the first one").body
    at = f"/api/v1/referrals/{made['referral_id']}"
    assert shape.ask(web, "POST", f"{at}/acknowledgement", who="coordinator").status == 200
    assert shape.ask(web, "POST", f"{at}/acceptance", who="coordinator").status == 200
    assert [row.referral_id for row in until(lambda: shape.rows("matching", waits_table))] == [made["referral_id"]]
    assert until(lambda: not shape.rows("referrals", outbox))


def test_without_a_broker_every_referral_is_taken_and_sent_when_it_is_back(shape: Shape) -> None:
    web, _ = shape.start("referrals", "web", BEENTHERE_KAFKA=shape.nowhere)
    carry, carrier = shape.start("referrals", "relay,listen", BEENTHERE_KAFKA=shape.nowhere)
    for number in range(10):
        assert shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key=f"referral {number}").status == 201
    assert shape.ask(web, "GET", "/ready").status == 200
    waiting = shape.ask(carry, "GET", "/ready")
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
    assert shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="before the cut").status == 201
    shape.database.cut()
    away = shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="during the cut")
    assert (away.status, away.body["rule"]) == (503, "DatabaseAway")
    assert int(away.headers["Retry-After"]) > 0
    assert shape.ask(web, "GET", "/health").status == 200
    assert shape.ask(web, "GET", "/ready").status == 503
    shape.database.mend()
    assert until(lambda: shape.ask(web, "POST", "/api/v1/referrals", a_referral(), key="during the cut").status == 201)
    assert until(lambda: shape.ask(web, "GET", "/ready").status == 200)
    assert until(lambda: not shape.rows("referrals", outbox))
    assert program.process.poll() is None


@pytest.mark.parametrize("server", ["waitress", "gunicorn"])
def test_a_stop_finishes_the_request_in_hand(shape: Shape, server: str) -> None:
    web, program = shape.start("referrals", "web,relay", BEENTHERE_SERVER=server)
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
        **os.environ, **shape.settings, "BEENTHERE_PASS_SECRET": "short secret", "BEENTHERE_PORT": "high",
        "BEENTHERE_OIDC_ISSUER": "an issuer", "BEENTHERE_KEYS_URL": "mysql://keys", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "services.referrals"], env=faulty, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    for name in ("PASS_SECRET", "PORT", "OIDC_ISSUER", "KEYS_URL"):
        assert f"BEENTHERE_{name}" in done.stderr
    assert "short secret" not in done.stderr
    assert "Traceback" not in done.stderr
