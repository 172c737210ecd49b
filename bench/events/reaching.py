"""How long a fact takes from the begin of its write to the commit of its effect, at fifty writes a second."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from bench.events.rooms import hearer, listener_of, share_at, speaker, state_some
from bench.events.work import Place, case_command
from chassis.events.bus import Record
from chassis.events.envelope import as_texts
from chassis.serve import Runner
from chassis.service import Service

A_SECOND, SECONDS = 50, 12
# The first second is not counted: connections and memberships are being made.
_WARM_UP = A_SECOND
_PATIENCE_SECONDS = 60

Times = dict[str, float]


def embedded(place: Place) -> list[float]:
    """Everything in one process, as `make run` is; gives milliseconds, one for each write."""
    shared = share_at(place)
    rooms, stopping = [speaker(place, shared), hearer(place, shared)], threading.Event()
    applied = _noting(rooms[1])
    runners = [Runner(rooms[0], ("relay",), stopping), Runner(rooms[1], ("listen",), stopping)]
    for runner in runners:
        runner.start()
    began = _write(rooms[0])
    _wait_until(lambda: len(applied) >= len(began))
    stopping.set()
    for runner in runners:
        runner.join()
    return _milliseconds(began, applied)


def on_kafka(place: Place) -> list[float]:
    """The writer, the relay and the listener each in a process of its own, as they are composed."""
    roles = [
        subprocess.Popen(case_command(f"bench.events.reaching:{role}", place), stdout=subprocess.PIPE, text=True)
        for role in ("relaying", "listening")
    ]
    relay, listener = roles
    said: Any = listener.stdout
    said.readline()
    room = speaker(place, share_at(place))
    began = _write(room)
    applied: Times = {}
    while len(applied) < len(began):
        applied.update([json.loads(said.readline())])
    for role in (relay, listener):
        role.kill()
        role.wait()
    return _milliseconds(began, applied)


def relaying(place: Place) -> None:
    """Only relays, until it is killed."""
    Runner(speaker(place, share_at(place)), ("relay",), threading.Event()).start()
    threading.Event().wait()


def listening(place: Place) -> None:
    """Only listens, until it is killed; writes a line when it is there and one for each effect."""
    room = hearer(place, share_at(place))
    applied, told = _noting(room), 0
    sys.stdout.write("ready\n")
    listener = listener_of(room)
    while True:
        listener.step(1.0)
        for stated, at in list(applied.items())[told:]:
            sys.stdout.write(json.dumps([stated, at]) + "\n")
        told = len(applied)
        sys.stdout.flush()


def _noting(room: Service) -> Times:
    """By place, when its effect was committed."""
    inbox = listener_of(room)._inbox
    applied: Times = {}
    take_in = inbox.take_in

    def noted(records: Sequence[Record], *more: Any) -> Any:
        moved, at = take_in(records, *more), time.time()
        applied.update((_place_of(record), at) for record in records)
        return moved

    inbox.take_in = noted
    return applied


def _place_of(record: Record) -> str:
    return f"{(record.key or b'').decode()}@{as_texts(record.headers)['ce_streamseq']}"


def _write(room: Service) -> Times:
    """Writes one fact at a time, evenly; gives by place when its write began."""
    began: Times = {}
    first = time.monotonic()
    for number in range(A_SECOND * SECONDS):
        time.sleep(max(0.0, first + number / A_SECOND - time.monotonic()))
        at = time.time()
        began[state_some(room, number, 1)] = at
    return began


def _wait_until(is_so: Any) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > ends:
            raise SystemExit("the effects did not come in time")
        time.sleep(0.05)


def _milliseconds(began: Times, applied: Times) -> list[float]:
    return [(applied[stated] - at) * 1000 for stated, at in list(began.items())[_WARM_UP:]]
