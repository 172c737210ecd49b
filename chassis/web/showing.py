"""How days, moments and numbers are written on pages: moments, kept in UTC, as a clock in England shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def day(value: date | datetime | str | None) -> str:
    """Writes a date, or the day of a moment in London, as `14 March 1991`; nothing for nothing."""
    found = _day_of(value)
    return f"{found.day} {found:%B %Y}" if found else ""


def moment(value: datetime | str | None) -> str:
    """Writes a moment as `2:30pm on 14 March 1991`, London time; nothing for nothing."""
    if not value:
        return ""
    local = _london(value)
    return f"{_clock(local)} on {day(local.date())}"


def days_between(value: date | datetime | str | None, now: datetime) -> str:
    """Writes how many days of the London calendar lie between `now` and `value`: `today`, `3 days ago`, `in 2 days`."""
    found = _day_of(value)
    if found is None:
        return ""
    days = (now.astimezone(LONDON).date() - found).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return near.get(days) or (f"{days} days ago" if days > 0 else f"in {-days} days")


def nhs_number(value: Any) -> str:
    """Writes an NHS number in groups of 3, 3 and 4 held together by no-break spaces; anything else stays as it is."""
    text = str(value or "")
    digits = "".join(text.split()).replace("-", "")
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return text
    return f"{digits[:3]}\u00a0{digits[3:6]}\u00a0{digits[6:]}"


def _clock(local: datetime) -> str:
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def _day_of(value: date | datetime | str | None) -> date | None:
    if not value:
        return None
    if isinstance(value, str):
        return date.fromisoformat(value) if len(value) == len("1991-03-14") else _london(value).date()
    return _london(value).date() if isinstance(value, datetime) else value


def _london(value: datetime | str) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if found.tzinfo is None:
        raise ValueError("a moment without a zone; hand in an aware UTC moment")
    return found.astimezone(LONDON)
