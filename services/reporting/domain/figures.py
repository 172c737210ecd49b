"""The two kinds of figure: exact ones, which stay in this room, and protected ones, which alone may leave it."""

from __future__ import annotations

from dataclasses import dataclass

# Where a figure is about: the whole region, or one area's code.
REGION = "region"
# What stands where a figure may not, or cannot, be shown (letters in square brackets, as NHS statistics write them).
HIDDEN = "[c]"
TOO_FEW = "[u]"
NOT_SUPPLIED = "[x]"
MARKERS = {
    HIDDEN: "Fewer than 5, or none. When only one area of a row would be hidden, the next smallest is hidden too, "
    "so that nobody can work it out.",
    TOO_FEW: "There are some, but too few for a fair share or a fair time.",
    NOT_SUPPLIED: "Not supplied: nobody has given the network the numbers this needs.",
}


@dataclass(frozen=True)
class Count:
    """How many; `people` is how many human beings stand behind them."""

    count: int
    people: int


@dataclass(frozen=True)
class Share:
    """How many `of` how many; `people` is how many human beings stand behind the whole."""

    count: int
    of: int
    people: int


@dataclass(frozen=True)
class Times:
    """The days each of some people waited, of which the one is shown within which `per_cent` of them were done."""

    days: tuple[int, ...]
    per_cent: int


@dataclass(frozen=True)
class Missing:
    """A figure that needs numbers nobody has supplied."""


Exact = Count | Share | Times | Missing
# The code of a measure, and where: REGION or an area.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Protected:
    """A figure that may be seen: a rounded `value`, of a share or time `out_of` about how many, or a marker instead.

    Made in disclosure.py and read back from where reports are kept; nowhere else.
    """

    value: int | None = None
    out_of: int | None = None
    marker: str | None = None
