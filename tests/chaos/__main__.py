"""`make chaos RUNS=n CARRIER=embedded|kafka`: kills, freezes, cuts, repeats, and an oracle counts what is wrong."""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.chaos.tally import Tally


def main() -> int:
    """Runs; the last line has the figures, and the exit code says whether every zero is one."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Proves by killing that no fact is lost.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--carrier", choices=("embedded", "kafka"), default="embedded")
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    print(f"chaos on {given.carrier}: {given.runs} runs, seed {seed} (--seed {seed} draws the same again)", flush=True)
    tally = Tally(given.carrier)
    if given.carrier == "embedded":
        from tests.chaos import controls, embedded

        embedded.run(given.runs, seed, tally)
        caught = controls.embedded(seed)
        floors = {"repeats": max(1, given.runs // 10), "deliveries_disturbed": max(1, given.runs // 10)}
    else:
        from tests.chaos import on_kafka

        caught, floors = on_kafka.run(given.runs, seed, tally)
    return tally.close(given.runs, caught, floors)


if __name__ == "__main__":
    sys.exit(main())
