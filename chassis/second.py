"""Two people in a room's own matters: what one asks is kept until another confirms or refuses it, or its days are over.

What a room lets two people do is the room's own; this keeps the asking and says who may settle it, once and in time.
What is set aside among facts has askings of its own (chassis/events/askings.py): they are about many facts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import Conflict, NotFound
from chassis.rows import insert_or_ignore
from chassis.tables import second_askings
from chassis.unit import Unit

ASKED, CONFIRMED, REFUSED, RAN_OUT = "asked", "confirmed", "refused", "ran_out"
# What is carried out elsewhere once it is confirmed, such as by a command, and was.
DONE = "done"


class AlreadyAsked(Conflict):
    """Somebody asked the same, and it is not settled yet."""

    says = "Somebody has already asked for this. Another person must confirm or refuse it first."


class OwnAsking(Conflict):
    """Whoever asks does not also confirm."""

    says = "You asked for this yourself, so another person must confirm or refuse it."


class AboutThemselves(Conflict):
    """Nobody settles what is asked about themselves."""

    says = "This is about yourself, so another person must confirm or refuse it."


class AskingOver(Conflict):
    """It was confirmed or refused before."""

    says = "This was confirmed or refused already. Nothing more was done."


class AskingRanOut(Conflict):
    """Nobody settled it in time."""

    says = "This was asked too long ago, so it can no longer be confirmed. Ask again if it still holds."


class NotConfirmed(Conflict):
    """What takes two people was not asked and confirmed, or was done already, or too long ago."""

    says = (
        "Two people want this first: one asks for it and another confirms it, and then it is done once, within as many "
        "days as it may wait. Nothing was done."
    )


@dataclass(frozen=True)
class Asking:
    """What one person asked: about whom, until when it may be settled, and by whom it was."""

    about_id: str
    asked_by: str
    ends_at: datetime
    state: str
    settled_by: str | None = None


def may_settle(asking: Asking, who_id: str, state: str, now: datetime) -> bool:
    """Whether `who_id` brings an asking to `state` now; False when they did so before and nothing changes.

    Refuses whoever asked it or whom it is about, and what is settled or was asked too long ago.
    """
    if asking.asked_by == who_id:
        raise OwnAsking()
    if asking.about_id == who_id:
        raise AboutThemselves()
    if (asking.state, asking.settled_by) == (state, who_id):
        return False
    if asking.state == RAN_OUT or (asking.state == ASKED and asking.ends_at <= now):
        raise AskingRanOut()
    if asking.state != ASKED:
        raise AskingOver()
    return True


# ---- kept


def _nothing(_unit: Unit, _row: Any) -> None:
    """Nobody is to hear that it ran out."""


def ask(
    unit: Unit, what: str, partner_id: str, about_id: str, details: Mapping[str, Any], words: str = "", *, days: int,
    same: str = "", let_go: Callable[[Unit, Any], None] = _nothing,
) -> dict[str, Any]:  # fmt: skip
    """Keeps what somebody asks; gives it as it is kept. Refuses what is asked already (AlreadyAsked).

    `partner_id` is whose boundary it stands behind, `details` says what will be done, `words` why; `same` tells two
    askings of one kind about one thing apart; `let_go` is done about the same one that ran out unseen before.
    """
    row = {
        "asking_id": unit.ids.new(), "partner_id": partner_id, "what": what, "about_id": about_id,
        "details": dict(details), "words": words, "asked_by": unit.who.id, "asked_at": unit.now,
        "ends_at": unit.now + timedelta(days=days), "state": ASKED, "open_for": f"{what}/{about_id}/{same}",
        "settled_by": None, "settled_at": None,
    }  # fmt: skip
    # What ran out a moment ago, and no routine has seen yet, keeps nobody from asking again.
    for old in over(unit.scope, unit):
        if (old.partner_id, old.open_for) == (partner_id, row["open_for"]):
            run_out(unit, old)
            let_go(unit, old)
    if insert_or_ignore(unit.connection, second_askings, [row]) != 1:
        raise AlreadyAsked()
    unit.note("asking.ask", subject=about_id, record=str(row["asking_id"]))
    return row


def one(scope: Scope, unit: Unit, asking_id: str, partner_id: str | None = None) -> Any:
    """One asking within reach; NotFound when it is not there, or not at that partner."""
    query = _within(scope).where(second_askings.c.asking_id == asking_id)
    query = query if partner_id is None else query.where(second_askings.c.partner_id == partner_id)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def listed(scope: Scope, unit: Unit, partner_id: str | None = None) -> Sequence[Any]:
    """What is asked and not settled yet, of one partner or of all within reach, the oldest first."""
    query = _within(scope).where(second_askings.c.state == ASKED, second_askings.c.ends_at > unit.now)
    query = query if partner_id is None else query.where(second_askings.c.partner_id == partner_id)
    return unit.connection.execute(query.order_by(second_askings.c.asked_at, second_askings.c.asking_id)).all()


def about(scope: Scope, unit: Unit, what: str, about_id: str, state: str) -> Any | None:
    """The newest asking of a kind about somebody that stands at a state, or None."""
    same = (second_askings.c.what == what, second_askings.c.about_id == about_id, second_askings.c.state == state)
    return unit.connection.execute(_within(scope).where(*same).order_by(second_askings.c.asked_at.desc())).first()


def to_carry_out(scope: Scope, unit: Unit, partner_id: str, whats: Collection[str], asked_by: str) -> Sequence[Any]:
    """What somebody asked, another confirmed, and may still be carried out, the oldest first."""
    query = _within(scope).where(second_askings.c.partner_id == partner_id, second_askings.c.what.in_(whats))
    query = query.where(second_askings.c.asked_by == asked_by, second_askings.c.state == CONFIRMED)
    rows = unit.connection.execute(query.order_by(second_askings.c.asked_at, second_askings.c.asking_id)).all()
    return [row for row in rows if unit.now < carried_out_by(row)]


def carried_out_by(row: Any) -> datetime:
    """Until when what was confirmed may be carried out: as long after as it was allowed to wait."""
    return row.settled_at + (row.ends_at - row.asked_at)  # type: ignore[no-any-return]


def over(scope: Scope, unit: Unit) -> Sequence[Any]:
    """What nobody settled in time."""
    ran_out = (second_askings.c.state == ASKED, second_askings.c.ends_at <= unit.now)
    return unit.connection.execute(_within(scope).where(*ran_out)).all()


def _within(scope: Scope) -> sa.Select[Any]:
    query = sa.select(second_askings)
    return query if scope.reach == "network" else query.where(second_askings.c.partner_id == (scope.partner_id or ""))


def settle(unit: Unit, row: Any, state: str) -> bool:
    """Confirms or refuses an asking; False when the same person did so before, and nothing is done again."""
    asking = Asking(row.about_id, row.asked_by, row.ends_at, row.state, row.settled_by)
    if not may_settle(asking, unit.who.id, state, unit.now):
        return False
    if not _change(unit, row, state=state, settled_by=unit.who.id, settled_at=unit.now, open_for=None):
        raise AskingOver()
    unit.note("asking.confirm" if state == CONFIRMED else "asking.refuse", subject=row.about_id, record=row.asking_id)
    return True


def carry_out(unit: Unit, asking_id: str, what: str, about_id: str) -> None:
    """Marks as done what two people wanted, for whoever does it outside the room; refuses (NotConfirmed) all else."""
    row = unit.connection.execute(_within(unit.scope).where(second_askings.c.asking_id == asking_id)).first()
    is_wanted = row is not None and (row.what, row.about_id, row.state) == (what, about_id, CONFIRMED)
    if row is None or not is_wanted or carried_out_by(row) <= unit.now:
        raise NotConfirmed()
    if not _change(unit, row, state=DONE):
        raise NotConfirmed()
    unit.note("asking.carry_out", subject=about_id, record=asking_id)


def run_out(unit: Unit, row: Any) -> bool:
    """Lets go of an asking nobody settled in time; false when somebody was faster."""
    if not _change(unit, row, state=RAN_OUT, settled_at=unit.now, open_for=None):
        return False
    unit.note("asking.run_out", subject=row.about_id, record=row.asking_id)
    return True


def _change(unit: Unit, row: Any, **columns: Any) -> bool:
    same = (
        second_askings.c.asking_id == row.asking_id,
        second_askings.c.partner_id == row.partner_id,
        second_askings.c.state == row.state,
    )
    return unit.connection.execute(sa.update(second_askings).where(*same).values(**columns)).rowcount == 1
