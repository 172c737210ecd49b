"""A child process: some roles of the two rooms on a real carrier, asked over a socket, killed from within or not."""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import Client

from chassis import crashpoints, logs
from chassis.access import Principal
from chassis.database import Database
from chassis.errors import Retry
from chassis.events import parking
from chassis.parts import PARTITIONS
from chassis.serve import make_bus, share
from chassis.service import Service
from chassis.settings import Settings
from chassis.tables import parked
from tests.builders import a_pass, believing
from tests.chaos import rooms
from tests.chaos.board import POISONED, Board
from tests.chaos.disturbing import DisturbingBus

ASKER = Principal("system", "chaos", "a-partner", frozenset({"referrer"}))
TICK_SECONDS = 0.03
# A send not acknowledged by then is unknown; short, so that a frozen broker is met within a run (milliseconds).
DELIVERY_MS = 4_000
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True)
class Kind:
    """What one child is: the rooms and roles it runs, and its slot in the group of listeners."""

    name: str
    rooms: tuple[str, ...]
    roles: tuple[str, ...]
    slot: str = "0"


@dataclass(frozen=True)
class Arm:
    """At which pass of which point a child stops: `signal` is KILL, or STOP for a process that freezes."""

    point: str
    after: int = 0
    signal: int = signal.SIGKILL


def run(kind: Kind, settings: Settings, board: Board, row: int, ends: socket.socket, seed: str, arm: Arm | None,
        broken: Any = None) -> None:  # fmt: skip
    """Lives until killed, or until the other end is closed."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    logs.configure("critical")
    draw = random.Random(seed)
    bus = DisturbingBus(_bus(settings), draw, lambda: board.add(row, "deliveries_disturbed"))
    shared = share(settings, bus=bus, **believing())
    settings = replace(settings, slot=kind.slot)
    services = [rooms.a_room(name, settings, shared, lambda: bool(board.reads(POISONED))) for name in kind.rooms]
    for service in services:
        rooms.make_tables(service)
    if broken:
        broken(services)
    if arm:
        _arm(arm, board)
    stopping = threading.Event()
    for service in services:
        _start(service, kind.roles, stopping, board, row)
    _serve(services, ends, board, row)
    os._exit(0)


def _bus(settings: Settings) -> Any:
    if not settings.kafka:
        return make_bus(settings)
    from chassis.events.bus.kafka import KafkaBus

    return KafkaBus(settings.kafka, delivery_ms=DELIVERY_MS)


def _arm(arm: Arm, board: Board) -> None:
    left = [arm.after]

    def act(point: str) -> None:
        if point != arm.point:
            return
        left[0] -= 1
        if left[0] < 0:
            board.mark(point)
            os.kill(os.getpid(), arm.signal)
            if arm.signal == signal.SIGSTOP:
                left[0] = 1 << 30

    crashpoints.arm(act)


def _start(service: Service, roles: tuple[str, ...], stopping: threading.Event, board: Board, row: int) -> None:
    """The threads of a room's roles, as `chassis.serve` runs them, with clocks looked at every few hundredths."""

    def tick() -> None:
        while not stopping.wait(TICK_SECONDS):
            try:
                service.tick()
            except Retry:
                continue

    def watch() -> None:
        while not stopping.wait(0.02):
            _count(service, board, row)

    work = {"relay": service.relay.run, "listen": service.listener.run if service.listener else None}
    for role in roles:
        if run := work.get(role):
            threading.Thread(target=_keep_up, args=(run, stopping), daemon=True).start()
    if "tick" in roles and service.parts.routines:
        threading.Thread(target=tick, daemon=True).start()
    threading.Thread(target=watch, daemon=True).start()


def _keep_up(run: Any, stopping: threading.Event) -> None:
    """As the Runner does: a role that ends by what nobody foresaw begins again."""
    while not stopping.is_set():
        try:
            run(stopping)
        except Exception:  # noqa: BLE001 - whatever it was, the role goes on
            stopping.wait(0.05)


def _count(service: Service, board: Board, row: int) -> None:
    metrics = service.event_metrics
    for name, counter in (
        ("repeats", metrics.repeats), ("lost_races", metrics.lost_races), ("parked", metrics.parked),
    ):  # fmt: skip
        if count := int(counter._value.get()):
            board.put(row, name, count)
    publisher: Any = service.relay._publisher
    if publisher is not None and publisher.renewed:
        board.put(row, "renewed", publisher.renewed)


def _serve(services: list[Service], ends: socket.socket, board: Board, row: int) -> None:
    """Answers each line with a line, several at once; leaves when the other end closes."""
    asked = {service.name: Client(service.app) for service in services}
    lock = threading.Lock()

    def answer(line: str) -> None:
        order = json.loads(line)
        if order["do"] == "ask":
            token = a_pass(ASKER, services[0].clock.now())
            told = _ask(asked["referrals"], token, order)
            if told["status"] >= 500:
                board.add(row, "refused")
        elif order["do"] == "release":
            told = {"released": sum(_release(service.database) for service in services)}
        else:
            told = {}
        with lock:
            ends.sendall((json.dumps({"n": order["n"], **told}) + "\n").encode())

    answer_ready = json.dumps({"n": -1}) + "\n"
    ends.sendall(answer_ready.encode())
    with ThreadPoolExecutor(4) as pool, ends.makefile("r") as lines:
        for line in lines:
            pool.submit(answer, line)


def _ask(client: Client, token: str, order: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(
        order["path"], json=order["body"],
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": order["key"]},
    )  # fmt: skip
    return {"status": answer.status_code, "body": answer.get_json(silent=True)}


def _release(database: Database) -> int:
    """Takes every parked stream out of parking, as whoever mended it would."""
    import sqlalchemy as sa

    try:
        with database.writing() as connection:
            rows = connection.execute(sa.select(parked.c.consumer, parked.c.stream)).all()
            return sum(parking.release(connection, row.consumer, row.stream) for row in rows)
    except Retry:
        return 0


def prepare(settings: Settings) -> None:
    """Makes databases, keys and topics whole once, so that the children of a run only open them."""
    logs.configure("critical")
    bus = _bus(settings)
    shared = share(settings, bus=bus)
    bus.make_topics([settings.topic_prefix + name for name in ("referrals", "matching")], PARTITIONS)
    for name in ("referrals", "matching"):
        service = rooms.a_room(name, settings, shared, lambda: False)
        rooms.make_tables(service)
        service.close()
