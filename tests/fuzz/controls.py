"""The positive controls: a room with doors that go wrong on purpose; each kind of wrong must be counted there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from chassis.clock import HandClock
from chassis.house import House
from chassis.serve import share
from chassis.service import Service
from chassis.web import PUBLIC, door, here
from services.home.app import create
from tests.builders import MORNING, Caller, TestHouse, a_settings
from tests.fuzz.cases import Case
from tests.fuzz.corpus import CANARY
from tests.fuzz.corpus.hostile import WRONG_KIND
from tests.fuzz.doors import Door
from tests.fuzz.held import CaseIds, Held
from tests.fuzz.judging import DIFFERENT, ECHO, ERROR, HANG, INSIDE, TAKEN
from tests.fuzz.knocks import FORM, Good, Knock
from tests.fuzz.pair import POSTGRES, SQLITE, Pair
from tests.fuzz.tally import Tally

# A control that hangs is waited for no longer than this (seconds).
PATIENCE = 0.5
_RULE = "/planted"


def _break(sent: bytes) -> Response:
    if sent == b"one of a thousand":
        raise ZeroDivisionError(CANARY)
    return Response("well", 422)


def _hang(sent: bytes) -> Response:
    while sent == b"one of a thousand":
        time.monotonic()
    return Response("well", 422)


def _differ(sent: bytes) -> Response:
    is_odd = sent == b"one of a thousand" and here().database.is_sqlite
    return Response("well", 409 if is_odd else 422)


def _repeat(sent: bytes) -> Response:
    return Response(f"{CANARY} cannot be read" if sent == b"one of a thousand" else "well", 400)


def _tell(sent: bytes) -> Response:
    return Response('File "/srv/app.py", line 5, in view' if sent == b"one of a thousand" else "well", 400)


def _take(sent: bytes) -> Response:
    return Response("well", 204 if sent == b"one of a thousand" else 415)


# What is planted, and the kind of wrong that must be counted then.
PLANTED: dict[str, tuple[Callable[[bytes], Response], str]] = {
    "a server error": (_break, ERROR), "a hang": (_hang, HANG), "different verdicts": (_differ, DIFFERENT),
    "an answer that repeats": (_repeat, ECHO), "an answer that tells of the inside": (_tell, INSIDE),
    "a body that is taken against the rules": (_take, TAKEN),
}  # fmt: skip


@dataclass
class _Control:
    """The planted room on one database."""

    house: House
    held: Held
    case_ids: CaseIds
    people: dict[str, Caller]


def _planted() -> Blueprint:
    pages = Blueprint("planted", __name__)
    for number, (work, _) in enumerate(PLANTED.values()):

        def view(work: Callable[[bytes], Response] = work) -> Any:
            return work(request.get_data())

        pages.add_url_rule(f"{_RULE}/{number}", f"planted_{number}", door(PUBLIC)(view), methods=["POST"])
    return pages


def _control(folder: Path, **settings: Any) -> _Control:
    given = a_settings(folder, relaxed=True, log_level="critical", **settings)
    folder.mkdir(parents=True)
    ids = CaseIds()
    shared = share(given, clock=HandClock(MORNING), ids=ids)
    plain = create(given, shared)
    parts = plain.parts
    plain.close()
    service = Service(replace(parts, pages=(*parts.pages, _planted())), given, shared)
    house = House({"home": service}, shared, lambda _path: "home")
    nobody = TestHouse(house, HandClock(MORNING), ids).as_nobody()
    return _Control(house, Held(house), ids, {"nobody": nobody})


def run(folder: Path, database_url: str, keys_url: str) -> dict[str, int]:
    """Sends a few harmless cases and one planted one to each door; gives how often each was counted as it must be.

    A harmless case that is counted as wrong, or a planted one counted as something else, gives -1.
    """
    worlds = {
        SQLITE: _control(folder / "control-sqlite"),
        POSTGRES: _control(folder / "control-postgres", database_url=database_url, keys_url=keys_url),
    }
    pair = Pair(worlds, [], patience=PATIENCE)
    found = {}
    try:
        for number, (name, (_, kind)) in enumerate(PLANTED.items()):
            tally = Tally()
            for index, body in enumerate((b"one", b"two", b"one of a thousand", b"three")):
                case = _case(f"{_RULE}/{number}", index, body, WRONG_KIND if kind == TAKEN else frozenset())
                tally.take(case, pair.send(case.knock, str(index)))
            found[name] = tally.wrong[kind] if set(tally.wrong) <= {kind, DIFFERENT} else -1
    finally:
        pair.close()
    return found


def _case(rule: str, number: int, body: bytes, must: frozenset[int]) -> Case:
    planted = Door("home", "POST", rule, "public", Good("nobody", {}, {}, FORM), is_known=True)
    return Case(number, "control", "planted", planted, Knock("nobody", "POST", rule, body, FORM), must)
