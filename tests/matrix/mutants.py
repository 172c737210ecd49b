"""The policy changed in one place at a time: an assert about that place must turn wrong, or nobody would notice.

A role dropped or added must be noticed at a door. A reach that goes further than it should is noticed at a door, in a
list, or where the one pure module decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chassis.held import held_by_brakes
from contracts import roles
from tests.matrix import table
from tests.matrix.asking import Asking, Route, verdict_of
from tests.matrix.asserts import cells_of, concerns, hold_decisions, hold_list, listed
from tests.matrix.table import Cell, Table
from tests.matrix.tally import Tally

AT_A_DOOR, IN_A_LIST, WHERE_DECIDED = "at a door", "in a list", "where it is decided"
Rules = Mapping[str, Mapping[str, str]]
_WIDER = {roles.OWN: (roles.PARTNER, roles.NETWORK), roles.PARTNER: (roles.NETWORK,), roles.NETWORK: ()}
# Whoever notices that what holds somebody back is not heeded, and in which state.
_NOTICED_BY = {"account_disabled": table.CLOSED, "role_ended": table.CHANGED, "system_key_revoked": table.REVOKED}


@dataclass(frozen=True)
class Mutant:
    """The table of rules with one place changed."""

    name: str
    action: str
    role: str
    is_wider: bool
    rules: Rules


def of_rules(rules: Rules = roles.RULES) -> Iterator[Mutant]:
    """Every role of every action dropped, widened, and every other role added."""
    for action, reaches in rules.items():
        for role in (*roles.ROLES, *roles.NARROWED):
            if role in reaches:
                rest = {other: reach for other, reach in reaches.items() if other != role}
                yield Mutant(f"{action}: {role} dropped", action, role, False, {**rules, action: rest})
                for wider in _WIDER[reaches[role]]:
                    name = f"{action}: {role} reaches {wider} and not {reaches[role]}"
                    yield Mutant(name, action, role, True, {**rules, action: {**reaches, role: wider}})
            else:
                name = f"{action}: {role} added"
                yield Mutant(name, action, role, False, {**rules, action: {**reaches, role: roles.OWN}})


def survivors(asking: Asking, said: Table, routes: Iterable[Route], mutants: Iterable[Mutant], tally: Tally) -> None:
    """Puts each mutant of the rules into the house and asks what concerns it until something is wrong."""
    by_action: dict[str, list[Route]] = {}
    for route in routes:
        by_action.setdefault(route.action, []).append(route)
    services = asking.world.house.services.values()
    kept = {service.name: service.rules for service in services}
    cells: dict[str, list[tuple[Route, Cell, str]]] = {}
    try:
        for mutant in mutants:
            tally.mutants += 1
            for service in services:
                service.rules = mutant.rules
            if mutant.action not in cells:
                cells[mutant.action] = _cells(asking, said, by_action.get(mutant.action, []))
            where = _noticed(asking, said, mutant, by_action.get(mutant.action, []), cells[mutant.action])
            tally.noticed[where] += 1
            if not where:
                tally.survived.append(mutant.name)
    finally:
        for service in services:
            service.rules = kept[service.name]


def _cells(asking: Asking, said: Table, routes: list[Route]) -> list[tuple[Route, Cell, str]]:
    return [(route, *pair) for route in routes for pair in cells_of(asking, said, route, table.ORDINARY)]


def _noticed(
    asking: Asking, said: Table, mutant: Mutant, routes: list[Route], cells: list[tuple[Route, Cell, str]]
) -> str:
    """Where a mutant is noticed first; nothing when nowhere."""
    for route, cell, must in cells:
        if cell.role == mutant.role and cell.relation != table.MISSING:
            if mutant.is_wider and must == table.IN:
                continue
            if verdict_of(asking.answer(route, cell)) != must:
                return AT_A_DOOR
    if not mutant.is_wider:
        return ""
    found = Tally()
    for route in routes:
        for one in listed(asking, said, route):
            if one[0].role == mutant.role:
                hold_list(asking, route, one, found)
    if found.wrong:
        return IN_A_LIST
    hold_decisions(said, mutant.rules, [mutant.action], [mutant.role], found)
    return WHERE_DECIDED if found.wrong else ""


def of_holds(asking: Asking, said: Table, routes: Iterable[Route], state: str, tally: Tally) -> None:
    """Each thing that holds somebody back is not heeded any more, in the state where that shows."""
    house = asking.world.house.services
    rooms = [service for name, service in house.items() if name != "partners"]  # that one asks its own records
    for kind in roles.HOLDS:
        who = _NOTICED_BY.get(kind)
        if (state == table.HELD) is (who is not None):
            continue
        tally.mutants += 1
        rest = held_by_brakes({other: what for other, what in roles.HOLDS.items() if other != kind})
        before = {service.name: service.entry._held_on for service in rooms}
        for service in rooms:
            service.entry._held_on = rest
            service.entry.forget_held()
        noticed = {
            route.room
            for route, cell, must in _held_cells(asking, said, routes, who, state)
            if verdict_of(asking.answer(route, cell)) != must
        }
        for service in rooms:
            service.entry._held_on = before[service.name]
            service.entry.forget_held()
        if not noticed:
            tally.survived.append(f"{kind} is heeded by nobody")


def _held_cells(
    asking: Asking, said: Table, routes: Iterable[Route], who: str | None, state: str
) -> Iterator[tuple[Route, Cell, str]]:
    """Up to three cells of each room that would be refused for what holds somebody back."""
    taken: dict[str, int] = {}
    for route in routes:
        if route.room == "partners" or not concerns(route, state) or route.action == "public":
            continue
        for cell, must in cells_of(asking, said, route, state):
            is_refused = cell.role == who if who else must == table.SUSPENDED
            if is_refused and taken.get(route.room, 0) < 3:
                taken[route.room] = taken.get(route.room, 0) + 1
                yield route, cell, must


def of_waiting(asking: Asking, said: Table, routes: Iterable[Route], tally: Tally) -> None:
    """Each action that must not wait is made to wait in a house that is not up to date."""
    services = asking.world.house.services.values()
    for action in sorted(roles.MUST_NOT_WAIT):
        tally.mutants += 1
        for service in services:
            service.must_not_wait = roles.MUST_NOT_WAIT - {action}
        is_noticed = any(
            verdict_of(asking.answer(route, cell)) != must
            for route in routes
            if route.action == action
            for cell, must in cells_of(asking, said, route, table.STALE)
        )
        for service in services:
            service.must_not_wait = roles.MUST_NOT_WAIT
        if not is_noticed:
            tally.survived.append(f"{action} may wait")
