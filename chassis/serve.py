"""Runs a service in some of its roles, or several services in one process, and stops without dropping work in hand."""

from __future__ import annotations

import argparse
import gc
import inspect
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from waitress.server import create_server

from chassis import logs
from chassis.clock import Clock, SystemClock
from chassis.database import Database
from chassis.errors import Misbuilt, Retry, Trouble
from chassis.events.backoff import Backoff
from chassis.events.bus import Bus
from chassis.ids import RandomIds
from chassis.keys import Keys
from chassis.ledger import Ledger
from chassis.master import FileMaster, MasterKey, MovedMaster
from chassis.migrate import bring_up
from chassis.parts import Shared
from chassis.service import Service
from chassis.settings import ROLES, Settings, SettingsFaulty, read, secret_from
from chassis.transit import TransitMaster
from chassis.web.waiting import WEB_THREADS

Create = Callable[[Settings, Shared], Service]
# Seconds between two looks at the clocks, and the longest a carrier sleeps when nothing wakes it.
TICK_SECONDS = 15
IDLE_SECONDS = 1.0
# Seconds a request in hand may take after the stop was asked for.
DRAIN_SECONDS = 20
# Objects made since the last look, young ones looked through since the older, those since all (Python: 700, 10, 10).
_COLLECTED_AFTER = (50_000, 20, 50)


def make_bus(settings: Settings) -> Bus:
    """The carrier the settings ask for: Kafka when a broker is named, else the embedded log in the data folder."""
    if settings.kafka:
        from chassis.events.bus.kafka import KafkaBus
        from chassis.events.bus.kafka.signing_in import SignIn

        authority = str(settings.kafka_ca or "")
        return KafkaBus(settings.kafka, sign_in=SignIn(settings.kafka_user, settings.kafka_password, authority))
    from chassis.events.bus.embedded import EmbeddedBus

    return EmbeddedBus(settings.data / "log.sqlite", relaxed=settings.relaxed)


def share(settings: Settings, *, bus: Bus | None = None, **handed: Any) -> Shared:
    """Makes what services share; a secret that is not set is made and kept in the data folder."""
    clock = handed.pop("clock", None) or SystemClock()
    keys = key_store(settings, clock)
    keys.prepare()
    if "ids" not in handed:
        handed["ids"] = RandomIds(keys.naming_secret())
    return Shared(bus=bus or make_bus(settings), keys=keys, clock=clock, **handed)


def key_store(settings: Settings, clock: Clock) -> Keys:
    """The key store as set, with its master key and erasure ledger; nothing of it is read yet."""
    ledger = Ledger(settings.ledger_path)
    return Keys(settings.keys_address, master_key(settings), clock, ledger=ledger, relaxed=settings.relaxed)


def master_key(settings: Settings) -> MasterKey:
    """The master key as set: a file, made when it is not there, or Vault; what a file wrapped before still opens."""
    if not settings.vault:
        return FileMaster(secret_from(settings.master_key_path))
    kept = TransitMaster(settings.vault)
    if not settings.master_key_path.exists():
        return kept
    return MovedMaster(kept, FileMaster(secret_from(settings.master_key_path)))


class Runner:
    """The threads that carry facts and watch clocks for one service."""

    def __init__(self, service: Service, roles: tuple[str, ...], stopping: threading.Event) -> None:
        self._service, self._stopping = service, stopping
        work: dict[str, Callable[[], None]] = {
            "relay": partial(self._when_sound, self._relay), "listen": partial(self._when_sound, self._listen),
            "tick": self._tick,
        }  # fmt: skip
        self._threads = [
            threading.Thread(target=self._keep_up, args=(role, work[role]), name=f"{service.name}-{role}", daemon=True)
            for role in roles
            if role in work
        ] + [
            threading.Thread(
                target=self._keep_up, args=(role, partial(self._when_sound, partial(beside.run, stopping))), daemon=True
            )
            for role in roles
            for beside in service.beside.get(role, ())
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Waits until each thread has finished what it had in hand."""
        for thread in self._threads:
            thread.join(DRAIN_SECONDS)

    def _keep_up(self, role: str, work: Callable[[], None]) -> None:
        """Runs a role until stopped; whatever unexpected ends it is told without its words, and it begins again."""
        backoff = Backoff(self._stopping)
        while not self._stopping.is_set():
            try:
                work()
                return
            except Exception as trouble:  # noqa: BLE001 - a role must not end while its readiness says it runs
                self._service.log.error(
                    "role_failed", role=role, error=type(trouble).__name__, place=logs.crash_place(trouble)
                )
                backoff.wait()

    def _when_sound(self, work: Callable[[], None]) -> None:
        """Works once the records are known to be as new as what the network heard; older ones wait for a person."""
        backoff = Backoff(self._stopping)
        while not self._stopping.is_set():
            try:
                if self._service.standing.is_sound():
                    work()
                    return
                self._stopping.wait(IDLE_SECONDS)
            except Retry:
                backoff.wait()

    def _relay(self) -> None:
        self._service.relay.run(self._stopping)

    def _listen(self) -> None:
        if self._service.listener:
            self._service.listener.run(self._stopping)

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self._service.tick()
            except Retry:
                continue
            except Trouble as trouble:
                self._service.log.error("tick_failed", rule=trouble.rule)


class Web:
    """A waitress server that can stop taking in and finish what it has."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._app, self._busy, self._lock = app, 0, threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        # It reads slowly sent requests without a thread for each, and lets go of who sends nothing.
        self._server = create_server(
            self._counted, host=host, port=port, threads=WEB_THREADS, ident="beenthere", asyncore_use_poll=True,
            connection_limit=1000, channel_timeout=30, cleanup_interval=10,
        )  # fmt: skip
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def _counted(self, environ: Any, start_response: Any) -> Any:
        with self._lock:
            self._busy += 1
            self._idle.clear()
        try:
            return list(self._app(environ, start_response))
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    self._idle.set()

    def start(self) -> None:
        """Begins to take requests in, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stops listening, waits for requests in hand, then ends."""
        self._server.del_channel()
        self._idle.wait(DRAIN_SECONDS)
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=DRAIN_SECONDS)
        self._server.close()


