"""The rules of the code of conduct: from when a version is in force, and which one is accepted."""

from __future__ import annotations

from datetime import date, timedelta

from chassis.errors import Conflict, Invalid, NotFound


class TooSoon(Invalid):
    """People have days to read a new version before new matches need it."""

    where = "in_force_on"


class PublishedMeanwhile(Conflict):
    """Somebody else published a version a moment ago."""

    says = "Somebody else published a version just now. Read it first."


class NewerVersion(Conflict):
    """What is accepted is the newest version."""

    says = "There is a newer version. Read that one, then say yes to it."


class NothingPublished(NotFound):
    """There is no code of conduct yet."""

    says = "No code of conduct has been published yet."


def check_publishing(in_force_on: date, *, today: date, least_days: int, is_first: bool) -> None:
    """Refuses a version in force before people had their days to read it; the first may be so from today."""
    earliest = today if is_first else today + timedelta(days=least_days)
    if in_force_on < earliest:
        raise TooSoon(f"Give people time to read it: choose {earliest:%-d %B %Y} or later.")


def check_accepting(version: int, newest: int) -> None:
    """Refuses to accept another version than the newest."""
    if newest == 0:
        raise NothingPublished()
    if version != newest:
        raise NewerVersion()
