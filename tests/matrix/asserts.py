"""The asserts of one house in one state: who comes in at each door, and what is not theirs was never there."""

from __future__ import annotations

from collections.abc import Iterable

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
    return state == table.ORDINARY or "/set-aside" not in route.rule and not route.action == "public"


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
        if not cells and state == table.ORDINARY:
            tally.without_rule.add(f"{route.room} {route.name}")
        for cell, must in cells:
            hold(asking, route, cell, must, tally)


def hold(asking: Asking, route: Route, cell: Cell, must: str, tally: Tally) -> None:
    """One cell: the verdict, and when it is not theirs, the bytes of what was never there."""
    answer = asking.answer(route, cell)
    got = verdict_of(answer)
    words = f"{route.room} {route.name} ({route.action}) as {cell.role} of {cell.relation}, {cell.state}"
    tally.hold("who comes in", got == must, f"{words}: {got} ({answer.status}), must be {must}")
    if must == table.NOT_FOUND == got and cell.relation not in {table.MISSING, table.NONE}:
        is_same = asking.is_as_if_never_there(route, cell, answer)
        tally.hold("never there, to the byte", is_same, f"{words}: not the bytes of what was never there")
