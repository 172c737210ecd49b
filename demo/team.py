"""What made-up peers and their supervisors do: what new matches need, sessions held or not, and breaks."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo.diary import Steps
from demo.doors import Hand
from demo.people import Cast, Member

_DAYS_BETWEEN = 28
# Because of whom a session did not take place, by turns.
_MISSED_BY = ("supervisor", "peer", "other", "partner")
_MISSED_SHARE = 0.07
_NOT_POSSIBLE_SHARE = 0.03
_LATE_SHARE = 0.06
# Of every twenty peers, the one who would rather not be supervised now, who takes a break, whose training lapses, who
# is on a break when the year ends, and who is not cleared yet.
_OF_TWENTY = 20
_RATHER_NOT, _ON_A_BREAK, _LAPSED, _STILL_ON_A_BREAK, _NOT_CLEARED = 3, 5, 8, 11, 14


def as_a_peer(cast: Cast, member: Member, number: int, draw: Random) -> Steps:
    """From the day after joining to the end of the year."""
    yield cast.diary.in_days(1, draw)
    own = member.hand.get("/api/v1/supervision/mine")
    supervisor = next(one.hand for one in cast.supervisors if one.account_id == own["supervisor_id"])
    course = number % _OF_TWENTY
    if course != _NOT_CLEARED:
        record_standing(cast, supervisor, member, lapses=course == _LAPSED, draw=draw)
    if course == _ON_A_BREAK:
        cast.diary.begin(a_break(cast, member, draw))
    if course == _STILL_ON_A_BREAK:
        cast.diary.begin(a_last_break(cast, member, draw))
    yield from sessions(cast, supervisor, member, 3 if course == _RATHER_NOT else 0, draw)


def record_standing(cast: Cast, supervisor: Hand, member: Member, *, lapses: bool, draw: Random) -> None:
    """The supervisor records the conduct accepted, and until when check and training hold."""
    today = cast.diary.today
    training_days = draw.randint(20, max(21, cast.diary.days_left() - 5)) if lapses else 730
    body = {
        "conduct_accepted_on": today.isoformat(),
        "check_valid_until": (today + timedelta(days=3 * 365)).isoformat(),
        "training_valid_until": (today + timedelta(days=training_days)).isoformat(),
    }
    supervisor.put(f"/api/v1/supervision/peers/{member.account_id}/standing", body)


def a_break(cast: Cast, member: Member, draw: Random) -> Steps:
    """A peer takes some weeks off, and comes back."""
    yield cast.diary.in_days(draw.randint(40, 120), draw)
    member.hand.post("/api/v1/peers/me/pause")
    yield cast.diary.in_days(draw.randint(14, 35), draw)
    member.hand.post("/api/v1/peers/me/resumption")


def a_last_break(cast: Cast, member: Member, draw: Random) -> Steps:
    """A peer is on a break when the year ends."""
    yield cast.diary.on(cast.diary.working_day_before_end(draw.randint(3, 12)), draw)
    member.hand.post("/api/v1/peers/me/pause")


# ---- sessions ----


def sessions(cast: Cast, supervisor: Hand, member: Member, rather_not_count: int, draw: Random) -> Steps:
    """One session about every four weeks: planned ahead, then held, missed, not possible, or late.

    `rather_not_count` times the peer declines by their own choice first.
    """
    yield cast.diary.in_days(draw.randint(8, 16), draw)
    while True:
        if draw.random() < _LATE_SHARE:
            # Nobody planned anything in time, and that is told.
            yield cast.diary.in_days(_DAYS_BETWEEN, draw)
        starts_at = cast.diary.in_days(draw.randint(3, 7), draw)
        session_id = plan(supervisor, member, starts_at)
        if rather_not_count or draw.random() < _NOT_POSSIBLE_SHARE:
            yield cast.diary.soon(draw)
            because = "own_choice" if rather_not_count else "not_possible"
            rather_not_count = max(0, rather_not_count - 1)
            member.hand.post(f"/api/v1/supervision/sessions/{session_id}/declining", {"because": because})
            yield cast.diary.in_days(12, draw)
            continue
        yield starts_at + timedelta(minutes=50)
        settle(supervisor, member, session_id, draw)
        yield cast.diary.in_days(_DAYS_BETWEEN - draw.randint(7, 9), draw)


def plan(supervisor: Hand, member: Member, starts_at: datetime) -> str:
    """The supervisor plans a time; gives the session's id."""
    body: dict[str, Any] = {"starts_at": starts_at.isoformat()}
    return str(supervisor.post(f"/api/v1/supervision/peers/{member.account_id}/sessions", body)["session_id"])


def settle(supervisor: Hand, member: Member, session_id: str, draw: Random) -> None:
    """After the time: both say it was held, or one says why it was not."""
    at = f"/api/v1/supervision/sessions/{session_id}"
    if draw.random() < _MISSED_SHARE:
        supervisor.post(f"{at}/missed", {"missed_by": draw.choice(_MISSED_BY)})
        return
    supervisor.post(f"{at}/confirmation")
    member.hand.post(f"{at}/confirmation")
