"""`make matrix`: every route as every role, of everybody's, in every state, on both databases; counts zeros."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from chassis import logs
from contracts import roles
from contracts.addresses import SERVICES
from tests.matrix import canary, fields, mutants, table
from tests.matrix.asking import Asking, Route, routes
from tests.matrix.asserts import ACTIONS, EVERYONE, cells_of, hold, hold_all, hold_decisions
from tests.matrix.table import Table
from tests.matrix.tally import Tally
from tests.matrix.world import a_matrix_world
from tests.parts.postgres import Databases, Postgres

# On each database a run asks at least so much; fewer means that routes or callers were lost, not that all is well.
FLOOR, LEAST_MUTANTS, LEAST_FIELDS, LEAST_LOOKED = 30_000, 700, 600, 3_500
SQLITE, POSTGRES = "sqlite", "postgres"
_CANARY = "canary"
Task = tuple[str, str, dict[str, Any]]


def main() -> int:
    """Runs; the last line has the figures, and the exit code says whether every zero is one."""
    parser = argparse.ArgumentParser(prog="make matrix", description="Who may come in, held against docs/roles.md.")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--databases", choices=("both", SQLITE), default="both")
    given = parser.parse_args()
    logs.configure("critical")
    began, server = time.monotonic(), Postgres()
    try:
        tasks: list[Task] = [(what, SQLITE, {"relaxed": True}) for what in (table.ORDINARY, *table.STATES[1:], _CANARY)]
        if given.databases == "both":
            databases = Databases(server)
            at = {
                what: {"database_url": databases.of(*SERVICES), "keys_url": databases.empty()} for what, _, _ in tasks
            }
            tasks += [(what, POSTGRES, at[what]) for what, _, _ in tasks]
        tasks.sort(key=lambda task: task[0] not in {table.ORDINARY, _CANARY})
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(given.processes, mp_context=context) as pool:
            parts = list(pool.map(_work, tasks))
    finally:
        server.stop()
    return close(parts, len({database for _, database, _ in tasks}), time.monotonic() - began)


def _work(task: Task) -> Tally:
    what, database, settings = task
    tally, began = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="beenthere-matrix-") as folder:
        if what == _CANARY:
            hold_canary(Path(folder), database, settings, tally)
        else:
            hold_state(Path(folder), what, database, settings, tally)
    print(f"  {what}, {database}: asserts {tally.asserts}, seconds {time.monotonic() - began:.0f}", flush=True)
    return tally


def hold_state(folder: Path, state: str, database: str, settings: dict[str, Any], tally: Tally) -> None:
    """All asserts of one state on one database; on SQLite the policy's mutants that show in it, and the controls."""
    said = Table.read(ACTIONS)
    world = a_matrix_world(folder, state, **settings)
    gc.freeze()
    try:
        asking, which = Asking(world), routes(world)
        hold_all(asking, said, which, state, tally)
        if database == SQLITE:
            _once(asking, said, which, state, tally)
    finally:
        world.house.close()
    tally.decided |= said.decided


def _once(asking: Asking, said: Table, which: list[Route], state: str, tally: Tally) -> None:
    if state == table.ORDINARY:
        hold_decisions(said, roles.RULES, roles.RULES, EVERYONE, tally)
        mutants.survivors(asking, said, which, mutants.of_rules(), tally)
        tally.controls.update(controls(asking, said, which))
    if state in {table.ORDINARY, table.HELD}:
        mutants.of_holds(asking, said, which, state, tally)
    if state == table.STALE:
        mutants.of_waiting(asking, said, which, tally)


def controls(asking: Asking, said: Table, which: list[Route]) -> dict[str, int]:
    """What must be counted when it is there: a row that is wrong, a route without rule, a mutant nobody asks about."""
    opposite = {table.IN: table.NOT_FOUND, table.NOT_FOUND: table.IN}
    planted = Table(
        replace(row, verdict=opposite.get(row.verdict, row.verdict)) if row.what == "referral.read" else row
        for row in said.rows
    )
    found, lost = Tally(), Tally()
    for route in which:
        if route.action == "referral.read":
            for cell, must in cells_of(asking, planted, route, table.ORDINARY):
                hold(asking, route, cell, must, found)
    unruled = Table(row for row in said.rows if row.what != "report.read")
    hold_all(asking, unruled, [route for route in which if route.action == "report.read"], table.KEPT, lost)
    hold_all(asking, unruled, [route for route in which if route.action == "report.read"], table.ORDINARY, lost)
    unseen = Tally()
    nowhere = next(one for one in mutants.of_rules() if one.action == "referral.read")
    mutants.survivors(asking, said, [], [nowhere], unseen)
    return {
        "a wrong row": found.wrong.total(),
        "a route without rule": len(lost.without_rule),
        "a mutant nobody asks about": len(unseen.survived),
    }


def hold_canary(folder: Path, database: str, settings: dict[str, Any], tally: Tally) -> None:
    """The other organisation's word: nowhere, also without the reads' own conditions; without both it is seen."""
    world = canary.a_canary_world(folder, **settings)
    try:
        asking, rows, planted = Asking(world), fields.read(), Tally()
        fields.hold_all(asking, rows, tally)
        fields.hold_all(asking, [replace(row, roles=frozenset()) for row in rows[:1]], planted)
        found = canary.run(world)
    finally:
        world.house.close()
    tally.controls[f"a text nobody may read, {database}"] = planted.wrong.total()
    last = found.pop("with neither")
    for name, seen in found.items():
        tally.kinds[f"looked through, {name}"] += seen.asked
        tally.asserts += seen.asked
        tally.wrong.update(f"{canary.WORD} was read, {name}, {database}: {at}" for at in seen.at)
    tally.controls[f"another's word with no guard, {database}"] = len(last.at)


def close(parts: list[Tally], databases: int, seconds: float) -> int:
    """Tells what was found and says with the exit code whether all is as it must be."""
    whole = Tally()
    for part in parts:
        whole.add(part)
    lines = Table.read(ACTIONS).rows
    whole.unfit |= {f"line {row.line} of the table decides nothing" for row in lines if row.line not in whole.decided}
    for line in whole.lines():
        print(line)
    missed = [name for name, times in whole.controls.items() if times < 1]
    print(
        f"controls: {', '.join(f'{name} {times}' for name, times in sorted(whole.controls.items()))}"
        + (f"; NOT CAUGHT: {', '.join(missed)}" if missed else "")
    )
    print(", ".join(f"{kind} {count}" for kind, count in sorted(whole.kinds.items())))
    print(f"changes of the rules noticed {', '.join(f'{where} {n}' for where, n in whole.noticed.items())}")
    print(f"rows {len(lines)}, policy mutants {whole.mutants}, left out {whole.left_out}, seconds {seconds:.0f}")
    is_enough = (
        whole.asserts >= FLOOR * databases
        and whole.mutants >= LEAST_MUTANTS
        and whole.kinds["fields"] >= LEAST_FIELDS * databases
        and whole.kinds["looked through, both guards"] >= LEAST_LOOKED * databases
        and len(whole.controls) == 3 + 2 * databases
    )
    if not is_enough:
        print("too little was asked")
    print(whole.last_line())
    is_well = not whole.wrong and not whole.without_rule and not whole.survived and not whole.unfit
    return 0 if is_enough and is_well and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
