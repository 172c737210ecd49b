"""Screens of the reporting room: a period's report, its download, and how each figure is counted."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request

from chassis.web import door, here
from chassis.web.look import page

from . import routes, schemas
from .actions import reading
from .actions.reading import PLACES, Report
from .domain import periods
from .domain.figures import MARKERS, NOT_SUPPLIED, REGION, Protected
from .domain.measures import CATALOGUE, COUNTED, HEADLINE, OF_THESE, PER_CENT, THEMES

blueprint = Blueprint("reporting_pages", __name__)
_STATE_COLOURS = {"open": "blue", "ended": "yellow", "published": "green"}
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = (
    "period", "state", "theme", "code", "measure", "area", "value", "out_of", "unit", "rounded_to", "covers_until",
    "report_id",
)  # fmt: skip


@blueprint.get("/reports")
@door("report.read")
def latest() -> Any:
    """The newest published month, or the period asked for."""
    if asked := request.args.get("period"):
        return redirect(f"/reports/{periods.period_of(asked).period_id}", 303)
    with here().reading() as unit:
        period_id = reading.latest_period(unit)
    if period_id is None:
        return page("reporting/none.jinja", title="Report")
    return _report(period_id)


@blueprint.get("/reports/measures")
@door("report.read")
def catalogue() -> Any:
    """How each figure is counted."""
    themes = {
        words: [one for one in CATALOGUE if one.theme == theme and not one.part_of] for theme, words in THEMES.items()
    }
    parts_of = {
        one.code: [part.words.removeprefix(OF_THESE) for part in CATALOGUE if part.part_of == one.code]
        for one in CATALOGUE
    }
    return page(
        "reporting/measures.jinja", title="How we count", themes=themes, parts_of=parts_of, back="/reports",
        counted=COUNTED,
    )  # fmt: skip


@blueprint.get("/reports/<string:period_id>")
@door("report.read")
def shown(period_id: str) -> Any:
    """One period's report."""
    return _report(period_id)


def _report(period_id: str) -> Any:
    report = routes.report_of(period_id)
    with here().reading() as unit:
        known = reading.periods_known(unit)
    headline = [
        (text(line.figures.get(REGION), line.measure.unit), words)
        for code, words in HEADLINE.items()
        if (line := report.line(code)) is not None
    ]
    return page(
        "reporting/report.jinja", title=f"Report for {report.words}", report=report, row=report.row, headline=headline,
        themes=THEMES, places=PLACES, text=text, known=_choices(known), markers=MARKERS, policy=here().policy,
        newest_open=next((one for one in known if one[2] == periods.OPEN and one[0].kind == report.row.kind), None),
        state_words=schemas.STATE_WORDS[report.state], state_colour=_STATE_COLOURS[report.state],
    )  # fmt: skip


def _choices(known: Any) -> list[dict[str, str]]:
    """The periods as options: years, quarters, then months, newest first in each."""
    return [
        {"value": row.period_id, "text": words if state == periods.PUBLISHED else f"{words} (so far)"}
        for kind in reversed(periods.KINDS)
        for row, words, state in known
        if row.kind == kind
    ]


def text(figure: Protected | None, unit: str) -> str:
    """A figure as a page writes it."""
    if figure is None or figure.value is None:
        marker = (figure.marker or "") if figure else ""
        return "Not supplied" if marker == NOT_SUPPLIED else marker
    return f"{figure.value}%" if unit == PER_CENT else f"{figure.value:,}"


# ---- the download ----


@blueprint.get("/reports/<string:period_id>.csv")
@door("report.read")
def download(period_id: str) -> Response:
    """One period's figures as a table for a spreadsheet."""
    report = routes.report_of(period_id)
    answer = make_response(_as_csv(report, here().policy.round_to))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="been-there-report-{report.row.period_id}.csv"'
    return answer


def _as_csv(report: Report, rounded_to: int) -> str:
    row, written = report.row, io.StringIO()
    sheet = csv.writer(written, lineterminator="\r\n")
    sheet.writerow(_COLUMNS)
    until = row.covers_until.isoformat() if row.covers_until else ""
    for one in routes.figure_answers(report, rounded_to):
        cells = (
            row.period_id, schemas.STATE_WORDS[report.state], THEMES[one["theme"]], one["code"], one["words"],
            one["area_words"], one["value"], one["out_of"], one["unit"], rounded_to, until, row.report_id,
        )  # fmt: skip
        sheet.writerow([safe_cell(cell) for cell in cells])
    return written.getvalue()


def safe_cell(value: Any) -> str:
    """A cell no spreadsheet takes for a formula; a number that is not negative stays as it is."""
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(_FORMULA) else written
