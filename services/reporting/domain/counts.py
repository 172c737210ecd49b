"""How each measure is counted: a picture and a window in, an exact figure out; the catalogue names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from .figures import Count, Exact, Missing, Share, Times
from .periods import Window
from .picture import Moment, Picture, Support

Counted = Callable[[Picture, Window], Exact]
MEDIAN, NINE_IN_TEN = 50, 90


def _each(found: Iterable[object]) -> Count:
    """As many human beings as things."""
    count = sum(1 for _ in found)
    return Count(count, count)


# ---- referrals ----


def received(picture: Picture, window: Window) -> Exact:
    """Referrals that came in."""
    return _each(one for one in picture.journeys if window.holds(one.received_on))


def acknowledged_in_time(picture: Picture, window: Window) -> Exact:
    """Of the referrals whose last working day to be opened lay in the window, those opened by then."""
    in_time = [
        one.acknowledged_on is not None and one.acknowledged_on <= one.acknowledge_by
        for one in picture.journeys
        if one.acknowledge_by and window.holds(one.acknowledge_by) and one.acknowledge_by <= window.whole_on
    ]
    return Share(sum(in_time), len(in_time), len(in_time))


def accepted(picture: Picture, window: Window) -> Exact:
    """Referrals that were accepted."""
    return _each(one for one in picture.journeys if window.holds(one.accepted_on))


def declined(reason: str | None = None) -> Counted:
    """Referrals that will not go on, for one reason or all."""

    def counted(picture: Picture, window: Window) -> Exact:
        found = (one for one in picture.journeys if window.holds(one.declined_on))
        return _each(one for one in found if reason is None or one.decline_reason == reason)

    return counted


# ---- waiting ----


def waiting_for_match(picture: Picture, window: Window) -> Exact:
    """People whose referral is open and who have nobody yet, at the end of the window."""
    day = window.seen_on
    return _each(one for one in picture.journeys if one.is_open_on(day) and not one.has_someone_on(day))


def waiting_for_help(picture: Picture, window: Window) -> Exact:
    """People whose referral is open and for whom help has not started, at the end of the window."""
    day = window.seen_on
    return _each(one for one in picture.journeys if one.is_open_on(day) and (one.help_on is None or one.help_on > day))


def days_to_match(per_cent: int) -> Counted:
    """Days from referral to the first time both had said yes, of those for whom that was in the window."""

    def counted(picture: Picture, window: Window) -> Exact:
        return _days(((one.received_on, one.first_yes_on) for one in picture.journeys), window, per_cent)

    return counted


def days_to_help(per_cent: int) -> Counted:
    """Days from referral to help started, of those for whom that was in the window."""

    def counted(picture: Picture, window: Window) -> Exact:
        return _days(((one.received_on, one.help_on) for one in picture.journeys), window, per_cent)

    return counted


def _days(spans: Iterable[tuple[date | None, date | None]], window: Window, per_cent: int) -> Times:
    days = (max(0, (end - start).days) for start, end in spans if start and end and window.holds(end))
    return Times(tuple(sorted(days)), per_cent)


# ---- matching ----


def tasters(picture: Picture, window: Window) -> Exact:
    """Tasters that were held."""
    return _each(one for one in picture.tasters if window.holds(one.on))


def matches_agreed(picture: Picture, window: Window) -> Exact:
    """Matches to which both said yes."""
    of_each = [sum(window.holds(yes.on) for yes in one.agreements) for one in picture.journeys]
    return Count(sum(of_each), sum(count > 0 for count in of_each))


# ---- support ----


def supports_started(picture: Picture, window: Window) -> Exact:
    """Supports that began."""
    return _each(one for one in picture.supports if window.holds(one.started_on))


def contacts_made(picture: Picture, window: Window) -> Exact:
    """Contacts that were made, and with how many people."""
    of_each = [sum(window.holds(day) for day in one.contacts_on) for one in picture.supports]
    return Count(sum(of_each), sum(count > 0 for count in of_each))


def supports_ended(ending: str | None = None) -> Counted:
    """Supports that ended, in one way or in all."""

    def counted(picture: Picture, window: Window) -> Exact:
        return _each(one for one in _ended(picture, window) if ending is None or one.ending == ending)

    return counted


def ended_with_connection(picture: Picture, window: Window) -> Exact:
    """Of the supports that ended, those that left at least one connection alive that day."""
    ended = list(_ended(picture, window))
    return Share(sum(one.connections_alive_count > 0 for one in ended), len(ended), len(ended))


def _ended(picture: Picture, window: Window) -> Iterable[Support]:
    return (one for one in picture.supports if window.holds(one.ended_on))


# ---- peers ----


def peers_joined(picture: Picture, window: Window) -> Exact:
    """Peers who joined."""
    return _each(one for one in picture.peers if window.holds(one.on))


def supervision_in_time(picture: Picture, window: Window) -> Exact:
    """Of the sessions owed by a day in the window, those held by that day; the people are the peers."""
    due = [one for one in picture.sessions if window.holds(one.due_on) and one.due_on <= window.whole_on]
    in_time = [one for one in due if one.held_on and one.held_on <= one.due_on]
    return Share(len(in_time), len(due), len({one.peer_id for one in due}))


# ---- worries, and what nobody has supplied ----


def worries(level: str | None = None) -> Counted:
    """Worries that were raised, at one level or at all."""

    def counted(picture: Picture, window: Window) -> Exact:
        def fits(one: Moment) -> bool:
            return window.holds(one.on) and (level is None or one.code == level)

        return _each(one for one in picture.worries if fits(one))

    return counted


def not_supplied(_picture: Picture, _window: Window) -> Exact:
    """Needs numbers from outside that nobody has given yet."""
    return Missing()
