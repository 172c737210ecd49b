"""Waking the relay after a commit: an event in process, NOTIFY between processes; a sweep each second is the truth."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg

from chassis.database import Database

CHANNEL = "beenthere_outbox"
# At most one NOTIFY in this time (seconds): commits in a burst share it.
DEBOUNCE_SECONDS = 0.010


class Waker:
    """Rings when something was stated, and lets a relay wait for the ring."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = threading.Event()
        self._to_notify = threading.Event()
        self._closing = threading.Event()
        self._notifier: threading.Thread | None = None
        self._ear: threading.Thread | None = None
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Says that something was stated; on PostgreSQL other processes are told too, after the commit, debounced."""
        self._rung.set()
        if not self._database.is_sqlite:
            self._to_notify.set()
            self._start("_notifier", self._notify)

    def wait(self, seconds: float) -> None:
        """Waits for a ring, at most so long."""
        if not self._database.is_sqlite:
            self._start("_ear", self._listen)
        self._rung.wait(seconds)
        self._rung.clear()

    def close(self) -> None:
        """Ends the threads."""
        self._closing.set()
        self._rung.set()
        self._to_notify.set()
        for thread in (self._notifier, self._ear):
            if thread:
                thread.join(2)

    def _start(self, name: str, work: Callable[[psycopg.Connection[tuple[object, ...]]], None]) -> None:
        if getattr(self, name) is not None or self._closing.is_set():
            return
        with self._lock:
            if getattr(self, name) is None:
                thread = threading.Thread(target=self._keep_on, args=(work,), name=f"wake{name}", daemon=True)
                setattr(self, name, thread)
                thread.start()

    def _keep_on(self, work: Callable[[psycopg.Connection[tuple[object, ...]]], None]) -> None:
        """Runs `work` on a connection of its own, anew when it breaks; the sweep covers what is missed."""
        address = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._closing.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                    work(connection)
            except psycopg.Error:
                self._closing.wait(1)

    def _notify(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while not self._closing.is_set():
            if self._to_notify.wait(0.5):
                self._to_notify.clear()
                connection.execute(f"NOTIFY {CHANNEL}")
                time.sleep(DEBOUNCE_SECONDS)

    def _listen(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._closing.is_set():
            for _ in connection.notifies(timeout=0.5, stop_after=1):
                self._rung.set()
