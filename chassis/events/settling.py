"""What is done once two people agree: a stream is tried again, a fact given up, a record put away, a fence lifted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.events import askings, parking, turn
from chassis.events.turn import NOTHING, Last
from chassis.tables import asked_of, given_up, parked, unreadable, waiting
from chassis.unit import Unit

TRIED_AGAIN, GIVEN_UP, PUT_AWAY, SHOWN_AGAIN = parking.TRIED_AGAIN, "given_up", "put_away", "shown_again"
# It had been settled in another way before it was confirmed.
OVERTAKEN = "overtaken"
_OUTCOME = sa.update(asked_of).where(
    asked_of.c.asking_id == sa.bindparam("this"),
    asked_of.c.stream == sa.bindparam("on"),
    asked_of.c.number == sa.bindparam("place"),
)


def confirm(unit: Unit, asking_id: str) -> Counter[str]:
    """Does what was asked, in one transaction with its confirmation; gives how often it ended in which way."""
    row = askings.settle(unit, asking_id, askings.CONFIRMED)
    done: Counter[str] = Counter()
    if row is None:
        return done
    for line in askings.lines(unit, asking_id):
        outcome = _DOES[row.what](unit, row, line)
        this = {"this": asking_id, "on": line.stream, "place": line.number}
        unit.connection.execute(_OUTCOME.values(outcome=outcome), this)
        if outcome != OVERTAKEN:
            unit.note(f"parked.{outcome}", subject=line.subject, record=f"{line.stream}@{line.number}")
        done[outcome] += 1
    return done


def refuse(unit: Unit, asking_id: str) -> None:
    """Refuses what was asked; nothing is done."""
    askings.settle(unit, asking_id, askings.REFUSED)


def _try_again(unit: Unit, _asking: Any, line: Any) -> str:
    """The stream's kept facts are tried again in order, by whichever process listens."""
    if _parked(unit, line) is None:
        return OVERTAKEN
    parking.release(unit.connection, unit.service, line.stream)
    return TRIED_AGAIN


def _give_up(unit: Unit, asking: Any, line: Any) -> str:
    """The stream goes on after this fact, without its effect; a restriction it brought stays as it stands."""
    row = _parked(unit, line)
    if row is None:
        return OVERTAKEN
    if not _leave_out(unit, row):
        parking.release(unit.connection, unit.service, line.stream)
        return OVERTAKEN
    this = sa.and_(
        waiting.c.consumer == unit.service, waiting.c.stream == row.stream, waiting.c.number == row.number,
        waiting.c.fact_id == row.fact_id,
    )  # fmt: skip
    kept = unit.connection.execute(sa.select(waiting.c.headers, waiting.c.body).where(this)).one_or_none()
    record = {name: getattr(row, name) for name in ("consumer", "stream", "number", "fact_id", "type", "subject")}
    unit.connection.execute(
        sa.insert(given_up),
        {
            **record,
            "fences": asking.fences and row.fences,
            "reason": row.reason,
            "detail": row.detail,
            "headers": kept.headers if kept else None,
            "body": kept.body if kept else None,
            "asking_id": asking.asking_id,
            "at": unit.now,
        },
    )
    unit.connection.execute(sa.delete(waiting).where(this))
    parking.release(unit.connection, unit.service, line.stream)
    return GIVEN_UP


def _leave_out(unit: Unit, row: Any) -> bool:
    """Moves the stream past the fact; false when it is past it already.

    Of a forked history the fact that was applied, or is kept for its turn, stands; the other only is left out.
    """
    if row.reason == parking.FORKED:
        return True
    was = turn.last_of(unit.connection, unit.service, [row.stream])
    if was.get(row.stream, NOTHING).number != row.number - 1:
        return False
    turn.move(unit.connection, unit.service, was, {row.stream: Last(row.number, row.fact_id)})
    return True


def _parked(unit: Unit, line: Any) -> Any:
    """The stream as it is parked, if it is so at just the fact that was asked about."""
    query = sa.select(parked).where(
        parked.c.consumer == unit.service, parked.c.stream == line.stream, parked.c.number == line.number,
        parked.c.fact_id == line.fact_id,
    )  # fmt: skip
    return unit.connection.execute(query).one_or_none()


def _put_away(unit: Unit, asking: Any, line: Any) -> str:
    """The record is dealt with: what it held is let go here, where and when it came stays; the carrier keeps it too."""
    topic, _, partition = line.stream.rpartition("/")
    this = (
        unreadable.c.consumer == unit.service, unreadable.c.topic == topic, unreadable.c.partition == int(partition),
        unreadable.c.place == line.number, unreadable.c.asking_id.is_(None),
    )  # fmt: skip
    put = sa.update(unreadable).where(*this).values(asking_id=asking.asking_id, headers="[]", body=None)
    return PUT_AWAY if unit.connection.execute(put).rowcount else OVERTAKEN


def _show_again(unit: Unit, _asking: Any, line: Any) -> str:
    """Whoever a fact given up was about is shown, proposed and sent again."""
    this = (
        given_up.c.consumer == unit.service, given_up.c.stream == line.stream, given_up.c.number == line.number,
        given_up.c.fact_id == line.fact_id, given_up.c.fences,
    )  # fmt: skip
    return (
        SHOWN_AGAIN
        if unit.connection.execute(sa.update(given_up).where(*this).values(fences=False)).rowcount
        else OVERTAKEN
    )


_DOES: Mapping[str, Callable[[Unit, Any, Any], str]] = {
    askings.TRY_AGAIN: _try_again,
    askings.GIVE_UP: _give_up,
    askings.PUT_AWAY: _put_away,
    askings.SHOW_AGAIN: _show_again,
}
