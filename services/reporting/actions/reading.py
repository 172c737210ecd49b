"""A report as it is read: the same lines for pages, API and download, from what may be shown alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.unit import Unit
from contracts.needs import AREAS
from services.reporting.actions.days import london_day
from services.reporting.domain import measures, periods
from services.reporting.domain.figures import REGION, Protected
from services.reporting.domain.measures import Measure
from services.reporting.store import release

PLACES = {REGION: "Region", **AREAS}


@dataclass(frozen=True)
class Line:
    """One measure with its figure for each place it is shown for."""

    measure: Measure
    figures: Mapping[str, Protected]


@dataclass(frozen=True)
class Report:
    """One period with the lines of its report."""

    row: Any
    words: str
    state: str
    lines: tuple[Line, ...]
    covers_until_now: datetime | None

    def of_theme(self, theme: str) -> list[Line]:
        """The lines of one theme, in the catalogue's order."""
        return [line for line in self.lines if line.measure.theme == theme]

    def line(self, code: str) -> Line | None:
        """The line of one measure; None when it is not in this report."""
        return next((line for line in self.lines if line.measure.code == code), None)


def read_report(unit: Unit, period_id: str) -> Report:
    """One period's report; refuses (NotFound) a period that does not exist or was never opened."""
    period = periods.period_of(period_id)
    row = release.period(unit.scope, unit, period.period_id)
    shown = release.figures_of(unit.scope, unit, period.period_id)
    lines = (
        Line(measure, {place: shown[measure.code, place] for place in PLACES if (measure.code, place) in shown})
        for measure in measures.CATALOGUE
    )
    return Report(
        row=row,
        words=period.words,
        state=state_of(unit, row),
        lines=tuple(line for line in lines if line.figures),
        covers_until_now=release.covers_until(unit.scope, unit),
    )


def state_of(unit: Unit, row: Any) -> str:
    """Whether a period is `open`, `ended` (over, and not everything about it has arrived) or `published`."""
    if row.state == periods.PUBLISHED:
        return periods.PUBLISHED
    return "ended" if row.ends_on < london_day(unit.now) else periods.OPEN


def periods_known(unit: Unit) -> Sequence[tuple[Any, str, str]]:
    """Every period opened so far, newest first: its row, its words, its state."""
    rows = release.periods_listed(unit.scope, unit)
    return [(row, periods.period_of(row.period_id).words, state_of(unit, row)) for row in rows]


def latest_period(unit: Unit) -> str | None:
    """The period shown first: the newest month whose report is published, else the newest month; None before any."""
    months = [row for row in release.periods_listed(unit.scope, unit) if row.kind == periods.MONTH]
    published = [row for row in months if row.state == periods.PUBLISHED]
    return next((row.period_id for row in (*published, *months)), None)
