"""Facts the reporting room states: a period opened, and a report published."""

from __future__ import annotations

from datetime import date, datetime

from contracts.fact import fact


@fact("period.opened.v1", owner="reporting", public=True)
class PeriodOpened:
    """A reporting period began to fill."""

    period_id: str
    starts_on: date
    ends_on: date
    opened_at: datetime


@fact("report.published.v1", owner="reporting", public=True)
class ReportPublished:
    """A period's report can be read by commissioners."""

    period_id: str
    report_id: str
    covers_until: datetime
    published_at: datetime


FACTS: tuple[type, ...] = (PeriodOpened, ReportPublished)
