"""What all runs together met and found, and whether their zeros say anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.chaos.board import COUNTS, Board
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
        self.planned: set[str] = set()
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
        print(f"  {done} of {count}: {self._zeros()}", flush=True)

    def _zeros(self) -> str:
        return ", ".join(f"{name} {self.wrong[name]}" for name in WRONG)

    def close(self, runs: int, controls: dict[str, bool], floors: dict[str, int]) -> int:
        """Prints what was met and the closing line; gives the exit code."""
        assert self.board is not None
        for name in COUNTS:
            self.met[name] = self.board.total(name)
        print(f"met: {', '.join(f'{name} {count}' for name, count in sorted(self.met.items()))}")
        for line in [
            *(f"note: {note}" for note in sorted(self.notes)),
            *(f"found: {one}" for one in self.examples[:20]),
        ]:
            print(line)
        for name, is_caught in controls.items():
            print(f"control: {name}: {'caught' if is_caught else 'NOT CAUGHT'}")
        low = [name for name, least in floors.items() if self.met[name] < least]
        for name in low:
            print(f"too few for zeros to say anything: {name} {self.met[name]}, at least {floors[name]}")
        # A run with fewer runs than there are points draws some of them, and is held to those.
        wanted = set(self.points) if runs >= len(self.points) else self.planned
        unreached = sorted(wanted - self.board.reached())
        for point in unreached:
            print(f"never reached: {point}")
        reached = len(wanted) - len(unreached)
        print(f"runs {runs}, {self._zeros()}, crash points reached {reached} of {len(wanted)}", flush=True)
        return 1 if any(self.wrong.values()) or not all(controls.values()) or low or unreached else 0
