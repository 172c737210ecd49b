"""What the boundary between partners costs on PostgreSQL: the policy for each query, its setting for each transaction.

Also by itself: `python -m bench.security.rls`. The same questions of the rooms' own stores are asked by turns of one
database of twenty thousand referrals and fifty partners, signed in as a room and as the role row security lets past.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from bench.figures import Figure
from chassis import logs
from chassis.boundary import NETWORK, NOBODY
from chassis.boundary.statements import Guard
from chassis.database import Database
from services.matching import store as matching
from services.partners import store as partners
from services.referrals import store as referrals
from tests.parts.plans import Ask, fill, past_it, scope_of
from tests.parts.postgres import Databases, Postgres

# Questions by turns: so many blocks of so many, after one that warms up.
BLOCKS, EACH = 60, 25
TURNS, WARMING = 1_500, 100
POLICY_BAR, TRIPS_BAR = 100, 1
PARTNER = "p7"
QUESTIONS: dict[str, tuple[str, Ask]] = {
    "one referral by its id": ("referrals", lambda s, u: referrals.referral(s, u, "r57")),
    "a page of 50 referrals": ("referrals", lambda s, u: referrals.referrals_listed(s, u, size=50)),
    "200 referrals": ("referrals", lambda s, u: referrals.referrals_listed(s, u, size=200)),
    "how many referrals there are": ("referrals", referrals.count_by_state),
    "100 messages of the feed": ("referrals", lambda s, u: referrals.told_after(s, u, 100, 100)),
    "100 peers": ("matching", matching.peers_listed),
    "a partner's accounts": ("partners", lambda s, u: partners.accounts_listed(s, u, PARTNER)),
}


def measure() -> list[Figure]:
    """The added microseconds of each question, and the added round trips of a transaction, reading and writing."""
    logs.configure("critical")
    with _rooms() as urls:
        figures = [_added(name, urls[room], ask, PARTNER) for name, (room, ask) in QUESTIONS.items()]
        one = QUESTIONS["one referral by its id"][1]
        figures.append(_added("one referral, asked by the network", urls["referrals"], one, NETWORK))
        return [*figures, *_of_the_setting(urls["referrals"]), _of_the_guard()]


@contextmanager
def _rooms() -> Iterator[dict[str, str]]:
    with ExitStack() as ends:
        server = Postgres()
        ends.callback(server.stop)
        databases = Databases(server)
        urls = {room: databases.of(room).replace("{service}", room) for room in ("referrals", "matching", "partners")}
        for room, url in urls.items():
            fill(url, room)
        yield urls


def _added(name: str, url: str, ask: Ask, bound_to: str) -> Figure:
    with_it, without = Database(url), Database(past_it(url))
    took: tuple[list[float], list[float]] = ([], [])
    with with_it.reading(bound_to) as guarded, without.reading(bound_to) as free, _undisturbed():
        units = [SimpleNamespace(connection=connection) for connection in (guarded, free)]
        stats = [_at_work(connection) for connection in (guarded, free)]
        for block in range(BLOCKS + 1):
            # Whoever comes second finds a warmer machine, so they take turns at that too.
            for which in (0, 1) if block % 2 else (1, 0):
                began = stats[which]()
                for _turn in range(EACH):
                    ask(scope_of(bound_to), units[which])
                if block:
                    took[which].append((stats[which]() - began) / EACH)
    with_it.close()
    without.close()
    return _paired(f"row-level policy, added to {name}", *took, bar=POLICY_BAR)


def _at_work(connection: sa.Connection) -> Callable[[], float]:
    """How long the server's own process for a connection was at work so far, in seconds.

    What else the machine does is no part of it, nor is the client, whose part is the same with the policy and without.
    """
    pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    path = Path(f"/proc/{pid}/schedstat")
    return lambda: int(path.read_text().split()[0]) / 1e9


def _paired(words: str, more: list[float], less: list[float], bar: float | None = None) -> Figure:
    """The middle of the differences of neighbours in time: what else the machine does falls on both alike."""
    added = statistics.median(one - other for one, other in zip(more, less, strict=True))
    return Figure(f"{words} (of {statistics.median(less) * 1e6:.0f} µs)", round(added * 1e6, 1), "µs", bar=bar)


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _of_the_setting(url: str) -> list[Figure]:
    database, figures = Database(url), []
    for is_reading, words in ((True, "reads"), (False, "writes")):
        bare, bound = (_round_trips(database, bound_to, is_reading) for bound_to in (NOBODY, PARTNER))
        apart = _round_trips(database, PARTNER, is_reading, more="SET LOCAL lock_timeout = '9s'")
        if apart != bound + 1:
            raise SystemExit("round trips are not counted rightly: a statement more is not one more")
        named = f"setting of the partner, round trips added to the {bare} of a transaction that {words}"
        figures.append(Figure(named, bound - bare, "round trips", bar=TRIPS_BAR))
    database.close()
    return [*figures, _time_of_the_setting(url)]


def _round_trips(database: Database, bound_to: str, is_reading: bool, more: str = "") -> int:
    """How often the server said it was ready for more in a transaction of one query, by the driver's own trace."""
    with tempfile.TemporaryFile() as traced:
        with database.engine.connect() as connection:
            server: Any = connection.connection.driver_connection
            # What the driver prepares when it comes often is a round trip more, once.
            server.prepare_threshold = None
            server.pgconn.trace(traced.fileno())
        with database.reading(bound_to) if is_reading else database.writing(bound_to) as connection:
            same: Any = connection.connection.driver_connection
            if same is not server:
                raise SystemExit("another connection was measured than the one that is traced")
            for statement in ("SELECT count(*) FROM partners", *([more] if more else [])):
                connection.execute(sa.text(statement))
        server.pgconn.untrace()
        traced.seek(0)
        return sum(b"ReadyForQuery" in line for line in traced)


def _of_the_guard() -> Figure:
    """What looking at a partner's statement costs on SQLite, beside the same file opened without looking."""
    took: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/one.sqlite"
        looked_at = Database(url, relaxed=True)
        with patch.object(Guard, "look", lambda *_given: None):
            free = Database(url, relaxed=True)
        with looked_at.writing(NETWORK) as connection:
            partners.metadata.create_all(connection)
        ask = QUESTIONS["a partner's accounts"][1]
        with looked_at.reading(PARTNER) as one, free.reading(PARTNER) as other, _undisturbed():
            units = (SimpleNamespace(connection=one), SimpleNamespace(connection=other))
            for turn in range(TURNS + WARMING):
                for which in (0, 1) if turn % 2 else (1, 0):
                    began = time.perf_counter()
                    ask(scope_of(PARTNER), units[which])
                    if turn >= WARMING:
                        took[which].append(time.perf_counter() - began)
        looked_at.close()
        free.close()
    return _paired("guard of SQLite, added to a partner's question", *took)


def _time_of_the_setting(url: str) -> Figure:
    database, query = Database(url), sa.text("SELECT 1")
    took: dict[str, list[float]] = {NOBODY: [], PARTNER: []}
    with _undisturbed():
        for turn in range(TURNS + WARMING):
            for bound_to in (NOBODY, PARTNER) if turn % 2 else (PARTNER, NOBODY):
                began = time.perf_counter()
                with database.writing(bound_to) as connection:
                    connection.execute(query)
                if turn >= WARMING:
                    took[bound_to].append(time.perf_counter() - began)
    database.close()
    return _paired("setting of the partner, added to a transaction of one query", took[PARTNER], took[NOBODY])


if __name__ == "__main__":
    for figure in measure():
        print(figure.words())
