"""How a report is drawn: count exactly, protect, keep. Nothing else reads what is counted and writes what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chassis.unit import Unit
from contracts.needs import AREAS
from contracts.reporting import PeriodOpened, ReportPublished
from services.reporting.actions.days import end_of, london_day, working_days_after
from services.reporting.domain import measures, periods
from services.reporting.domain.disclosure import Rule, protect
from services.reporting.domain.figures import REGION, Cell, Protected
from services.reporting.domain.picture import Picture, picture_of
from services.reporting.store import counting, release

Stand = tuple[int, date]


@dataclass(frozen=True)
class Looked:
    """What is counted just now, and up to when that is everything."""

    pictures: dict[str, Picture]
    covers_until: datetime


def look(unit: Unit, covers_until: datetime) -> Looked:
    """Puts everything counted together once, for the region and each area."""
    whole = picture_of(counting.events(unit.scope, unit), working_days_after)
    return Looked({REGION: whole, **{area: whole.of(area) for area in AREAS}}, covers_until)


def open_periods(unit: Unit) -> int:
    """Opens each period that holds a day from the first one counted to today; gives how many were new."""
    today = london_day(unit.now)
    first = counting.first_day(unit.scope, unit) or today
    made = 0
    for period in periods.periods_between(min(first, today), today):
        if not release.open_period(unit, period):
            continue
        fact = PeriodOpened(
            period_id=period.period_id, starts_on=period.starts_on, ends_on=period.ends_on, opened_at=unit.now
        )
        unit.state(f"reporting/period/{period.period_id}", fact)
        unit.note("period.open", record=period.period_id)
        made += 1
    return made


def may_publish(ends_on: date, covers_until: datetime, settle_minutes: int) -> bool:
    """Whether everything stated up to a period's end, and a little after, is counted."""
    return covers_until >= end_of(ends_on) + timedelta(minutes=settle_minutes)


def publish_report(unit: Unit, row: Any, looked: Looked) -> None:
    """Draws a period for the last time and freezes it; nothing of it changes after."""
    report_id = unit.ids.new()
    if not _draw(unit, row, looked, state=periods.PUBLISHED, report_id=report_id, published_at=unit.now):
        return
    fact = ReportPublished(
        period_id=row.period_id, report_id=report_id, covers_until=looked.covers_until, published_at=unit.now
    )
    unit.state(f"reporting/period/{row.period_id}", fact)
    unit.note("report.publish", record=report_id)


def draw_so_far(unit: Unit, row: Any, looked: Looked, stand: Stand) -> None:
    """Draws a period that is still open, in place of how it was drawn before."""
    if _draw(unit, row, looked):
        counting.keep_draw(unit, row.period_id, *stand)


def stand_now(unit: Unit) -> Stand:
    """How many rows there are to draw from, and today; while both stay, an open period looks as it did."""
    return counting.row_count(unit.scope, unit), london_day(unit.now)


def has_changed(unit: Unit, row: Any, stand: Stand) -> bool:
    """Whether drawing an open period again could show anything new: more was counted, or another day has come."""
    before = counting.last_draw(unit.scope, unit, row.period_id)
    return before is None or (before.row_count, before.on_day) != stand


def _draw(unit: Unit, row: Any, looked: Looked, **columns: Any) -> bool:
    """Draws and keeps one period; false when it was published meanwhile."""
    drawn = {
        "covers_until": looked.covers_until,
        "drawn_at": unit.now,
        "catalogue_version": measures.CATALOGUE_VERSION,
    }
    if not release.change_open(unit, row.period_id, **drawn, **columns):
        return False
    release.put_figures(unit, row.period_id, _protected(unit, row, looked))
    return True


def _protected(unit: Unit, row: Any, looked: Looked) -> dict[Cell, Protected]:
    period = periods.period_of(row.period_id)
    window = periods.window_of(period, london_day(looked.covers_until))
    rule = Rule(unit.policy.least_count, unit.policy.round_to, unit.policy.share_least_count)
    return protect(measures.count_all(looked.pictures, window), rule)
