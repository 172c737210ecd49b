"""The asserts of one house in one state: who comes in at each door, and what is not theirs was never there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chassis.access import PUBLIC, Principal, Resource, decide
from contracts import roles
from tests.builders import Caller
from tests.matrix import table
from tests.matrix.asking import Asking, Route, verdict_of
from tests.matrix.table import Cell, Table, Unfit
from tests.matrix.tally import Tally

# Ids that a state of a person says something of; other routes answer as ever in it.
_OF_PEOPLE = frozenset({"referral_id", "person_id", "match_id", "support_id", "connection_id"})
_PERSONS_STATES = frozenset({table.PROTECTED, table.WITHDRAWN, table.KEPT})


def concerns(route: Route, state: str) -> bool:
    """Whether a state says anything of a route."""
    if state in _PERSONS_STATES:
        return bool(_OF_PEOPLE & set(route.things))
    if state == table.HELD and route.action == PUBLIC:
        return False
    return state == table.ORDINARY or "/set-aside" not in route.rule


def cells_of(asking: Asking, said: Table, route: Route, state: str) -> list[tuple[Cell, str]]:
    """The cells of a route with what the table says; of a stale room only those who would come in are asked."""
    found = []
    for cell in asking.cells(route, state):
        if state == table.STALE:
            usual = said.verdict(Cell(**{**vars(cell), "state": table.ORDINARY}))
            if usual != table.IN:
                continue
        verdict = said.verdict(cell)
        if verdict is not None:
            found.append((cell, verdict))
    return found


def hold_all(asking: Asking, said: Table, routes: Iterable[Route], state: str, tally: Tally) -> None:
    """Asks every cell of every route that a state says something of."""
    for route in routes:
        if not concerns(route, state):
            continue
        try:
            cells = cells_of(asking, said, route, state)
        except Unfit as fault:
            tally.unfit.add(str(fault))
            continue
        tally.left_out += asking.left_out(route)
        if state == table.ORDINARY and not any(said.names(cell) for cell, _ in cells):
            tally.without_rule.add(f"{route.room} {route.name}")
        for cell, must in cells:
            hold(asking, route, cell, must, tally)
        for one in listed(asking, said, route) if state == table.ORDINARY else ():
            hold_list(asking, route, one, tally)


def hold(asking: Asking, route: Route, cell: Cell, must: str, tally: Tally) -> None:
    """One cell: the verdict, and when it is not theirs, the bytes of what was never there."""
    answer = asking.answer(route, cell)
    got = verdict_of(answer)
    words = f"{route.room} {route.name} ({route.action}) as {cell.role} of {cell.relation}, {cell.state}"
    tally.hold("who comes in", got == must, f"{words}: {got} ({answer.status}), must be {must}")
    if must == table.NOT_FOUND == got and cell.relation not in {table.MISSING, table.NONE}:
        is_same = asking.is_as_if_never_there(route, cell, answer)
        tally.hold("never there, to the byte", is_same, f"{words}: not the bytes of what was never there")


# ---- what a list shows

_LISTS = {
    "/referrals": "referral", "/api/v1/referrals": "referral", "/api/v1/peers": "peer", "/partners": "partner",
    "/api/v1/partners": "partner", "/support": "support", "/api/v1/supports": "support", "/supervision": "team",
    "/api/v1/supervision/team": "team", "/worries": "concern", "/api/v1/concerns": "concern",
}  # fmt: skip


def listed(asking: Asking, said: Table, route: Route) -> Iterator[tuple[Cell, Caller, str, str]]:
    """The cells of a list: who asks, the id that tells whether a thing is in it, and whether it must be."""
    kind = _LISTS.get(route.rule) if route.method == "GET" else None
    for role in (*roles.ROLES, *roles.NARROWED) if kind else ():
        for relation in (table.OWN, table.OF_PARTNER, table.OF_OTHERS):
            cell = Cell(route.action, route.rule, route.method, role, relation, table.ORDINARY)
            must = said.verdict(cell, of_lists=True)
            if must is not None and kind:
                yield cell, *_of_list(asking, kind, role, relation), must


def _of_list(asking: Asking, kind: str, role: str, relation: str) -> tuple[Caller, str]:
    world = asking.world
    at, people, cast = world.at, world.people, world.cast[role]
    is_theirs = relation == table.OF_OTHERS
    if kind in {"referral", "partner"}:
        marks = {"referral": (at["received"], at["theirs"]), "partner": (at["partner"], at["kindred"])}[kind]
        return cast["partner"], marks[is_theirs]
    if kind == "peer":
        return cast["partner" if is_theirs else "kindred"], people["asha"].who.id
    owners = {
        "support": {roles.PEER: people["edda"], roles.PERSON: people["active_person"]},
        "team": {roles.SUPERVISOR: people["supervisor"]},
        "concern": {roles.SAFEGUARDING_LEAD: people["safeguarding"]},
    }[kind]
    mark = {"support": at["active_support"], "team": people["asha"].who.id, "concern": at["taken_concern"]}[kind]
    if role in roles.NARROWED and relation == table.OWN:
        return world.by_link(owners[roles.PERSON], role), mark
    return owners[role] if relation == table.OWN else cast["partner"], mark


def hold_list(asking: Asking, route: Route, one: tuple[Cell, Caller, str, str], tally: Tally) -> None:
    """One thing in one list."""
    cell, who, mark, must = one
    answer = asking.answer(route, cell, by=who)
    is_in = mark.encode() in answer.body
    got = table.SHOWN if is_in else table.NOT_SHOWN
    words = f"{route.name} as {cell.role}, of {cell.relation}: {got} ({answer.status}), must be {must}"
    tally.hold("what a list shows", got == must and answer.status == 200, words)


# ---- the policy itself

_CALLED = {
    "NotSignedIn": table.SIGN_IN, "NotAllowed": table.NOT_ALLOWED, "NotFound": table.NOT_FOUND,
    "PartnerSuspended": table.SUSPENDED, "": table.IN,
}  # fmt: skip
_OURS, _OTHERS = "an organisation", "another organisation"


def hold_decisions(
    said: Table, rules: Mapping[str, Mapping[str, str]], actions: Iterable[str], everyone: Iterable[str], tally: Tally
) -> None:
    """What the one pure module decides, held against the same rows: no address, so rules of an address say nothing."""
    for action in actions:
        for role in everyone:
            name, _, only = role.partition("/")
            who = Principal("account", "somebody", _OURS, frozenset(name.split("+")), only=only or None)
            who = who if role != table.NOBODY else Principal("nobody", "nobody")
            for relation in (table.OWN, table.OF_PARTNER, table.OF_OTHERS):
                for state in (table.ORDINARY, table.HELD):
                    _hold_decision(said, rules, who, Cell(action, "", "", role, relation, state), tally)


def _hold_decision(
    said: Table, rules: Mapping[str, Mapping[str, str]], who: Principal, cell: Cell, tally: Tally
) -> None:
    of = Resource(
        frozenset({who.id} if cell.relation == table.OWN else {"somebody else"}),
        frozenset({_OURS if cell.relation == table.OF_PARTNER else _OTHERS}),
    )
    is_held = cell.state == table.HELD
    got = _CALLED[decide(rules, who, cell.action, of, is_partner_held=is_held).rule]
    must = said.verdict(cell)
    words = f"decide({cell.action}) as {cell.role} of {cell.relation}, {cell.state}: {got}, must be {must}"
    tally.hold("what the policy decides", got == must, words)


EVERYONE = (*roles.ROLES, *roles.NARROWED, *("+".join(two) for two in table.TWO_ROLES), table.NOBODY)
ACTIONS = (*roles.RULES, PUBLIC)
