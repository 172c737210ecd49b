"""`make mutants`: takes each line of `mutations.py` out of a copy of the house in turn; each must turn a test red."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.mutations import MUTATIONS, Mutation
from tests.parts.kafka import GIVEN, Kafka

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("chassis", "contracts", "services", "demo", "tests", "deploy")
TESTS = ("tests/unit/chassis", "tests/integration/chassis")
# A change that makes a test wait for good is caught too (seconds).
MOST_SECONDS = 300
_PASSED, _FAILED = 0, 1


class Outdated(Exception):
    """A mutation's text is not in its file exactly once: the line was changed, so its mutation must be too."""


def mutated(mutation: Mutation, root: Path) -> str:
    """The file with the line taken out."""
    text = (root / mutation.path).read_text()
    if text.count(mutation.text) != 1:
        raise Outdated(f"{mutation.name}: {mutation.path} has {mutation.text!r} {text.count(mutation.text)} times")
    return text.replace(mutation.text, mutation.instead)


def is_caught(mutation: Mutation | None, place: Path) -> bool:
    """Whether the tests turn red with this line taken out; with None, whether they are red as they are."""
    copy = place / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    if mutation:
        (copy / mutation.path).write_text(mutated(mutation, ROOT))
    # What needs no broker is over sooner, so it is asked first.
    return any(_is_red(copy, words, is_told=mutation is None) for words in ("not kafka", "kafka"))


def _is_red(copy: Path, words: str, *, is_told: bool) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-p", "no:cacheprovider", "-k", words, *TESTS]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return True
    # Two processes that stop at the first failure end with a code of their own.
    is_plain = done.returncode in {_PASSED, _FAILED} or "stopping after 1 failures" in done.stdout
    if is_told or not is_plain:
        print(done.stdout[-3000:] if done.returncode else "", done.stderr[-1000:])
    return done.returncode != _PASSED


def main() -> int:
    """Runs them all, or those whose name holds some words; the last line has the figures."""
    parser = argparse.ArgumentParser(prog="make mutants", description="Takes out one line after another.")
    parser.add_argument("--words", default="", help="only mutations whose name holds these words")
    given = parser.parse_args()
    chosen = [one for one in MUTATIONS if given.words in one.name]
    for one in MUTATIONS:
        mutated(one, ROOT)
    kafka = Kafka()
    os.environ[GIVEN] = kafka.bootstrap
    survived = []
    try:
        with tempfile.TemporaryDirectory(prefix="beenthere-mutants-") as place:
            if is_caught(None, Path(place)):
                print("the tests are red before anything is taken out; mend them first")
                return 1
            for one in chosen:
                began = time.monotonic()
                caught = is_caught(one, Path(place))
                survived += [] if caught else [one.name]
                print(
                    f"{'caught  ' if caught else 'SURVIVED'} {time.monotonic() - began:5.1f} s  {one.name}", flush=True
                )
    finally:
        kafka.stop()
    for name in survived:
        print(f"survived: {name}")
    print(f"mutants {len(chosen)}, survived {len(survived)}")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
