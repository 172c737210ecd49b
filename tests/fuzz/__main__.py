"""`make fuzz CASES=n`: hostile bodies at every write route on both databases; counts what must be zero."""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from chassis import logs
from chassis.ids import chance, new_token
from contracts.addresses import SERVICES
from tests.fuzz import controls, corpus
from tests.fuzz.cases import CORPUS, DESCRIBED, GOOD, MUTATED, Plan, cases
from tests.fuzz.doors import Door
from tests.fuzz.judging import judge
from tests.fuzz.knocks import Knock
from tests.fuzz.pair import Pair
from tests.fuzz.tally import Tally
from tests.parts.postgres import Databases, Postgres

KEPT = Path("var/fuzz")
# A door must be read by at least this many cases, and by this share of what each would get evenly; a run with fewer
# cases for each than the last says nothing of that.
LEAST_READ, LEAST_SHARE, LEAST_EACH = 3, 0.015, 100
_TOLD_EVERY = 2000
Urls = tuple[str, str]


def main() -> int:
    """Runs; the last line has the figures, and the exit code says whether every zero is one."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Hostile bodies at every door, on both databases.")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", type=Path, default=None, help="a file that a run kept of one case")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else chance(new_token()).randrange(1_000_000)
    logs.configure("error" if given.replay else "critical")
    server = Postgres()
    databases = Databases(server)
    try:
        if given.replay:
            return replay(given.replay, _urls(databases))
        print(f"fuzz: {given.cases} cases, seed {seed} (SEED={seed} draws the same again)", flush=True)
        return run(Plan(given.cases, seed, 0, given.processes), databases)
    finally:
        server.stop()


def _urls(databases: Databases) -> Urls:
    return databases.of(*SERVICES), databases.empty()


def run(plan: Plan, databases: Databases) -> int:
    """All processes of a run, and the controls meanwhile."""
    began = time.monotonic()
    context = multiprocessing.get_context("fork")
    said: Any = context.Queue()
    parts = [Plan(plan.count, plan.seed, part, plan.parts) for part in range(plan.parts)]
    urls = [_urls(databases) for _ in parts]
    workers = [context.Process(target=_work, args=(part, at, said)) for part, at in zip(parts, urls, strict=True)]
    with tempfile.TemporaryDirectory(prefix="beenthere-fuzz-") as folder:
        for worker in workers:
            worker.start()
        whole, names = _gather(said, workers, plan.count)
        caught = controls.run(Path(folder), databases.of("home"), databases.empty())
    return close(whole, names, caught, plan, time.monotonic() - began)


def _work(plan: Plan, urls: Urls, said: Any) -> None:
    tally = Tally(KEPT)
    with tempfile.TemporaryDirectory(prefix="beenthere-fuzz-") as folder:
        pair = Pair.opened(Path(folder), *urls)
        # What is there by now stays; it need not be looked through again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        try:
            for case in cases(plan, pair.doors, next(iter(pair.worlds.values()))):
                tally.take(case, pair.send(case.knock, case.seed))
                if tally.count % _TOLD_EVERY == 0:
                    said.put(tally.count)
            said.put((tally, [(door.name, door.is_known) for door in pair.doors]))
        finally:
            pair.close()


def _gather(said: Any, workers: Sequence[Any], count: int) -> tuple[Tally, dict[str, bool]]:
    """What all processes counted; one that died without a word leaves its cases out, and the run fails for it."""
    whole, names, waiting, told = Tally(KEPT), {}, len(workers), 0
    while waiting:
        try:
            found = said.get(timeout=5)
        except Empty:
            if not any(worker.is_alive() for worker in workers):
                break
            continue
        if isinstance(found, int):
            told += _TOLD_EVERY
            if told % max(_TOLD_EVERY, count // 20 // _TOLD_EVERY * _TOLD_EVERY) == 0:
                print(f"  {told} of {count}", flush=True)
            continue
        tally, doors = found
        whole.add(tally)
        names.update(doors)
        waiting -= 1
    for worker in workers:
        worker.join()
    return whole, names


def close(whole: Tally, names: dict[str, bool], caught: dict[str, int], plan: Plan, seconds: float) -> int:
    """Tells what was found and says with the exit code whether all is as it must be."""
    for line in whole.lines():
        print(line)
    least = max(LEAST_READ, round(plan.count / max(1, len(names)) * LEAST_SHARE))
    short = whole.short_of(names, least) if plan.count >= len(names) * LEAST_EACH else []
    for line in short:
        print(f"too few: {line}")
    unknown = [name for name, is_known in names.items() if not is_known]
    if unknown:
        print(f"no good request is written down (tests/fuzz/goods.py) for: {', '.join(unknown)}")
    missed = [name for name, times in caught.items() if times < 1]
    print(
        f"controls: {', '.join(f'{name} {times}' for name, times in caught.items())}"
        + (f"; NOT CAUGHT: {', '.join(missed)}" if missed else "")
    )
    sources = ", ".join(f"{name} {whole.sources[name]}" for name in (GOOD, CORPUS, DESCRIBED, MUTATED))
    rarest = min((whole.reached[name] for name in names), default=0)
    slow, what = whole.slowest
    print(
        f"{sources}; routes {len(names)}, each read at least {rarest} times;"
        f" kinds of hostile bodies {len(whole.families)} of {corpus.own_count()}; slowest {slow:.2f} s ({what[:80]});"
        f" seconds {seconds:.0f}, {whole.count / seconds:.0f} a second"
    )
    print(whole.beside())
    print(whole.last_line())
    is_whole = whole.count == plan.count and bool(names)
    return 0 if is_whole and not whole.wrong and not missed and not short else 1


def replay(place: Path, urls: Urls) -> int:
    """Sends a kept case again and shows what both houses answer."""
    kept = json.loads(place.read_text())
    knock = Knock.from_kept(kept["knock"])
    with tempfile.TemporaryDirectory(prefix="beenthere-fuzz-") as folder:
        pair = Pair.opened(Path(folder), *urls)
        try:
            answers = pair.send(knock, kept["seed"])
        finally:
            pair.close()
        door: Door | None = next((one for one in pair.doors if one.name == kept["door"]), None)
    print(f"{kept['door']}: {kept['name']}")
    print(f"{knock.method} {knock.path} as {knock.who}\n{dict(knock.headers)} {knock.kind}")
    print(repr(knock.body[:2000]))
    for name, one in answers.items():
        print(
            f"\n== {name}: {one.status} {one.escaped} {one.seconds:.3f} s\n{one.body[:3000].decode('utf-8', 'replace')}"
        )
    wrong = judge(answers, door, frozenset(kept["must"]))
    print(f"\nwrong: {', '.join(sorted(wrong)) or 'nothing'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
