"""The production shape for one test: each role a process of its own on PostgreSQL and Kafka, behind what can be cut."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.tables import pass_keys
from tests.builders import OUR_SERVICE
from tests.end_to_end import coming_in
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
        self.direct_url, keys_url = databases.of("partners", "referrals", "matching"), databases.empty()
        self.settings = {
            "BEENTHERE_DATA": str(self.data),
            "BEENTHERE_DATABASE_URL": self.direct_url.replace(f":{server.port}/", f":{self.database.port}/"),
            "BEENTHERE_KEYS_URL": keys_url,
            "BEENTHERE_TOPIC_PREFIX": topics.prefix,
            "BEENTHERE_KAFKA": topics.bootstrap,
            "BEENTHERE_DEMO": "yes",
            "BEENTHERE_FHIR_SERVICE_IDS": OUR_SERVICE,
            "BEENTHERE_LOG_LEVEL": "warning",
        }
        self.passes: dict[str, str] = {}
        seeded = coming_in.seed(self.data, database_url=self.direct_url, keys_url=keys_url)
        partners, _ = self.start("partners", "web,relay")
        self.passes = {
            "system": coming_in.as_system(partners, seeded),
            "coordinator": coming_in.as_coordinator(partners, seeded),
        }

    def knows_who_comes_in(self, *rooms: str) -> None:
        """Waits until these rooms, of which some process listens, have heard by which key passes are signed."""
        until(lambda: all(self.rows(room, pass_keys) for room in rooms))

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
            return self.ask(port, "GET", "/health", who="nobody").status == 200
        except OSError:
            return False

    def ask(
        self, port: int, method: str, path: str, body: Any = None, *, who: str = "system", key: str = "", **more: str
    ) -> Answer:
        """Asks a service over HTTP; `more` are headers."""
        headers = {"Content-Type": "application/json", **more}
        if who in self.passes:
            headers["Authorization"] = f"Bearer {self.passes[who]}"
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
        """Stops every process, and takes what they kept away."""
        for program in self._programs:
            program.stop()
        self.database.close()
        self.broker.close()
        shutil.rmtree(self.data, ignore_errors=True)


def until(is_so: Callable[[], Any]) -> Any:
    """Waits until something is so, and gives it."""
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := is_so()):
        assert time.monotonic() < ends, "not in time"
        pause.wait(0.05)
    return found
