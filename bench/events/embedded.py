"""The embedded log: facts in batches from publish to effect, and one in each fully synced transaction."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from bench.events.consuming import PATIENCE_SECONDS
from bench.events.rooms import hearer, listener_of, must_stand, share_at
from bench.events.work import Place, messages
from chassis.events.relay import BATCH
from chassis.serve import make_bus

ONE_BY_ONE = 2000


def sustained(place: Place) -> float:
    """Published in batches by one thread while another applies: from the first publish to the last effect."""
    shared = share_at(place)
    room = hearer(place, shared)
    made = list(messages(place.count))
    listener = listener_of(room)
    listener.step(0)
    publisher = shared.bus.publisher("bench")

    def publish() -> None:
        for first in range(0, place.count, BATCH):
            publisher.publish(place.topic, made[first : first + BATCH])

    speaking = threading.Thread(target=publish)
    began, done = time.perf_counter(), 0
    speaking.start()
    while done < place.count and time.perf_counter() < began + PATIENCE_SECONDS:
        done += listener.step(0.2)
    rate = place.count / (time.perf_counter() - began)
    speaking.join()
    must_stand(room, place.count)
    room.close()
    return rate


def one_by_one(place: Place) -> float:
    """One fact a transaction, on the disk before the next."""
    bus = make_bus(place.settings())
    publisher = bus.publisher("bench")
    made = list(messages(ONE_BY_ONE + 1))
    publisher.publish(place.topic, made[:1])
    began = time.perf_counter()
    for one in made[1:]:
        publisher.publish(place.topic, [one])
    rate = ONE_BY_ONE / (time.perf_counter() - began)
    bus.close()
    return rate


def bare_insert(place: Place) -> float:
    """The same bytes by `sqlite3` alone, one row a transaction, on the disk before the next."""
    connection = sqlite3.connect(Path(place.folder) / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, key BLOB, headers TEXT, value BLOB)")
    rows = [
        (one.stream.encode(), str([[name, text.decode()] for name, text in one.headers]), one.body)
        for one in messages(ONE_BY_ONE + 1)
    ]
    connection.execute("INSERT INTO rows (key, headers, value) VALUES (?, ?, ?)", rows[0])
    began = time.perf_counter()
    for row in rows[1:]:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows (key, headers, value) VALUES (?, ?, ?)", row)
        connection.execute("COMMIT")
    rate = ONE_BY_ONE / (time.perf_counter() - began)
    connection.close()
    return rate
