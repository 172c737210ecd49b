"""One figure, how it is written down, and whether it holds its bar."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Figure:
    """A measured value; `bar` judges the ratio to a peer where there is one, else the value, by `better`."""

    figure: str
    value: float
    unit: str
    bar: float | None = None
    better: str = "lower"
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None

    def holds(self) -> bool:
        """Whether the bar is held; true when there is none."""
        judged = self.value if self.ratio is None else self.ratio
        return self.bar is None or (judged <= self.bar if self.better == "lower" else judged >= self.bar)

    def words(self) -> str:
        """The figure beside its bar, in one line."""
        beside = f" of {self.peer} {self.peer_value:g}: {self.ratio:.2f}" if self.ratio is not None else ""
        bar = "" if self.bar is None else f" (bar {self.bar:g}, {self.better} is better)"
        return f"{self.figure}: {self.value:g} {self.unit}{beside}{bar}{'' if self.holds() else '  MISSED'}"


def write(what: str, figures: list[Figure]) -> Path:
    """Writes the figures of one bench as JSON; what does not apply is left out."""
    OUT.mkdir(exist_ok=True)
    path = OUT / f"{what}.json"
    rows = [{name: value for name, value in asdict(figure).items() if value is not None} for figure in figures]
    path.write_text(json.dumps(rows, indent=1) + "\n")
    return path
