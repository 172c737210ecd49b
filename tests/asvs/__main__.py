"""`make asvs`: takes controls of some requirements, drawn by seed, out of a copy of the house: each test turns red."""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chassis.ids import new_secret
from tests.asvs import table
from tests.asvs.removals import REMOVALS, Edit
from tests.asvs.table import ROOT, TEST, Row

FOLDERS = ("bench", "chassis", "contracts", "demo", "deploy", "docs", "services", "tests")
FILES = ("pyproject.toml", "docker-compose.yml", ".env.example", "Makefile", "README.md", "CHANGELOG.md")
# A change that makes a test wait for good is caught too (seconds).
MOST_SECONDS = 300
RED, GREEN, UNCLEAR = "red", "green", "unclear"


class Outdated(Exception):
    """A removal's text is not in its file exactly once: the line was changed, so its removal must be too."""


def without(edits: Sequence[Edit], root: Path) -> dict[Path, str]:
    """The files with the control taken out; what is Python still reads as Python."""
    found: dict[Path, str] = {}
    for path, text, instead in edits:
        place = root / path
        whole = found.get(place) or place.read_text()
        if whole.count(text) != 1:
            raise Outdated(f"{path} has {text!r} {whole.count(text)} times")
        found[place] = whole.replace(text, instead)
        if path.endswith(".py"):
            compile(found[place], path, "exec")
    return found


def outcome(tests: Sequence[str], copy: Path, *, is_told: bool = False) -> str:
    """How tests went in the copy; unclear where none of them failed and none of them could be asked."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return RED
    if done.returncode == 0:
        return GREEN
    is_red = done.returncode == 1 and re.search(r"\b[1-9]\d* failed", done.stdout) is not None
    if is_told or not is_red:
        print(done.stdout[-3000:], done.stderr[-500:])
    return RED if is_red else UNCLEAR


class Copy:
    """A copy of the house in which controls are taken out, one requirement's at a time."""

    def __init__(self, place: Path) -> None:
        self.root = place / "copy"
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__", "out"))
        for name in FILES:
            shutil.copy(ROOT / name, self.root)

    def without(self, edits: Sequence[Edit], test: str) -> str:
        """How a test goes with a control taken out; the copy is whole again afterwards."""
        before = {}
        try:
            for place, text in without(edits, self.root).items():
                before[place] = place.read_text()
                place.write_text(text)
            return outcome([test], self.root)
        finally:
            for place, text in before.items():
                place.write_text(text)


def drawn(rows: Sequence[Row], seed: int, count: int, words: str) -> list[Row]:
    """Some of the requirements that a test answers; the same for the same seed."""
    asked = [row for row in rows if row.state == TEST and (not words or row.id in words.split(","))]
    return asked if len(asked) <= count else random.Random(seed).sample(asked, count)


def main() -> int:
    """Draws, takes out and asks; the last line has the figures."""
    parser = argparse.ArgumentParser(prog="make asvs", description="Takes out the controls of some requirements.")
    parser.add_argument("--seed", type=int, default=None, help="which are drawn; another one each time when not given")
    parser.add_argument("--count", type=int, default=25, help="how many are drawn")
    parser.add_argument("--ids", default="", help="these and no others, such as V3.3.1,V9.1.2")
    given = parser.parse_args()
    seed = int.from_bytes(new_secret(3)) if given.seed is None else given.seed
    rows = table.read()
    unmapped = [fault for fault in table.faults(rows, table.required())]
    for fault in unmapped:
        print(fault)
    chosen = drawn(rows, seed, given.count, given.ids)
    print(f"seed {seed}: {', '.join(row.id for row in chosen)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="beenthere-asvs-") as place:
        copy = Copy(Path(place))
        if outcome(sorted({row.answer for row in chosen}), copy.root, is_told=True) != GREEN:
            print("the tests are red before anything is taken out; mend them first")
            return 1
        # The control: what takes nothing out must be counted as survived, or nothing below means anything.
        path, text, _ = REMOVALS[chosen[0].id][0]
        if copy.without([(path, text, text)], chosen[0].answer) != GREEN:
            print("a removal that removes nothing was not counted as survived")
            return 1
        print(f"control  a removal that removes nothing survives, as it must ({chosen[0].id})", flush=True)
        survived = [row.id for row in chosen if not _is_caught(copy, row)]
    counted = ", ".join(f"{state} {count}" for state, count in table.counts(rows).items())
    print(f"of the requirements: {counted}")
    print(
        f"asvs requirements {len(table.required())}, unmapped {len(unmapped)}, drawn {len(chosen)}, "
        f"removals survived {len(survived)}"
    )
    return 1 if survived or unmapped else 0


def _is_caught(copy: Copy, row: Row) -> bool:
    began = time.monotonic()
    edits = REMOVALS.get(row.id)
    went = copy.without(edits, row.answer) if edits else "has no removal"
    said = "caught  " if went == RED else "SURVIVED"
    print(
        f"{said} {time.monotonic() - began:5.1f} s  {row.id:<8} {row.answer}{'' if went == RED else f' ({went})'}",
        flush=True,
    )
    return went == RED


if __name__ == "__main__":
    sys.exit(main())
