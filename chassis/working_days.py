"""Working days of England: Monday to Friday without bank holidays, in London's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")


@lru_cache(maxsize=1)
def bank_holidays() -> frozenset[date]:
    """The bank holidays of England and Wales that ship with govuk-bank-holidays; nothing is asked of the network."""
    kept = BankHolidays(use_cached_holidays=True)
    return frozenset(day["date"] for day in kept.get_holidays(division=BankHolidays.ENGLAND_AND_WALES))


def is_working_day(day: date) -> bool:
    """Whether `day` is one on which an office answers."""
    return day.weekday() < 5 and day not in bank_holidays()


def after(moment: datetime, days: int) -> datetime:
    """The moment `days` working days later, at the same London time; from a day off it counts from the next one."""
    local = moment.astimezone(LONDON)
    day, left = local.date(), days
    while left:
        day += timedelta(days=1)
        if is_working_day(day):
            left -= 1
    return datetime.combine(day, local.timetz().replace(tzinfo=None), LONDON).astimezone(UTC)
