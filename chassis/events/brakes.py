"""Brakes: restrictions that hold from their fact's arrival, even out of turn; only a fact in its turn lifts one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from chassis.events.envelope import BrakeMark
from chassis.rows import insert_or_ignore
from chassis.tables import brakes, given_up, parked

# What is said of the subject of a parked stream, and of one given up for good until two people say otherwise: nothing
# of theirs is shown, proposed or sent.
FENCED = "fenced"
_SUBJECTS: sa.BindParameter[list[str]] = sa.bindparam("subjects", expanding=True)
_ON = (
    sa.select(brakes.c.subject, brakes.c.kind)
    .where(brakes.c.is_on, brakes.c.subject.in_(_SUBJECTS))
    .union_all(
        *(
            sa.select(table.c.subject, sa.literal(FENCED)).where(table.c.subject.in_(_SUBJECTS), table.c.fences)
            for table in (parked, given_up)
        )
    )
)


def on_arrival(connection: sa.Connection, mark: BrakeMark, stream: str, number: int, now: datetime) -> None:
    """Sets a restriction the moment its fact arrives; a fact that lifts does nothing here."""
    if not mark.lifts:
        _put(connection, mark, stream, number, now, is_on=True)


def in_turn(connection: sa.Connection, mark: BrakeMark, stream: str, number: int, now: datetime) -> None:
    """Sets or lifts a restriction by a fact in its turn; one older than what is known changes nothing."""
    _put(connection, mark, stream, number, now, is_on=not mark.lifts)


def _put(connection: sa.Connection, mark: BrakeMark, stream: str, number: int, now: datetime, *, is_on: bool) -> None:
    row = {
        "kind": mark.kind, "subject": mark.subject, "stream": stream, "number": number, "is_on": is_on, "since": now,
    }  # fmt: skip
    if insert_or_ignore(connection, brakes, [row]):
        return
    same = (brakes.c.kind == mark.kind, brakes.c.subject == mark.subject, brakes.c.number < number)
    connection.execute(sa.update(brakes).where(*same).values(stream=stream, number=number, is_on=is_on, since=now))


def braked(connection: sa.Connection, subjects: Iterable[str]) -> dict[str, frozenset[str]]:
    """The kinds of restriction now on each subject, those without any left out; `fenced` stands for a parked stream."""
    wanted = list(set(subjects))
    found: dict[str, set[str]] = {}
    if wanted:
        for subject, kind in connection.execute(_ON, {"subjects": wanted}):
            found.setdefault(subject, set()).add(kind)
    return {subject: frozenset(kinds) for subject, kinds in found.items()}
