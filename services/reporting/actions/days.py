"""Days as reports know them: the days of London."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from chassis import working_days


def london_day(when: date | datetime) -> date:
    """The day in London."""
    return when.astimezone(working_days.LONDON).date() if isinstance(when, datetime) else when


def end_of(day: date) -> datetime:
    """The moment a day is over in London."""
    return datetime.combine(day + timedelta(days=1), time(), working_days.LONDON)


def working_days_after(day: date, days: int) -> date:
    """The last of so many working days after a day."""
    noon = datetime.combine(day, time(12), working_days.LONDON)
    return london_day(working_days.after(noon, days))
