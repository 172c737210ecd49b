"""Every write route of the seven rooms, from their own tables of routes, and a good request for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fuzz.goods import goods
from tests.fuzz.knocks import FORM, JSON, Good, Knock
from tests.fuzz.world import World

# A demo has no provider; what forgers send to its door stands in tests/integration/partners.
SHUT = frozenset({"POST /sign-in/provider/logout"})
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Door:
    """One write route, and what it takes in its best case; `is_known` says that somebody wrote that down here."""

    room: str
    method: str
    rule: str
    action: str
    good: Good
    is_known: bool

    @property
    def name(self) -> str:
        """How it stands in the table of routes."""
        return f"{self.method} {self.rule}"

    @property
    def reads(self) -> bool:
        """Whether it reads a body at all; one that does not is a button."""
        return self.good.body is not None

    def path(self, at: Mapping[str, str] | None = None) -> str:
        """Its address with the ids of things that are there, or others."""
        found = {**self.good.at, **(at or {})}
        return _PLACE.sub(lambda place: found.get(place[1], place[1]), self.rule)

    def places(self) -> list[str]:
        """The names of the ids in its address."""
        return _PLACE.findall(self.rule)

    def knock(self) -> Knock:
        """The good request."""
        good = self.good
        body = good.encoded()
        kind = good.kind if body else ""
        return Knock(good.who, self.method, self.path(), body, kind, dict(good.headers))


def write_routes(world: World) -> dict[str, tuple[str, str, str, str]]:
    """Every write route there is: its name, then room, method, rule and action."""
    found = {}
    for room, service in world.house.services.items():
        for rule in service.app.url_map.iter_rules():
            action = service.actions[rule.endpoint]
            for method in sorted((rule.methods or set()) & WRITES):
                found[f"{method} {rule.rule}"] = (room, method, rule.rule, action)
    return found


def doors(world: World) -> list[Door]:
    """A door for each write route, in the order of their names; one that nobody wrote a request for gets a guess."""
    known = goods(world)
    made = []
    for name, (room, method, rule, action) in sorted(write_routes(world).items()):
        if name in SHUT:
            continue
        good = known.get(name) or _guess(world, rule, action)
        made.append(Door(room, method, rule, action, good, name in known))
    return made


def _guess(world: World, rule: str, action: str) -> Good:
    """Somebody who may, with a body of one field: enough to be read and refused."""
    who = "nobody"
    for role in world.house.services["home"].rules.get(action, {}):
        named = f"anybody as {role}"
        if named not in world.people:
            world.people[named] = world.as_(role, partner_id=world.at["kindred"], id=world.at["partner"])
        who = named
    is_machine = rule.startswith(("/api/", "/fhir"))
    body = {"name": "x"}
    return Good(who, dict.fromkeys(_PLACE.findall(rule), world.at["partner"]), body, JSON if is_machine else FORM)