def look_back(service: Service) -> None:
    """Compares a service's records with its topic before its doors open; with the carrier away, before it sends.

    Whoever the key store knows to be forgotten is forgotten here too, and the other way round. It hears as well which
    sessions ended in the last minutes: passes of theirs may still be about.
    """
    try:
        service.standing.look()
    except Retry:
        service.log.warning("not_compared")
    service.keep_forgotten()
    try:
        service.watch.look_back()
    except Retry:
        # It opens all the same, and takes only what must not wait until it hears who may come in.
        service.log.warning("not_up_to_date")


def spare_collections() -> None:
    """Has garbage looked for far less often in this process, once it is put together.

    What a house is made of lives as long as it does, and what a fact is made of ends with its batch; looking through
    both again and again took much of the time of carrying (docs/decisions/0024).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


def run_until_stopped(services: Mapping[str, Service], web: Web | None, roles: tuple[str, ...], shared: Shared) -> None:
    """Runs until SIGTERM or SIGINT, then drains: the web first, then carriers and clocks."""
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    spare_collections()
    for service in services.values():
        look_back(service)
    runners = [Runner(service, roles, stopping) for service in services.values()]
    for runner in runners:
        runner.start()
    if web:
        web.start()
    stopping.wait()
    shared.waits.leave()
    if web:
        web.stop()
    for runner in runners:
        runner.join()
    for service in services.values():
        service.close()
    shared.bus.close()


def run_alone(create: Create) -> None:
    """The command line of one service: `--roles web,relay,listen,tick`; refuses to start with every fault listed."""
    parser = argparse.ArgumentParser(description="Runs one service of Been There.")
    parser.add_argument("--roles", default=",".join(ROLES), help="which of web, relay, listen, tick run here")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--migrate", action="store_true", help="bring the tables to this version, and end")
    given = parser.parse_args()
    roles = tuple(role.strip() for role in given.roles.split(",") if role.strip())
    try:
        if given.migrate:
            bring_tables_up(create)
            return
        if not roles or set(roles) - set(ROLES):
            raise SettingsFaulty([f"--roles takes some of {', '.join(ROLES)}"])
        settings = read()
        logs.configure(settings.log_level)
        shared = share(settings)
        service = create(settings, shared)
    except (Misbuilt, Retry) as trouble:
        print(trouble.says, file=sys.stderr)  # noqa: T201 - the start-up message for whoever runs it
        sys.exit(2)
    service.roles = roles
    port = settings.port if given.port is None else given.port
    if "web" in roles and settings.server == "gunicorn":
        from chassis.production import serve_gunicorn

        serve_gunicorn(service, roles, shared, settings.host, port)
        return
    web = Web(service.app if "web" in roles else operations_only(service.app), settings.host, port)
    service.log.info("started", role=given.roles, port=web.port)
    run_until_stopped({service.name: service}, web, roles, shared)


def bring_tables_up(create: Create) -> None:
    """Brings a service's tables to this version, signed in as the role that may (docs/runbook.md)."""
    folder = Path(inspect.getfile(create)).parent
    database = Database(read().database_for(folder.name))
    try:
        bring_up(database, folder / "migrations")
    finally:
        database.close()


def operations_only(app: Any) -> Any:
    """The same app without its doors, for a process that does not have the web role: health, readiness and metrics."""

    def only(environ: Any, start_response: Any) -> Any:
        if environ.get("PATH_INFO", "").startswith(("/ops/", "/health", "/ready", "/metrics")):
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"This process does not take requests; ask the web role.\n"]

    return only
