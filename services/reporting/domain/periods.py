"""Periods of the calendar: months, quarters and years, by the days of London."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.errors import NotFound

MONTH, QUARTER, YEAR = "month", "quarter", "year"
KINDS = (MONTH, QUARTER, YEAR)
KIND_WORDS = {MONTH: "Months", QUARTER: "Quarters", YEAR: "Years"}
OPEN, PUBLISHED = "open", "published"
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ID = re.compile(r"(?P<year>20[0-9]{2}|2100)(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True)
class Period:
    """A month (`2026-11`), a quarter (`2026-Q4`) or a year (`2026`), first and last day."""

    period_id: str
    kind: str
    starts_on: date
    ends_on: date

    @property
    def words(self) -> str:
        """What a page calls it."""
        if self.kind == YEAR:
            return str(self.starts_on.year)
        first, last = _NAMES[self.starts_on.month - 1], _NAMES[self.ends_on.month - 1]
        return f"{first} {self.starts_on.year}" if self.kind == MONTH else f"{first} to {last} {self.starts_on.year}"


@dataclass(frozen=True)
class Window:
    """The days a figure is drawn over: of a period still running, `seen_on` is today and `whole_on` yesterday."""

    starts_on: date
    ends_on: date
    seen_on: date
    whole_on: date

    def holds(self, day: date | None) -> bool:
        """Whether something on this day counts for the period."""
        return day is not None and self.starts_on <= day <= self.ends_on


def period_of(period_id: str) -> Period:
    """Reads a period's id; refuses (NotFound) what names none."""
    found = _ID.fullmatch(period_id)
    if found is None:
        raise NotFound()
    year = int(found["year"])
    if found["month"]:
        return _period(MONTH, year, int(found["month"]))
    if found["quarter"]:
        return _period(QUARTER, year, 3 * int(found["quarter"]) - 2)
    return _period(YEAR, year, 1)


def periods_on(day: date) -> tuple[Period, ...]:
    """The month, the quarter and the year a day lies in."""
    return tuple(_period(kind, day.year, day.month - (day.month - 1) % _MONTHS[kind]) for kind in KINDS)


def periods_between(first: date, last: date) -> Iterator[Period]:
    """Every period that holds a day from `first` to `last`, each once; none when `last` is earlier."""
    given: set[str] = set()
    day = first.replace(day=1)
    while day <= last:
        for period in periods_on(day):
            if period.period_id not in given:
                given.add(period.period_id)
                yield period
        day = _first_of_next(day)


def window_of(period: Period, covered_on: date) -> Window:
    """The days to draw a period over when everything up to some moment of `covered_on` is known."""
    seen_on = min(period.ends_on, covered_on)
    return Window(period.starts_on, period.ends_on, seen_on, min(period.ends_on, covered_on - timedelta(days=1)))


def _period(kind: str, year: int, month: int) -> Period:
    starts_on = date(year, month, 1)
    last = date(year, month + _MONTHS[kind] - 1, 1)
    names = {MONTH: f"{year}-{month:02}", QUARTER: f"{year}-Q{(month + 2) // 3}", YEAR: str(year)}
    return Period(names[kind], kind, starts_on, _first_of_next(last) - timedelta(days=1))


def _first_of_next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
