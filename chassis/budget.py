"""How much of others an account is shown in an hour: so many lists, and so many people in them; then it waits.

A list shows everybody who works with it everybody in it. Somebody who copies it, or whoever stole their pass, reads far
more of them than anybody who works. Systems read their own organisation's and send; they are not held (0035).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.columns import Moment
from chassis.errors import Refused
from chassis.tables import shown_lately
from chassis.unit import Unit

HOUR = timedelta(hours=1)
# Its words name no table but its own: what is bound to one partner may add to no guarded one (chassis/boundary).
_SPEND = sa.text(
    """INSERT INTO shown_lately AS was (account_id, hour, lists, shown, refused_at, refused_roles, refused_partner)
    VALUES (:account_id, :hour, 1, :shown, NULL, '', NULL)
    ON CONFLICT (account_id) DO UPDATE SET
        lists = CASE WHEN was.hour = excluded.hour THEN was.lists + 1 ELSE 1 END,
        shown = CASE WHEN was.hour = excluded.hour THEN was.shown + excluded.shown ELSE excluded.shown END,
        hour = excluded.hour
    RETURNING lists, shown"""
).bindparams(sa.bindparam("hour", type_=Moment()))


@dataclass(frozen=True)
class Policy:
    """Under `showing` in a network's policy file; (d) marks a default of ours with no confirmed source."""

    # Lists an account is shown in an hour by one room: one in six seconds all through it, which a script does and
    # nobody who reads (d).
    lists_an_hour: int = 600
    # People an account is shown in lists in an hour by one room, each counted once by a process: twenty full pages of
    # fifty; whoever works with a list looks at its first pages (d).
    people_an_hour: int = 1000


class BudgetSpent(Refused):
    """An account was shown as many lists, or as many people, as it is shown in an hour."""

    status = 429
    says = (
        "You were shown very many people in this hour, so no more lists are shown for now. Try again when the hour is "
        "over. Opening one record goes on. A privacy officer is asked to look at this; if you need more, tell them why."
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def hour_of(now: datetime) -> datetime:
    """The hour of the clock a moment lies in."""
    return now.replace(minute=0, second=0, microsecond=0)


def seconds_left(now: datetime) -> int:
    """Whole seconds until the next hour begins, at least one."""
    return max(1, -int((now - hour_of(now) - HOUR).total_seconds() // 1))


def is_over(lists: int, people: int, policy: Policy) -> bool:
    """Whether this is more than an account is shown in an hour."""
    return lists > policy.lists_an_hour or people > policy.people_an_hour


def spend(unit: Unit, seen: Sequence[tuple[str, str | None, str, bool, str]], policy: Policy) -> None:
    """Counts a list that is shown here; refuses (BudgetSpent) one too many, which is then not counted.

    `seen` are those shown here who were not yet told on in this hour (chassis/audit/telling.py).
    """
    if unit.who.kind != "account" or all(one.is_opened for one in unit.disclosed):
        return
    people = len({subject for _, _, _, is_opened, subject in seen if not is_opened})
    given = {"account_id": unit.who.id, "hour": hour_of(unit.now), "shown": people}
    row = unit.connection.execute(_SPEND, given).one()
    if is_over(row.lists, row.shown, policy):
        raise BudgetSpent(seconds_left(unit.now))


def note_spent(unit: Unit) -> bool:
    """Keeps that an account was refused more; true the first time in an hour, when a privacy officer is to be told."""
    mine = sa.select(shown_lately).where(shown_lately.c.account_id == unit.who.id)
    row = unit.connection.execute(mine).first()
    is_new = row is None or row.refused_at is None or row.refused_at < hour_of(unit.now)
    refused = {
        "refused_at": unit.now, "refused_roles": " ".join(sorted(unit.who.roles)),
        "refused_partner": unit.who.partner_id,
    }  # fmt: skip
    if row is None:
        # One list alone was too much, so nothing of it is counted.
        empty = {"account_id": unit.who.id, "hour": hour_of(unit.now), "lists": 0, "shown": 0}
        unit.put(shown_lately, {**empty, **refused})
    elif is_new:
        change = sa.update(shown_lately).where(shown_lately.c.account_id == unit.who.id)
        unit.connection.execute(change.values(**refused))
    return is_new


def refused_since(unit: Unit, since: datetime) -> Sequence[Any]:
    """The accounts that were refused more since a moment, for the room that asks about it."""
    return unit.connection.execute(
        sa.select(shown_lately).where(shown_lately.c.refused_at > since).order_by(shown_lately.c.refused_at)
    ).all()


__all__ = ["BudgetSpent", "Policy", "hour_of", "is_over", "note_spent", "refused_since", "seconds_left", "spend"]
