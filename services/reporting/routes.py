"""JSON out of the reporting room: periods, figures as they may be seen, and the catalogue."""

from __future__ import annotations

from typing import Any

from chassis.web import ApiBlueprint, door, here

from .actions import reading
from .actions.reading import PLACES, Line, Report
from .domain.figures import MARKERS
from .domain.measures import CATALOGUE
from .schemas import MeasureSchema, PeriodsSchema, ReportSchema
from .store import release

blueprint = ApiBlueprint(
    "reports", __name__, url_prefix="/api/v1/reports", description="Figures by period and area, protected"
)


@blueprint.get("")
@door("report.read")
@blueprint.response(200, PeriodsSchema)
def listed() -> Any:
    """The periods there are reports of, newest first, and up to when everything the network stated is counted now."""
    with here().reading() as unit:
        return {
            "covers_until": release.covers_until(unit.scope, unit),
            "periods": [_period(row, words, state) for row, words, state in reading.periods_known(unit)],
        }


@blueprint.get("/measures")
@door("report.read")
@blueprint.response(200, MeasureSchema(many=True))
def catalogue() -> Any:
    """What each figure says, how it is counted, what is left out, and where its rule comes from."""
    return list(CATALOGUE)


@blueprint.get("/<string:period_id>")
@door("report.read")
@blueprint.response(200, ReportSchema)
def shown(period_id: str) -> Any:
    """One period's report, such as `2026-11`, `2026-Q4` or `2026`; figures that may not be seen are `[c]` or `[u]`."""
    report = report_of(period_id)
    policy = here().policy
    return {
        **_period(report.row, report.words, report.state),
        "catalogue_version": report.row.catalogue_version,
        "rounded_to": policy.round_to,
        "hidden_below": policy.least_count,
        "markers": MARKERS,
        "figures": figure_answers(report, policy.round_to),
    }


def report_of(period_id: str) -> Report:
    """One period's report, for API, pages and download alike."""
    with here().reading() as unit:
        return reading.read_report(unit, period_id)


def figure_answers(report: Report, rounded_to: int) -> list[dict[str, Any]]:
    """Every figure of a report, flat."""
    return [_figure(line, place, rounded_to) for line in report.lines for place in line.figures]


def _figure(line: Line, place: str, rounded_to: int) -> dict[str, Any]:
    measure, figure = line.measure, line.figures[place]
    return {
        "code": measure.code,
        "theme": measure.theme,
        "words": measure.words,
        "unit": measure.unit,
        "area": place,
        "area_words": PLACES[place],
        "value": figure.marker or figure.value,
        "out_of": figure.out_of,
        "rounded_to": rounded_to,
        "version": measure.version,
    }


def _period(row: Any, words: str, state: str) -> dict[str, Any]:
    names = ("period_id", "kind", "starts_on", "ends_on", "covers_until", "drawn_at", "published_at", "report_id")
    return {**{name: getattr(row, name) for name in names}, "words": words, "state": state}
