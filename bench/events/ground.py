"""The one broker and the one server every case runs on, and a fresh place there for each."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.events.cases import Case
from bench.events.work import HEARER, OWNER, Place, case_command
from tests.parts.kafka import Kafka, Topics
from tests.parts.postgres import Databases, Postgres

_MOST_SECONDS = 300


class Ground:
    """A real Kafka, and a real PostgreSQL that waits for its disk."""

    def __init__(self, broker: Kafka, databases: Databases, folder: Path) -> None:
        self._broker, self._databases, self._folder = broker, databases, folder
        self._filled: dict[int, Place] = {}
        self._topics: list[Topics] = []

    def place(self, count: int = 0, *, has_database: bool = True, has_broker: bool = True) -> Place:
        """A place nobody worked in before."""
        prefix = ""
        if has_broker:
            topics = Topics(self._broker)
            topics.make(OWNER)
            self._topics.append(topics)
            prefix = topics.prefix
        return Place(
            kafka=self._broker.bootstrap if has_broker else "", prefix=prefix,
            database=self._databases.of(OWNER, HEARER) if has_database else "",
            folder=tempfile.mkdtemp(dir=self._folder), count=count,
        )  # fmt: skip

    def rate(self, case: Case, count: int) -> float:
        """Facts a second, of one case in a process of its own."""
        if case.before.endswith(":fill"):
            place = self._filled_with(case, count)
            if case.needs_database:
                fresh = self.place(has_broker=False)
                place = replace(place, database=fresh.database, folder=fresh.folder)
        else:
            place = self.place(count, has_database=case.needs_database)
            if case.before:
                run(case.before, place)
        return float(run(case.function, place, as_ours=case.as_ours))

    def _filled_with(self, case: Case, count: int) -> Place:
        if count not in self._filled:
            self._filled[count] = self.place(count, has_database=False)
            run(case.before, self._filled[count])
        return self._filled[count]

    def tidy(self) -> None:
        """Deletes what is not read again: a disk that fills up slows whoever comes later."""
        read_again = {place.prefix for place in self._filled.values()}
        for topics in self._topics:
            if topics.prefix not in read_again:
                topics.close()
        self._topics = [topics for topics in self._topics if topics.prefix in read_again]
        self._databases.close()


def run(function: str, place: Place, as_ours: bool = True) -> Any:
    """What one case measured, in a process of its own."""
    command = case_command(function, place, as_ours=as_ours)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_MOST_SECONDS)
    if done.returncode:
        raise SystemExit(f"{function} failed:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def a_ground() -> Iterator[Ground]:
    """Starts broker and server, and ends them."""
    with tempfile.TemporaryDirectory(prefix="beenthere-bench-") as folder, ExitStack() as ends:
        broker, server = Kafka(), Postgres(safe=True)
        ends.callback(broker.stop)
        ends.callback(server.stop)
        ground = Ground(broker, Databases(server), Path(folder))
        yield ground
        ground.tidy()
