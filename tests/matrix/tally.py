"""What was asked and what went wrong, with the first examples of each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 40


@dataclass
class Tally:
    """Counts of one run; parts of it are added together."""

    asserts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    without_rule: set[str] = field(default_factory=set)
    decided: set[int] = field(default_factory=set)
    unfit: set[str] = field(default_factory=set)
    mutants: int = 0
    # Where changes of the rules were noticed.
    noticed: Counter[str] = field(default_factory=Counter)
    survived: list[str] = field(default_factory=list)
    # What was planted, and how often it was counted.
    controls: Counter[str] = field(default_factory=Counter)
    # Cells that cannot be: no id in the address, nobody who could have that relation.
    left_out: int = 0

    def hold(self, kind: str, is_so: bool, words: str) -> None:
        """Counts one assert, and what it says when it does not hold."""
        self.asserts += 1
        self.kinds[kind] += 1
        if not is_so:
            self.wrong[words] += 1

    def add(self, other: Tally) -> None:
        """Takes another part in."""
        self.asserts += other.asserts
        self.kinds.update(other.kinds)
        self.wrong.update(other.wrong)
        self.without_rule |= other.without_rule
        self.decided |= other.decided
        self.unfit |= other.unfit
        self.mutants += other.mutants
        self.noticed.update(other.noticed)
        self.survived += other.survived
        self.controls.update(other.controls)
        self.left_out += other.left_out

    def lines(self) -> list[str]:
        """What went wrong, the most frequent first."""
        found = [f"wrong {count:4}  {words}" for words, count in self.wrong.most_common(_SHOWN)]
        found += [f"... and {len(self.wrong) - _SHOWN} kinds more"] * (len(self.wrong) > _SHOWN)
        found += [f"without rule: {name}" for name in sorted(self.without_rule)]
        found += [f"unfit: {words}" for words in sorted(self.unfit)]
        return found + [f"survived: {name}" for name in self.survived]

    def last_line(self) -> str:
        """The figures by which a run is judged."""
        return (
            f"authorisation asserts {self.asserts}, wrong {self.wrong.total()}, routes without rule"
            f" {len(self.without_rule)}, policy mutants survived {len(self.survived)}"
        )
