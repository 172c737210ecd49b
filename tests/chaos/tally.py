"""What all runs together met and found, and whether their zeros say anything."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.chaos.board import Board
from tests.chaos.oracle import WRONG

# How often a point that was not passed in its run is tried again.
_TRIES = 4


class Tally:
    """Counts over all lives."""

    def __init__(self, carrier: str) -> None:
        self.carrier = carrier
        self.wrong: Counter[str] = Counter()
        self.examples: list[str] = []
        self.met: Counter[str] = Counter()
        self.notes: set[str] = set()
        self.board: Board | None = None
        self.points: Sequence[str] = ()
        self._misses: Counter[str] = Counter()

    def take(self, told: dict[str, Any], life: Any) -> None:
        """Adds the judgement of one life."""
        for name, count in told["counts"].items():
            self.wrong[name] += count
        self.examples += told["examples"]
        self.met["orders"] += told["orders"]
        self.met["sent twice at once"] += life.outside.sent_twice
        self.met["lives"] += 1

    def miss(self, point: str, plan: list[str]) -> None:
        """A point was not passed in its run: it is planned again, a few times."""
        self._misses[point] += 1
        if self._misses[point] < _TRIES:
            plan.insert(0, point)

    def tell(self, done: int, count: int) -> None:
        """Says how far it is."""
        print(f"  {done} of {count}: {self._zeros()}", flush=True)  # noqa: T201 - the command's own voice

    def _zeros(self) -> str:
        return ", ".join(f"{name} {self.wrong[name]}" for name in WRONG)

    def close(self, runs: int, controls: dict[str, bool], floors: dict[str, int]) -> int:
        """Prints what was met and the closing line; gives the exit code."""
        say = print
        assert self.board is not None
        for name in ("repeats", "deliveries_disturbed", "renewed", "lost_races", "parked", "refused"):
            self.met[name] = self.board.total(name)
        say(f"met: {', '.join(f'{name} {count}' for name, count in sorted(self.met.items()))}")
        for note in sorted(self.notes):
            say(f"note: {note}")
        for example in self.examples[:20]:
            say(f"found: {example}")
        missing = [name for name, is_caught in controls.items() if not is_caught]
        for name, is_caught in controls.items():
            say(f"control: {name}: {'caught' if is_caught else 'NOT CAUGHT'}")
        low = [f"{name} {self.met[name]} of at least {least}" for name, least in floors.items() if self.met[name] < least]
        for what in low:
            say(f"too few for its zeros to say anything: {what}")
        reached = self.board.reached() & set(self.points)
        wanted = len(self.points) if runs >= len(self.points) else min(runs, len(self.points))
        unreached = sorted(set(self.points) - reached) if runs >= len(self.points) else []
        for point in unreached:
            say(f"never reached: {point}")
        say(f"runs {runs}, {self._zeros()}, crash points reached {len(reached)} of {wanted if not unreached else len(self.points)}")
        is_bad = any(self.wrong.values()) or missing or low or unreached
        sys.stdout.flush()
        return 1 if is_bad else 0
