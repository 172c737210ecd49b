"""What parent and children write on together: memory that outlives a killed child, one row of counts for each child."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence

COUNTS = ("renewed", "repeats", "lost_races", "commits_cut", "parked", "deliveries_disturbed", "refused")
_ROWS, _WIDTH = 16_384, 8
# Switches every child looks at.
POISONED, CUTTING = 0, 1
_SWITCHES = 16


class Board:
    """Anonymous shared memory: which points were reached, switches, and counts; nothing locks, so nothing can hang."""

    def __init__(self, points: Sequence[str]) -> None:
        self._points = {name: number for number, name in enumerate(points)}
        self._marks = mmap.mmap(-1, len(points) + _SWITCHES)
        self._counts = mmap.mmap(-1, _ROWS * _WIDTH * len(COUNTS))
        self._rows = 0

    def reached(self) -> set[str]:
        """The points at which a process was killed."""
        return {name for name, number in self._points.items() if self._marks[_SWITCHES + number]}

    def mark(self, point: str) -> None:
        """Notes that a process dies at this point now."""
        self._marks[_SWITCHES + self._points[point]] = 1

    def switch(self, which: int, to: int) -> None:
        """Sets a switch to a number from 0 to 255."""
        self._marks[which] = to

    def reads(self, which: int) -> int:
        """How a switch stands."""
        return self._marks[which]

    def next_row(self) -> int:
        """A row for the next child."""
        self._rows = (self._rows + 1) % _ROWS
        return self._rows

    def put(self, row: int, name: str, count: int) -> None:
        """A child's count so far."""
        struct.pack_into("q", self._counts, self._place(row, name), count)

    def add(self, row: int, name: str, count: int = 1) -> None:
        """Raises a child's count."""
        place = self._place(row, name)
        struct.pack_into("q", self._counts, place, struct.unpack_from("q", self._counts, place)[0] + count)

    def total(self, name: str) -> int:
        """The count over all children."""
        return sum(struct.unpack_from("q", self._counts, self._place(row, name))[0] for row in range(_ROWS))

    def _place(self, row: int, name: str) -> int:
        return (row * len(COUNTS) + COUNTS.index(name)) * _WIDTH
