"""Which role may read which text, and which fields of each answer, held against `tests/fields.csv`, written by hand."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import fields as kinds

from contracts import roles
from tests.builders import Caller
from tests.fuzz.pair import Answer
from tests.matrix import table
from tests.matrix.asking import Asking, Route, routes
from tests.matrix.canary import WORD, CanaryWorld
from tests.matrix.table import Cell, Unfit
from tests.matrix.tally import Tally

PLACE = Path(__file__).parents[1] / "fields.csv"
COLUMNS = ("what", "fields", "roles", "because")
TEXT = "text"


@dataclass(frozen=True)
class Row:
    """One group: texts of the story by their own word, or fields of an answer's schema, and who reads them."""

    what: str
    names: frozenset[str]
    roles: frozenset[str]


def read(place: Path = PLACE) -> list[Row]:
    """Reads the file; refuses an unknown role, a field said twice and a row without reason."""
    said: set[tuple[str, str]] = set()
    rows = []
    with place.open(newline="") as file:
        for number, one in enumerate(csv.DictReader(file), 2):
            who = frozenset(one["roles"].split("|")) - {""}
            names = frozenset(one["fields"].split("|"))
            if unknown := who - set(roles.ROLES):
                raise Unfit(f"line {number}: there is no role {sorted(unknown)}")
            if not one["because"] or {(one["what"], name) for name in names} & said:
                raise Unfit(f"line {number} says no reason, or a field again")
            said |= {(one["what"], name) for name in names}
            rows.append(Row(one["what"], names, who))
    return rows


def hold_all(asking: Asking, rows: list[Row], tally: Tally) -> None:
    """Every answer of every GET route as each role: no text and no field but those the role may read, and all those."""
    world = asking.world
    assert isinstance(world, CanaryWorld)
    seen: dict[str, set[str]] = defaultdict(set)
    texts = [name for row in rows if row.what == TEXT for name in sorted(row.names)]
    of_schema = {(row.what, name): row.roles for row in rows for name in row.names}
    for route in routes(world):
        if route.method != "GET" or route.rule == "/demo" or route.action == "public":
            continue
        schema = _schema_of(asking, route)
        for role, answer in _answers(asking, route):
            text = answer.body.decode("utf-8", "replace")
            seen[role] |= {name for name in texts if f"{WORD}-{name}".lower() in text.lower()}
            if schema is not None:
                _hold_fields(route, role, schema, json.loads(text), of_schema, tally)
    for role in roles.ROLES:
        for name in texts:
            _hold_text(role, name, is_seen=name in seen[role], is_said=role in of_schema[TEXT, name], tally=tally)


def _answers(asking: Asking, route: Route) -> Iterator[tuple[str, Answer]]:
    """What each role is given."""
    world = asking.world
    assert isinstance(world, CanaryWorld)
    for role in roles.ROLES:
        for who in _callers(world, role):
            answer = _ask(asking, route, role, who)
            if answer.status == 200:
                yield role, answer


def _hold_text(role: str, name: str, *, is_seen: bool, is_said: bool, tally: Tally) -> None:
    what = "reads" if is_seen else "reads nowhere"
    tally.hold("fields", is_seen == is_said, f"{role} {what} the text {name}")


def _hold_fields(
    route: Route, role: str, schema: Any, body: Any, said: dict[tuple[str, str], frozenset[str]], tally: Tally
) -> None:
    for name, field in _pairs(f"{route.room}.", schema, body):
        may = said.get((name, field))
        words = f"{route.name} gives {role} the field {field} of {name}" + ("" if may else ", which no row names")
        tally.hold("fields", may is not None and role in may, words)


def _pairs(room: str, schema: Any, body: Any) -> set[tuple[str, str]]:
    """The fields of an answer that say something, with the name of the schema each stands in."""
    found: set[tuple[str, str]] = set()
    for one in body if isinstance(body, list) else [body]:
        for name, held in one.items() if isinstance(one, dict) else ():
            if held is None or held == []:
                continue
            found.add((f"{room}{type(schema).__name__}", name))
            field = schema.fields.get(name)
            inner = field.inner if isinstance(field, kinds.List) else field
            if isinstance(inner, kinds.Nested):
                found |= _pairs(room, inner.schema, held)
    return found


def _schema_of(asking: Asking, route: Route) -> Any:
    app = asking.world.house.services[route.room].app
    for rule in app.url_map.iter_rules():
        if rule.rule == route.rule and route.method in (rule.methods or ()):
            told = getattr(app.view_functions[rule.endpoint], "_apidoc", {}).get("response", {}).get("responses", {})
            return next((one["schema"] for of in told.values() for one in of if "schema" in one), None)
    return None


def _callers(world: CanaryWorld, role: str) -> Iterator[Caller]:
    """Whoever of a role is nearest to the other organisation's person."""
    people = world.people
    nearest = {
        roles.REFERRER: ("their_referrer",), roles.PARTNER_LEAD: ("their_lead",), roles.SYSTEM: ("their_system",),
        roles.PEER: ("their_peer",), roles.SUPERVISOR: ("their_supervisor", "supervisor"),
        roles.PERSON: ("their_person",), roles.SAFEGUARDING_LEAD: ("safeguarding", "second_safeguarding"),
    }  # fmt: skip
    if role in nearest:
        yield from (people[name] for name in nearest[role])
    elif role == roles.COORDINATOR:
        # Any, and the one who holds their referral.
        yield from (world.cast[role]["partner"], people["coordinator"])
    else:
        yield world.cast[role]["partner"]


def _ask(asking: Asking, route: Route, role: str, who: Caller) -> Answer:
    world = asking.world
    assert isinstance(world, CanaryWorld)
    cell = Cell(route.action, route.rule, route.method, role, table.NONE, table.ORDINARY)
    return asking.answer(route, cell, by=who, ids={**asking.ids(route), **world.theirs.ids()})
