"""What a run counts, what it keeps of a case that went wrong, and the lines with which it ends."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.cases import CORPUS, GOOD, Case
from tests.fuzz.judging import DIFFERENT, ERROR, HANG, KINDS, judge, reached
from tests.fuzz.pair import Answer

# Files kept of each kind of wrong; one is enough to find the fault.
_MOST_FILES = 25
_SHOWN = 40


@dataclass
class Tally:
    """The counts of a run, or of one process of it; `kept` is the folder for cases that went wrong."""

    kept: Path | None = None
    count: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    groups: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str, str], str] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    families: set[str] = field(default_factory=set)
    slowest: tuple[float, str] = (0.0, "")

    def take(self, case: Case, answers: Mapping[str, Answer]) -> None:
        """Counts one case with the answers of both houses."""
        self.count += 1
        self.sources[case.source] += 1
        if case.source == CORPUS:
            self.families.add(case.name.rpartition(" = ")[2])
        name = case.door.name
        self.met[name] += 1
        self.reached[name] += case.source != GOOD and all(reached(one) for one in answers.values())
        self.accepted[name] += all(one.status < 400 and not one.hung for one in answers.values())
        for one in answers.values():
            self.statuses[one.status] += 1
            self.slowest = max(self.slowest, (one.seconds, f"{name}: {case.name}"))
        for kind in judge(answers, case.door, case.must):
            self._note(kind, case, answers)

    def _note(self, kind: str, case: Case, answers: Mapping[str, Answer]) -> None:
        self.wrong[kind] += 1
        got = " and ".join(
            dict.fromkeys(one.escaped or ("no answer" if one.hung else str(one.status)) for one in answers.values())
        )
        group = (kind, case.door.name, got)
        self.groups[group] += 1
        if self.kept and group not in self.first and self.wrong[kind] <= _MOST_FILES * 10:
            self.first[group] = str(self._keep(kind, case, answers))

    def _keep(self, kind: str, case: Case, answers: Mapping[str, Answer]) -> Path:
        assert self.kept
        self.kept.mkdir(parents=True, exist_ok=True)
        place = self.kept / f"{kind.replace(' ', '-')}-{case.number}.json"
        told = {
            name: {"status": one.status, "seconds": round(one.seconds, 3), "escaped": one.escaped,
            "body": one.body[:4000].decode("utf-8", "replace"), "headers": dict(one.headers)}
            for name, one in answers.items()
        }  # fmt: skip
        whole = {
            "number": case.number, "seed": case.seed, "source": case.source, "name": case.name,
            "door": case.door.name, "must": sorted(case.must), "knock": case.knock.as_kept(),
            "answers": told,
        }  # fmt: skip
        place.write_text(json.dumps(whole, indent=1, ensure_ascii=False))
        return place

    def add(self, other: Tally) -> None:
        """Joins what another process counted."""
        self.count += other.count
        for mine, theirs in (
            (self.sources, other.sources), (self.wrong, other.wrong), (self.met, other.met),
            (self.reached, other.reached), (self.accepted, other.accepted),
        ):  # fmt: skip
            mine.update(theirs)
        self.statuses.update(other.statuses)
        self.groups.update(other.groups)
        self.first = {**other.first, **self.first}
        self.families |= other.families
        self.slowest = max(self.slowest, other.slowest)

    def short_of(self, names: Iterable[str], least: int) -> list[str]:
        """The doors that too few cases reached, and those that took none at all."""
        few = [
            f"{name}: {self.reached[name]} of {self.met[name]} cases were read"
            for name in names
            if self.reached[name] < least
        ]
        return few + [f"{name}: no case was taken" for name in names if not self.accepted[name]]

    def lines(self) -> list[str]:
        """What went wrong, by door and kind, the most frequent first; each with a file that replays it."""
        told = [
            f"{count:6}  {kind}: {door} answered {got}{self._replayed_by((kind, door, got))}"
            for (kind, door, got), count in self.groups.most_common(_SHOWN)
        ]
        return told + [f"... and {len(self.groups) - _SHOWN} more"] * (len(self.groups) > _SHOWN)

    def _replayed_by(self, group: tuple[str, str, str]) -> str:
        return f"  (make fuzz REPLAY={self.first[group]})" if group in self.first else ""

    def beside(self) -> str:
        """The zeros that the last line has no place for."""
        return ", ".join(f"{kind} {self.wrong[kind]}" for kind in KINDS[3:])

    def last_line(self) -> str:
        """The figures by which the run is judged."""
        zeros = ", ".join(f"{kind} {self.wrong[kind]}" for kind in (ERROR, HANG, DIFFERENT))
        return f"cases {self.count}, {zeros}"
