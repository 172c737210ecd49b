"""What is asked of each route: which thing stands in its address, who has which relation to it, and how it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts import roles
from tests.builders import COOKIE, Caller, without_ids
from tests.fuzz.goods import goods
from tests.fuzz.knocks import FORM, JSON, Good, Knock
from tests.fuzz.pair import Answer, ask
from tests.matrix import table
from tests.matrix.table import Cell
from tests.matrix.world import SIDES, MatrixWorld

_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_NOT_THERE = "00000000-0000-4000-8000-00000000dead"
_METHODS = frozenset(table.METHODS)
_HELD_WORDS = b"Your organisation is suspended"
_LONG = 20.0
# Stages of the story that a person, a match or a support stands at (tests/fuzz/world.py).
_OF_PEERS = ("match_id", "support_id", "session_id", "peer_id")
_OF_PEOPLE = frozenset({"referral_id", "person_id", "match_id", "support_id", "connection_id"})


@dataclass(frozen=True)
class Route:
    """One method of one address of one room."""

    room: str
    method: str
    rule: str
    action: str

    @property
    def name(self) -> str:
        """How it stands in the table of routes."""
        return f"{self.method} {self.rule}"

    @property
    def places(self) -> list[str]:
        """The names of the ids in its address."""
        return [name for _, name in _PLACE.findall(self.rule)]

    @property
    def things(self) -> list[str]:
        """Those that name something of somebody's, which may be another's or not there."""
        return [name for kind, name in _PLACE.findall(self.rule) if kind == "uuid"]

    @property
    def is_machine(self) -> bool:
        """Whether whoever asks shows a bearer pass; a page is asked with a cookie."""
        return self.rule.startswith(("/api/", "/fhir", "/oauth", "/openapi", "/ops"))


def routes(world: MatrixWorld) -> list[Route]:
    """Every route of the seven rooms, from their own tables of routes."""
    found: dict[tuple[str, str, str], Route] = {}
    for room, service in world.house.services.items():
        for rule in service.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) & _METHODS):
                found[(room, method, rule.rule)] = Route(room, method, rule.rule, service.actions[rule.endpoint])
    return [found[key] for key in sorted(found)]


class Asking:
    """Asks one house; every answer is undone."""

    def __init__(self, world: MatrixWorld) -> None:
        self.world = world
        self._goods = goods(world)
        self._by_id = {thing: name for name, thing in world.at.items() if not name.endswith("_peer")}

    # ---- cells

    def cells(self, route: Route, state: str) -> Iterator[Cell]:
        """Every cell of a route in a state: roles, then relations that are there for it."""
        for role in (*roles.ROLES, *("+".join(two) for two in table.TWO_ROLES), *table.OUT):
            if role in {table.CHANGED, table.REVOKED} and route.room == "partners":
                continue  # it asks its own records of accounts; tests/integration/partners holds that
            for relation in self._relations(route, role):
                if state == table.KEPT and "+" in role and relation == table.OF_PARTNER:
                    continue  # named, and of those who sent: being named counts, and no one row says so of two roles
                yield Cell(route.action, route.rule, route.method, role, relation, state)

    def left_out(self, route: Route) -> int:
        """How many relations of how many roles cannot be at this address."""
        everyone = (*roles.ROLES, *("+".join(two) for two in table.TWO_ROLES), *table.OUT)
        return sum(len(table.RELATIONS) - 1 - len(self._relations(route, role)) for role in everyone)

    def _relations(self, route: Route, role: str) -> list[str]:
        if not route.things:
            return [table.NONE]
        if role in table.OUT:
            return [table.OF_OTHERS]
        found = [table.OF_OTHERS, table.MISSING]
        if role not in {roles.PERSON} and self._side_of(route) is not None:
            found.append(table.OF_PARTNER)
        if self._owner(route, role) is not None:
            found.append(table.OWN)
        return found

    def ids(self, route: Route) -> dict[str, str]:
        """The things in the address."""
        good, at = self._goods.get(route.name), self.world.at
        first = {
            "referral_id": at["accepted"], "person_id": at["accepted_person"], "match_id": at["could_match"],
            "support_id": at["active_support"], "connection_id": at["connection"], "session_id": at["past_session"],
            "peer_id": at["met_peer"], "partner_id": at["partner"], "account_id": at["target_account"],
            "system_id": at["system"], "concern_id": at["taken_concern"], "look_id": at["look"],
            "asking_id": at["asking"] if "partner_id" in route.things else at.get(f"{route.room}_asking", ""), "token": "x" * 43,
            "filename": "swagger-ui.css" if "swagger" in route.rule else "app.css",
            "type_": "match.agreed.v1", "period_id": "2026-03", "version": "1", "role": "referrer",
        }  # fmt: skip
        return {**first, **(good.at if good else {})}

    def _side_of(self, route: Route) -> str | None:
        """Whose the thing is: the organisation that sent the person, or the one its peer is of."""
        if "partner_id" in route.things:
            return "partner"
        last = route.things[-1]
        if last in {"asking_id", "look_id", "concern_id"}:
            return None
        return "kindred" if any(one in _OF_PEERS for one in route.things) else "partner"

    def _owner(self, route: Route, role: str) -> Caller | None:
        at, people = self.ids(route), self.world.people
        if "concern_id" in route.things:
            if "/raised/" in route.rule:
                return people["referrer"] if role == roles.REFERRER else None
            return people["safeguarding"] if role == roles.SAFEGUARDING_LEAD else None
        if role == roles.SUPERVISOR and {"peer_id", "session_id"} & set(route.things):
            return people["supervisor"]
        ours = next((at[one] for one in ("match_id", "support_id", "session_id") if one in route.things), None)
        if role == roles.PEER and ours:
            peer_id = self.world.at[f"{self._by_id[ours].rpartition('_')[0]}_peer"]
            return next(one for one in people.values() if one.who.id == peer_id)
        if role == roles.PERSON and "session_id" not in route.things:
            whose = next((at[one] for one in route.things if one in _OF_PEOPLE - {"connection_id"}), None)
            stage = self._by_id.get(whose or "", "").removesuffix("_match").removesuffix("_support")
            return people.get(f"{stage.removesuffix('_person')}_person")
        return None

    # ---- asking

    def caller(self, route: Route, cell: Cell) -> Caller:
        """Whoever stands in that relation to the thing."""
        if cell.relation == table.OWN:
            owner = self._owner(route, cell.role)
            assert owner
            return owner
        if not route.things and cell.role in self.world.at_home:
            return self.world.at_home[cell.role]
        side = (self._side_of(route) if route.things else None) or "partner"
        if cell.relation in {table.OF_OTHERS, table.MISSING} and route.things:
            side = next(other for other in SIDES if other != side)
        return self.world.cast[cell.role][side]

    def knock(
        self, route: Route, cell: Cell, who: Caller, *, is_missing: bool = False, ids: Mapping[str, str] | None = None
    ) -> Knock:
        """The request of a cell; with `is_missing`, the same for what was never there; `ids` for other things."""
        ids = ids or self.ids(route)
        if cell.relation == table.MISSING or is_missing:
            ids = {**ids, **{name: _NOT_THERE for name in route.things}}
        good = self._goods.get(route.name) or Good("", {}, {} if route.method != "GET" else None, _kind(route))
        path = _PLACE.sub(lambda place: ids[place[2]], route.rule)
        headers = {**({"Sec-Fetch-Site": "same-origin"} if not route.is_machine else {}), **good.headers}
        token = who.token
        if token and not route.is_machine:
            headers["Cookie"] = f"{COOKIE}={token}"
        path += _QUERIES.get((route.method, route.rule.rpartition("/set-aside/")[2]), "")
        path += "?kind=made" if route.method == "GET" and route.rule.endswith("/contact") else ""
        body = good.encoded() if route.method != "GET" else b""
        return Knock("", route.method, path, body, good.kind if body else "", headers)

    def answer(
        self,
        route: Route,
        cell: Cell,
        *,
        by: Caller | None = None,
        is_missing: bool = False,
        ids: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer of a cell, in which nothing stays."""
        who = by or self.caller(route, cell)
        knock = self.knock(route, cell, who, is_missing=is_missing, ids=ids)
        world = self.world
        world.case_ids.again(route.name)
        app = world.house.services[route.room].app
        with world.held.case():
            answer = ask(app, knock.environ(who.token if route.is_machine else ""), _LONG)
        if answer.hung:
            world.held.begin_anew()
        return answer

    def is_as_if_never_there(self, route: Route, cell: Cell, answer: Answer) -> bool:
        """Whether what is not theirs was answered with the bytes of what never was."""
        never = self.answer(route, cell, is_missing=True)
        return (answer.status, _plain(answer)) == (never.status, _plain(never))


def verdict_of(answer: Answer) -> str:
    """What an answer says of whoever asked."""
    status = answer.status
    place = dict(answer.headers).get("Location", "")
    if answer.escaped or answer.hung or (status >= 500 and status not in {501, 503}):
        return f"fault {status} {answer.escaped}"
    if status == 401 or (300 <= status < 400 and place.startswith("/sign-in?")):
        return table.SIGN_IN
    if status == 403:
        return table.SUSPENDED if _HELD_WORDS in answer.body else table.NOT_ALLOWED
    return {404: table.NOT_FOUND, 503: table.LATER}.get(status, table.IN)


def _plain(answer: Answer) -> str:
    return without_ids(answer.body.decode("utf-8", "replace"))


def _kind(route: Route) -> str:
    return JSON if route.rule.startswith(("/api/", "/fhir")) else FORM


_ABOUT = "?on=partners/partner/parked-here&number=3"
_QUERIES = {
    ("GET", "stream"): _ABOUT,
    ("GET", "ask/try-again"): _ABOUT,
    ("GET", "ask/give-up"): _ABOUT,
    ("GET", "ask/put-away"): "?on=elsewhere/0&number=3",
    ("GET", "ask/show-again"): "?on=partners/partner/given-up-here&number=3",
}
