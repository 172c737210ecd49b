"""`make check`: style, types, imports and the rules of the house, two at a time, then one line of figures."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
# The slowest begins first. Compose, proxy, OpenAPI and migrations are looked at by the tests of the architecture.
STEPS: dict[str, list[str]] = {
    "rules of the house": [str(BIN / "pytest"), "-q", "tests/architecture"],
    "types": [str(BIN / "mypy")],
    "style": [str(BIN / "ruff"), "check", "."],
    "layout": [str(BIN / "ruff"), "format", "--check", "."],
    "imports": [str(BIN / "lint-imports"), "--no-logo"],
}


@dataclass(frozen=True)
class Outcome:
    """How one step went."""

    name: str
    is_well: bool
    said: str
    seconds: float

    def number(self, pattern: str) -> int:
        """The first number the step said in a phrase; 0 when it said none."""
        found = re.search(pattern, self.said)
        return int(found[1]) if found else 0


def run(name: str) -> Outcome:
    """Runs one step and says how it went, at length only when it went badly."""
    began = time.monotonic()
    done = subprocess.run(STEPS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    outcome = Outcome(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)
    if not outcome.is_well:
        print(f"\n---- {name}: {' '.join(STEPS[name])}\n{outcome.said}", flush=True)
    print(f"{'ok ' if outcome.is_well else 'RED'}  {name:<20} {outcome.seconds:5.1f} s", flush=True)
    return outcome


def main() -> int:
    """Runs every step, even after one went badly; gives 1 when any did."""
    began = time.monotonic()
    with ThreadPoolExecutor(2) as two:
        outcomes = {outcome.name: outcome for outcome in two.map(run, STEPS)}
    files = outcomes["types"].number(r"(?:in|checked) (\d+) source files")
    kept = outcomes["imports"].number(r"Contracts: (\d+) kept")
    passed = outcomes["rules of the house"].number(r"tests (\d+) passed")
    red = [name for name, outcome in outcomes.items() if not outcome.is_well]
    bad = f"RED ({', '.join(red)}), " if red else ""
    print(
        f"check: {bad}files {files}, import rules {kept} kept, "
        f"architecture tests {passed} passed, seconds {time.monotonic() - began:.0f}"
    )
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
