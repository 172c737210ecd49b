"""What authorisation and the audit trail add to a request's CPU, beside the same request without them.

Also by itself: `python -m bench.security.record`. One process, one house of the referrals room with sixty referrals;
the same request is asked by turns as it is and with who asks known beforehand, nothing put on record and, where it only
looks, a transaction that only reads. Measured is the CPU of this process, so on SQLite the database's part too.
"""

from __future__ import annotations

import gc
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from werkzeug.test import EnvironBuilder

from bench.figures import Figure
from chassis import logs
from chassis.access import Scope, scope_for
from chassis.entry import Entry
from chassis.service import Service
from chassis.unit import Unit
from tests.builders import Caller, a_referral
from tests.integration.referrals.conftest import AT, Referrals, a_room
from tests.parts.postgres import Databases, Postgres

REFERRALS = 60
# By turns: so many blocks of so many requests, after one block that warms up.
BLOCKS, EACH = 40, 6
BAR = 1.15

Ask = Callable[[], bytes]


def measure() -> list[Figure]:
    """For each database and each door: CPU of a request, and how many times the bare one's that is."""
    logs.configure("critical")
    figures = []
    with ExitStack() as ends:
        server = Postgres()
        ends.callback(server.stop)
        databases = Databases(server)
        on_postgres = {
            "database_url": databases.of("referrals", "partners", "matching", "support"), "keys_url": databases.empty(),
        }  # fmt: skip
        for name, changes in (("PostgreSQL", on_postgres), ("SQLite", {})):
            figures += _of_a_house(name, changes)
    return figures


def _of_a_house(database: str, changes: dict[str, str]) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="beenthere-bench-") as folder:
        room = a_room(Path(folder), relaxed=False, log_level="critical", **changes)
        try:
            doors = _doors(room)
            _check_there_is_a_row_for_each(room, doors["the list of 60 by the API"])
            figures = [_beside_the_bare(f"{words}, {database}", ask) for words, ask in doors.items()]
            figures.append(_of_them_all(database, figures))
        finally:
            room.close()
    return figures


def _doors(room: Referrals) -> dict[str, Ask]:
    """The doors that show people: each a request made ready, as a server hands it over."""
    for number in range(REFERRALS):
        sent = room.post(a_referral(person={"name": f"Jordan {number}"}))
    one = sent.get_json()["referral_id"]
    asked: dict[str, tuple[str, Caller]] = {
        "the list of 60 by the API": (AT, room.system),
        "one referral by the API": (f"{AT}/{one}", room.system),
        "the page of the list": ("/referrals", room.coordinator),
        "the page of one referral": (f"/referrals/{one}", room.coordinator),
    }
    return {words: partial(_asked, room, _ready(*of)) for words, of in asked.items()}


def _ready(path: str, who: Caller) -> dict[str, Any]:
    return EnvironBuilder(path, headers=[("Authorization", f"Bearer {who.token}")]).get_environ()


def _asked(room: Referrals, environ: dict[str, Any]) -> bytes:
    """Asks the house as a server would, without a client's work around it."""
    said: list[str] = []
    handed = {**environ, "wsgi.input": io.BytesIO()}
    body = b"".join(room.house(handed, lambda status, _headers, _raised=None: said.append(status)))
    if not said[0].startswith("200"):
        raise SystemExit(f"a door answered {said[0]}: nothing was measured")
    return body


def _check_there_is_a_row_for_each(room: Referrals, ask: Ask) -> None:
    """The control: as it is, sixty rows stand on record for one answer; bare, none."""

    def rows() -> int:
        return len(room.audited())

    before = rows()
    ask()
    added, before = rows() - before, rows()
    with _bare():
        ask()
    if (added, rows() - before) != (REFERRALS, 0):
        raise SystemExit("what is measured is not what is put on record")


@contextmanager
def _bare() -> Iterator[None]:
    """The same doors with nobody asked who they are, nothing put on record, and looking that only reads."""
    passes: dict[str, Any] = {}
    scopes: dict[tuple[str, str], Scope] = {}
    read = Entry.read

    def known(self: Entry, text: str) -> Any:
        if text not in passes:
            passes[text] = read(self, text)
        return passes[text]

    def decided(rules: Any, who: Any, action: str, **rest: Any) -> Scope:
        if (who.id, action) not in scopes:
            scopes[who.id, action] = scope_for(rules, who, action, **rest)
        return scopes[who.id, action]

    with ExitStack() as instead:
        instead.enter_context(patch.object(Entry, "read", known))
        instead.enter_context(patch.object(Entry, "is_partner_held", lambda *_given: False))
        instead.enter_context(patch("chassis.web.door.scope_for", decided))
        instead.enter_context(patch.object(Unit, "note", lambda *_given, **_more: None))
        instead.enter_context(patch.object(Unit, "disclose", lambda *_given, **_more: None))
        instead.enter_context(patch.object(Service, "writing", Service.reading))
        yield


def _beside_the_bare(words: str, ask: Ask) -> Figure:
    took: tuple[list[float], list[float]] = ([], [])
    with _undisturbed():
        for block in range(BLOCKS + 1):
            # Whoever comes second finds a warmer machine, so they take turns at that too.
            for which in (0, 1) if block % 2 else (1, 0):
                with ExitStack() as instead:
                    if which:
                        instead.enter_context(_bare())
                        ask()
                    began = time.process_time()
                    for _turn in range(EACH):
                        ask()
                    spent = (time.process_time() - began) / EACH
                if block:
                    took[which].append(spent)
    whole, bare = map(statistics.median, took)
    ratio = statistics.median(one / other for one, other in zip(*took, strict=True))
    return Figure(
        words,
        round(whole * 1e3, 3),
        "ms CPU",
        BAR,
        peer="the same bare",
        peer_value=round(bare * 1e3, 3),
        ratio=round(ratio, 3),
    )


def _of_them_all(database: str, figures: list[Figure]) -> Figure:
    """All doors once: what a server spends that is asked each of them as often."""
    whole, bare = sum(one.value for one in figures), sum(one.peer_value or 0 for one in figures)
    words = f"all of these once, {database}"
    return Figure(
        words,
        round(whole, 3),
        "ms CPU",
        BAR,
        peer="the same bare",
        peer_value=round(bare, 3),
        ratio=round(whole / bare, 3),
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    for figure in measure():
        print(figure.words())
