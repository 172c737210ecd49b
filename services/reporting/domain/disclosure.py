"""The one exit: exact figures go in, protected ones come out, and nothing else of them leaves this room.

The simple rule of NHS statistics (docs/decisions/0009-simple-report-rule.md). Whatever protects better later takes the
place of `protect` as a whole: it is given every figure of a period at once, and is pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .figures import HIDDEN, NOT_SUPPLIED, REGION, TOO_FEW, Cell, Count, Exact, Missing, Protected, Share, Times


@dataclass(frozen=True)
class Rule:
    """What is hidden and how coarsely the rest is shown; the numbers of the policy."""

    least_count: int
    round_to: int
    share_least_count: int


def protect(exact: Mapping[Cell, Exact], rule: Rule) -> dict[Cell, Protected]:
    """Gives each figure as it may be seen.

    Figures about fewer than `least_count` are hidden, none included; when one area of a measure would be the only one
    without a figure, the next smallest is hidden too. The rest is rounded, each figure on its own, and what is worked
    out from counts is worked out from rounded ones, so that parts need not add up to their total.
    """
    markers = {cell: _marker(figure, rule) for cell, figure in exact.items()}
    for code in {code for code, _ in exact}:
        areas = [cell for cell in sorted(exact) if cell[0] == code and cell[1] != REGION]
        shown = [cell for cell in areas if markers[cell] is None]
        if shown and [markers[cell] for cell in areas if cell not in shown] == [HIDDEN]:
            markers[min(shown, key=lambda cell: (_size(exact[cell]), cell))] = HIDDEN
    return {
        cell: Protected(marker=marker) if (marker := markers[cell]) else _rounded(figure, rule)
        for cell, figure in exact.items()
    }


def _marker(figure: Exact, rule: Rule) -> str | None:
    """Why a figure is not shown, or None."""
    match figure:
        case Missing():
            return NOT_SUPPLIED
        case Count(count, people):
            return HIDDEN if min(count, people) < rule.least_count else None
        case Share(count, of, people):
            if min(of, people) < rule.least_count:
                return HIDDEN
            if of < rule.share_least_count:
                return TOO_FEW
            return HIDDEN if count < rule.least_count else None
        case Times(days, per_cent):
            if len(days) < rule.least_count:
                return HIDDEN
            place = place_of(len(days), per_cent)
            # With fewer than the least at or beyond it, a time would be one human being's own.
            return TOO_FEW if min(place, len(days) - place + 1) < rule.least_count else None


def _size(figure: Exact) -> int:
    match figure:
        case Count(count, _):
            return count
        case Share(_, of, _):
            return of
        case Times(days, _):
            return len(days)
        case Missing():
            return 0


def _rounded(figure: Exact, rule: Rule) -> Protected:
    match figure:
        case Count(count, _):
            return Protected(to_nearest(count, rule.round_to))
        case Share(count, of, _):
            part, whole = to_nearest(count, rule.round_to), to_nearest(of, rule.round_to)
            return Protected(_per_cent(part, whole, rule.round_to), whole)
        case Times(days, per_cent):
            found = sorted(days)[place_of(len(days), per_cent) - 1]
            return Protected(to_nearest(found, rule.round_to), to_nearest(len(days), rule.round_to))
        case Missing():
            return Protected(marker=NOT_SUPPLIED)


def to_nearest(number: int, step: int) -> int:
    """The multiple of `step` nearest to a whole number that is not negative; halves go up."""
    return step * ((2 * number + step) // (2 * step))


def _per_cent(part: int, whole: int, step: int) -> int:
    """A share of 100 to the nearest multiple of `step`, from two numbers that are rounded already."""
    return step * ((200 * part + step * whole) // (2 * step * whole))


def place_of(count: int, per_cent: int) -> int:
    """Which of `count` in order, from 1, is the one within which `per_cent` are done (nearest rank)."""
    return max(1, -(-count * per_cent // 100))
