"""What waking the relay costs those who write: sixteen writers, with and without it, a second each by turns."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from typing import Any

import psycopg

from bench.events.rooms import share_at, speaker, state_some
from bench.events.work import Place, case_command
from chassis.events.wake import CHANNEL

PROCESSES, THREADS, SECONDS = 4, 4, 120
# At the seams of a slice it is not clear which of the two a commit belongs to.
_SEAM_SECONDS = 0.1
_STARTING_SECONDS = 4


def woken_and_not(place: Place) -> list[tuple[float, float]]:
    """Commits a second, for each pair of slices: without waking, and with it; somebody listens all the while."""
    stopping = threading.Event()
    ear = threading.Thread(target=_listen, args=(place, stopping))
    ear.start()
    begins = int(time.time()) + _STARTING_SECONDS
    writers = [
        subprocess.Popen(
            case_command("bench.events.writing:writer", place, number, begins), stdout=subprocess.PIPE, text=True
        )
        for number in range(PROCESSES)
    ]
    totals = [0] * SECONDS
    for one in writers:
        counts = json.loads(one.communicate()[0])
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    stopping.set()
    ear.join()
    # The first pair finds everything cold.
    slices = [total / (1 - 2 * _SEAM_SECONDS) for total in totals[2:]]
    return list(zip(slices[::2], slices[1::2], strict=True))


def writer(place: Place, number: int, begins: int) -> list[int]:
    """One process of writers; gives the commits of each second, woken in the odd ones only."""
    room = speaker(place, share_at(place))
    wake, counts, lock = room.relay.wake, [0] * SECONDS, threading.Lock()

    def in_turn() -> None:
        if (int(time.time()) - begins) % 2:
            wake()

    relay: Any = room.relay
    relay.wake = in_turn

    def write(first: int) -> None:
        step = first
        while (now := time.time()) < begins + SECONDS:
            step += PROCESSES * THREADS
            state_some(room, step, 1)
            ended = time.time()
            second = int(ended) - begins
            if now >= begins and second < SECONDS and _SEAM_SECONDS <= ended % 1 <= 1 - _SEAM_SECONDS:
                with lock:
                    counts[second] += 1

    threads = [threading.Thread(target=write, args=(number * THREADS + one,)) for one in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.close()
    return counts


def _listen(place: Place, stopping: threading.Event) -> None:
    with psycopg.connect(place.plain_database(), autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        while not stopping.is_set():
            for _ in connection.notifies(timeout=0.5):
                pass
