"""How far a consumer is behind each topic: facts not read yet, facts kept until their turn, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.tables import caught_up, positions, waiting

Share = tuple[str, int]
_OF: sa.BindParameter[str] = sa.bindparam("of")
_PLACES = sa.select(positions.c.topic, positions.c.partition, positions.c.next, positions.c.last_stated_at).where(
    positions.c.consumer == _OF
)
_READ_ALL = sa.select(caught_up.c.topic, caught_up.c.partition, caught_up.c.at).where(caught_up.c.consumer == _OF)
_KEPT = sa.select(waiting.c.topic, sa.func.count()).where(waiting.c.consumer == _OF).group_by(waiting.c.topic)


@dataclass(frozen=True)
class Lag:
    """How far one consumer is behind one topic.

    `unread` counts facts on the carrier that it has not read: None where this process reads none of it, so that nobody
    here knows where it ends. `kept` counts those it read and keeps until their turn, the parked ones among them.
    `seconds` says for about how long it has been behind: None when it never read so far that anybody could tell.
    """

    topic: str
    unread: int | None
    kept: int
    seconds: float | None


def lags(
    connection: sa.Connection, consumer: str, topics: Iterable[str], ends: Mapping[Share, int], now: datetime
) -> list[Lag]:
    """The lag of a consumer on each of these topics; `ends` says where the partitions end that are read here."""
    asked = {"of": consumer}
    places = {(row.topic, row.partition): row for row in connection.execute(_PLACES, asked)}
    read_all = {(topic, partition): at for topic, partition, at in connection.execute(_READ_ALL, asked)}
    kept = {topic: int(count) for topic, count in connection.execute(_KEPT, asked)}
    return [_lag(topic, places, read_all, ends, kept.get(topic, 0), now) for topic in topics]


def _lag(
    topic: str, places: Mapping[Share, Any], read_all: Mapping[Share, datetime], ends: Mapping[Share, int], kept: int,
    now: datetime,
) -> Lag:  # fmt: skip
    unread = {share: _unread(places.get(share), end) for share, end in ends.items() if share[0] == topic}
    shares = unread or {share: 1 for share in {*places, *read_all} if share[0] == topic}
    behind = [_seconds(places.get(share), read_all.get(share), now) for share, count in shares.items() if count]
    known = [seconds for seconds in behind if seconds is not None]
    worst = max(known, default=0.0) if len(known) == len(behind) and (unread or behind) else None
    return Lag(topic, sum(unread.values()) if unread else None, kept, worst)


def _unread(row: Any, end: int) -> int:
    """Facts of a partition beyond the place read up to; all of them when it was never read, or is a new one."""
    return end - row.next if row is not None and row.next <= end else end


def _seconds(row: Any, read_all_at: datetime | None, now: datetime) -> float | None:
    """Since when something may be unread: what was kept before was read, or is younger than the newest that was.

    The second is roughly so: facts of different streams may be kept in another order than they were stated.
    """
    moments = [moment for moment in (row.last_stated_at if row is not None else None, read_all_at) if moment]
    return max(0.0, (now - max(moments)).total_seconds()) if moments else None
