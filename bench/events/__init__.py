"""`make bench WHAT=events`: our plumbing beside its peers, on one broker and one PostgreSQL, in one run.

The same 300-byte facts, headers, keys and partitions for all, each case in a process of its own, the order shuffled,
medians of RUNS. ARGS="--runs 1 --words consume" asks for less.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence

from bench.events import judging
from bench.events.cases import BARS, CASES, LENGTHS, Case
from bench.events.ground import Ground, a_ground
from bench.figures import Figure
from chassis.ids import chance

RUNS, SEED = 3, 7
Rates = dict[tuple[str, int], list[float]]


def measure(asked: Sequence[str] = ()) -> list[Figure]:
    """Runs every case, prints the table of rates and promises, and gives each ratio beside its bar."""
    parser = argparse.ArgumentParser(prog="make bench WHAT=events")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--words", default="", help="only what holds these words")
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS)
    given = parser.parse_args(list(asked))
    chosen = [case for case in CASES if given.words in case.name]
    figures: list[Figure] = []
    with a_ground() as ground:
        for length in given.lengths:
            rates = _rates(ground, [case for case in chosen if length in case.lengths], length, given.runs)
            _print(rates, chosen, length)
            figures += _ratios(rates, length)
        for words, judge in judging.OTHERS.items():
            if given.words in words:
                figures += judge(ground, given.runs)
                ground.tidy()
    return figures


def _rates(ground: Ground, cases: Sequence[Case], length: int, runs: int) -> Rates:
    plan = [case for case in cases for _ in range(runs)]
    chance(f"{SEED}|{length}").shuffle(plan)
    rates: Rates = {}
    for case in plan:
        rates.setdefault((case.name, length), []).append(ground.rate(case, length))
        ground.tidy()
    return rates


def _print(rates: Rates, cases: Sequence[Case], length: int) -> None:
    print(f"{length} facts: median a second (least to most); what it promises")
    for case in cases:
        if found := rates.get((case.name, length)):
            middle = f"{statistics.median(found):9.0f} ({min(found):.0f} to {max(found):.0f})"
            print(f"  {case.name:60} {middle:28} {case.promise}", flush=True)


def _ratios(rates: Rates, length: int) -> list[Figure]:
    figures = []
    for bar in BARS:
        ours, theirs = rates.get((bar.ours, length)), rates.get((bar.peer, length))
        if ours and theirs:
            here, there = statistics.median(ours), statistics.median(theirs)
            aim = f"; aim {bar.aim:.2f}" if bar.aim else ""
            figures.append(
                Figure(
                    f"{bar.ours}, {length} facts{aim}", round(here), "facts/s", bar=bar.least, better="higher",
                    peer=bar.peer.partition(": ")[2], peer_value=round(there), ratio=round(here / there, 3),
                )
            )  # fmt: skip
    return figures
