"""What is set aside in a service, as whoever looks after it reads it: ids, codes, places and ages, never a body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.events import askings, parking
from chassis.events.askings import Aim
from chassis.tables import asked_of, given_up, inbox, parked, unreadable, waiting
from chassis.tables import askings as asked
from chassis.unit import Unit

# The most that one asking is about.
ALIKE_MOST = 500
# The longest number of a partition there is.
_DIGITS = 9
# Why a stream is parked, for reasons of the carrying itself; any other is the name of what a reaction failed with.
WHY: Mapping[str, str] = {
    "HistoryForked": "Its owner gave one number to two facts",
    "VersionUnknown": "This room does not read this version yet",
    "BodyUnreadable": "Its body does not fit its type",
    "TokenBroken": "A sealed text in it does not open",
    "EmptyFact": "It is empty",
    "EnvelopeUnreadable": "It cannot be read as a fact",
}
_behind = (
    sa.select(sa.func.count())
    .select_from(waiting)
    .where(
        waiting.c.consumer == parked.c.consumer, waiting.c.stream == parked.c.stream, waiting.c.number > parked.c.number
    )
    .scalar_subquery()
)
_PARKED = sa.select(parked, _behind.label("behind")).order_by(
    parked.c.is_urgent.desc(), parked.c.since, parked.c.stream
)
_HEADS = (
    sa.select(
        waiting.c.stream, sa.func.min(waiting.c.number).label("number"), sa.func.min(waiting.c.since).label("since"),
        sa.func.count().label("count"),
    )
    .outerjoin(parked, sa.and_(parked.c.consumer == waiting.c.consumer, parked.c.stream == waiting.c.stream))
    .where(waiting.c.consumer == sa.bindparam("of"), parked.c.stream.is_(None))
    .group_by(waiting.c.stream)
    .subquery()
)  # fmt: skip
_WAITING = (
    sa.select(
        _HEADS, waiting.c.needs_stream, waiting.c.needs_number, sa.func.coalesce(inbox.c.number, 0).label("stands_at")
    )
    .join(waiting, sa.and_(waiting.c.stream == _HEADS.c.stream, waiting.c.number == _HEADS.c.number))
    .outerjoin(inbox, sa.and_(inbox.c.consumer == waiting.c.consumer, inbox.c.stream == waiting.c.needs_stream))
    .where(waiting.c.consumer == sa.bindparam("of"))
    .order_by(_HEADS.c.since, _HEADS.c.stream)
)
_UNREADABLE = (
    sa.select(
        unreadable.c.topic, unreadable.c.partition, unreadable.c.place, unreadable.c.reason, unreadable.c.since,
        sa.func.coalesce(sa.func.length(unreadable.c.body), 0).label("size"),
    )
    .where(unreadable.c.asking_id.is_(None))
    .order_by(unreadable.c.since, unreadable.c.topic, unreadable.c.partition, unreadable.c.place)
)  # fmt: skip
_about = sa.select(sa.func.count()).where(asked_of.c.asking_id == asked.c.asking_id).scalar_subquery()
_one_of = sa.select(sa.func.min(asked_of.c.stream)).where(asked_of.c.asking_id == asked.c.asking_id).scalar_subquery()
_ASKINGS = sa.select(asked, _about.label("about"), _one_of.label("first")).order_by(
    asked.c.asked_at.desc(), asked.c.asking_id
)


class NotSetAside(NotFound):
    """It never was set aside here, or somebody settled it meanwhile."""

    says = "This is not set aside, or not any more: somebody may have settled it meanwhile. Look at the list."


@dataclass(frozen=True)
class Standing:
    """How much is set aside, and whether the service stopped hearing because it is too much."""

    parked: int = 0
    waiting: int = 0
    unreadable: int = 0
    open: int = 0
    hidden: int = 0
    too_much: bool = False


def _may_look(scope: Scope) -> bool:
    return scope.reach == "network"


def standing(scope: Scope, unit: Unit) -> Standing:
    """The counts of all that is set aside; waiting counts streams, the rest things to look at."""
    if not _may_look(scope):
        return Standing()
    of = unit.service
    queries = (
        sa.select(sa.func.count()).select_from(parked).where(parked.c.consumer == of),
        sa.select(sa.func.count()).select_from(_HEADS),
        sa.select(sa.func.count()).where(unreadable.c.consumer == of, unreadable.c.asking_id.is_(None)),
        sa.select(sa.func.count()).where(*_open(unit)),
        sa.select(sa.func.count()).where(given_up.c.consumer == of, given_up.c.fences),
    )
    counts = [int(unit.connection.execute(query, {"of": of}).scalar_one()) for query in queries]
    stuck, waits, odd, is_open, is_hidden = counts
    return Standing(stuck, waits, odd, is_open, is_hidden, parking.too_much(unit.connection, of) > 0)


def _open(unit: Unit) -> tuple[sa.ColumnElement[bool], ...]:
    return asked.c.consumer == unit.service, asked.c.state == askings.ASKED, asked.c.ends_at > unit.now


def parked_streams(scope: Scope, unit: Unit, start: int = 0, most: int = 1000) -> Sequence[Any]:
    """Parked streams with cause, age, tries and how many facts wait behind; urgent ones first, then the oldest."""
    query = _PARKED.where(parked.c.consumer == unit.service).offset(start).limit(most)
    return unit.connection.execute(query).all() if _may_look(scope) else []


def parked_stream(scope: Scope, unit: Unit, stream: str) -> Any:
    """One parked stream with what its fact restricts or would lift; refuses one that is not parked (NotSetAside)."""
    if not _may_look(scope):
        raise NotFound()
    query = _PARKED.where(parked.c.consumer == unit.service, parked.c.stream == stream)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotSetAside()
    return row


def brake_of(scope: Scope, unit: Unit, row: Any) -> tuple[str, bool] | None:
    """The restriction a parked fact carries, and whether it would lift it; None when it carries none."""
    kept = sa.select(waiting.c.headers).where(
        waiting.c.consumer == unit.service, waiting.c.stream == row.stream, waiting.c.number == row.number,
        waiting.c.fact_id == row.fact_id,
    )  # fmt: skip
    headers = json.loads(unit.connection.execute(kept).scalar() or "{}") if _may_look(scope) else {}
    return (headers["ce_brake"], headers.get("ce_brakelifts") == "true") if "ce_brake" in headers else None


def waiting_streams(scope: Scope, unit: Unit, start: int = 0, most: int = 1000) -> Sequence[Any]:
    """Streams that wait for another place and go on by themselves: for which, how far that is, and since when."""
    query = _WAITING.offset(start).limit(most)
    return unit.connection.execute(query, {"of": unit.service}).all() if _may_look(scope) else []


def unreadable_records(scope: Scope, unit: Unit, start: int = 0, most: int = 1000) -> Sequence[Any]:
    """Records that are no fact and that nobody has put away: where they lie, why, how large, never what they hold."""
    query = _UNREADABLE.where(unreadable.c.consumer == unit.service).offset(start).limit(most)
    return unit.connection.execute(query).all() if _may_look(scope) else []


def hidden(scope: Scope, unit: Unit) -> Sequence[Any]:
    """Facts given up whose subject is still shown nowhere, the newest first."""
    query = sa.select(given_up.c.stream, given_up.c.number, given_up.c.type, given_up.c.asking_id, given_up.c.at).where(
        given_up.c.consumer == unit.service, given_up.c.fences
    )
    return unit.connection.execute(query.order_by(given_up.c.at.desc())).all() if _may_look(scope) else []


# ---- what was asked


def open_askings(scope: Scope, unit: Unit) -> Sequence[Any]:
    """What waits for a second person, the newest first."""
    return unit.connection.execute(_ASKINGS.where(*_open(unit))).all() if _may_look(scope) else []


def all_askings(scope: Scope, unit: Unit, start: int = 0, most: int = 1000) -> Sequence[Any]:
    """All that was ever asked, the newest first."""
    query = _ASKINGS.where(asked.c.consumer == unit.service).offset(start).limit(most)
    return unit.connection.execute(query).all() if _may_look(scope) else []


def count_askings(scope: Scope, unit: Unit) -> int:
    """How much was ever asked."""
    query = sa.select(sa.func.count()).where(asked.c.consumer == unit.service)
    return int(unit.connection.execute(query).scalar_one()) if _may_look(scope) else 0


def one_asking(scope: Scope, unit: Unit, asking_id: str) -> tuple[Any, Sequence[Any]]:
    """One asking and what it is about; NotFound when there is none."""
    if not _may_look(scope):
        raise NotFound()
    return askings.asking(unit, asking_id), askings.lines(unit, asking_id)


def asked_about(scope: Scope, unit: Unit, aim: Aim) -> str | None:
    """The id of the open asking about something, when there is one."""
    query = (
        sa.select(asked.c.asking_id)
        .join(asked_of, asked_of.c.asking_id == asked.c.asking_id)
        .where(asked_of.c.open_for == aim.key, *_open(unit))
    )
    return unit.connection.execute(query).scalar() if _may_look(scope) else None


# ---- what an asking can be about


def aim_at(scope: Scope, unit: Unit, what: str, on: str, number: int) -> Aim:
    """The one thing an asking would be about; refuses what is not set aside, or not any more (NotSetAside)."""
    found = [aim for aim in _AIMS[what](scope, unit, on, number, False) if (aim.stream, aim.number) == (on, number)]
    if not found:
        raise NotSetAside() if _may_look(scope) else NotFound()
    return found[0]


def alike(scope: Scope, unit: Unit, what: str, on: str, number: int) -> list[Aim]:
    """All that stopped for the same reason at the same place as this one, itself among them; at most 500.

    This one alone where one at a time is asked for, as giving up.
    """
    return _AIMS[what](scope, unit, on, number, what in askings.FOR_ALL_ALIKE)


def _parked_aims(scope: Scope, unit: Unit, on: str, number: int, is_for_all: bool) -> list[Aim]:
    row = parked_stream(scope, unit, on)
    rows: Sequence[Any] = [row]
    if is_for_all:
        same = (parked.c.consumer == unit.service, parked.c.reason == row.reason, parked.c.detail == row.detail)
        rows = unit.connection.execute(_PARKED.where(*same).limit(ALIKE_MOST)).all()
    return [Aim(row.stream, row.number, row.fact_id, row.subject) for row in rows]


def _record_aims(scope: Scope, unit: Unit, on: str, number: int, is_for_all: bool) -> list[Aim]:
    topic, _, partition = on.rpartition("/")
    if not _may_look(scope) or not (partition.isascii() and partition.isdigit() and len(partition) <= _DIGITS):
        return []
    this = sa.and_(unreadable.c.partition == int(partition), unreadable.c.place == number)
    query = _UNREADABLE.where(unreadable.c.consumer == unit.service, unreadable.c.topic == topic)
    rows = unit.connection.execute(query.where(this)).all()
    if rows and is_for_all:
        rows = unit.connection.execute(query.where(unreadable.c.reason == rows[0].reason).limit(ALIKE_MOST)).all()
    return [Aim(f"{row.topic}/{row.partition}", row.place) for row in rows]


def _given_up_aims(scope: Scope, unit: Unit, on: str, number: int, _is_for_all: bool) -> list[Aim]:
    query = sa.select(given_up).where(
        given_up.c.consumer == unit.service, given_up.c.stream == on, given_up.c.number == number, given_up.c.fences
    )
    rows = unit.connection.execute(query).all() if _may_look(scope) else []
    return [Aim(row.stream, row.number, row.fact_id, row.subject) for row in rows]


_AIMS = {
    askings.TRY_AGAIN: _parked_aims,
    askings.GIVE_UP: _parked_aims,
    askings.PUT_AWAY: _record_aims,
    askings.SHOW_AGAIN: _given_up_aims,
}


def age(moment: datetime, now: datetime) -> str:
    """How long ago a moment was, in the largest unit that tells: `2 days`, `3 hours`, `5 minutes`, `just now`."""
    seconds = int((now - moment).total_seconds())
    for unit_seconds, words in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_seconds:
            count = seconds // unit_seconds
            return f"{count} {words}{'' if count == 1 else 's'}"
    return "just now"
