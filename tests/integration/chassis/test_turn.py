"""A stream moves on only from where it was found, on either database."""

from __future__ import annotations

import pytest

from chassis.database import Database
from chassis.events import turn
from chassis.events.turn import Last, LostRace

FIRST, SECOND, THIRD = (Last(number, f"fact {number}") for number in (1, 2, 3))


def move(database: Database, was: dict[str, Last], now: dict[str, Last]) -> None:
    with database.writing() as connection:
        turn.move(connection, "matching", was, now)


def stands(database: Database) -> dict[str, Last]:
    with database.reading() as connection:
        return turn.last_of(connection, "matching", ["a", "b"])


def test_a_stream_begins_and_moves_on(database: Database) -> None:
    move(database, {}, {"a": FIRST, "b": SECOND})
    move(database, {"a": FIRST, "b": SECOND}, {"a": SECOND, "b": THIRD})
    assert stands(database) == {"a": SECOND, "b": THIRD}


def test_a_stream_that_no_longer_stands_where_it_was_found_is_a_lost_race_and_nothing_moves(database: Database) -> None:
    move(database, {}, {"a": SECOND, "b": FIRST})
    with pytest.raises(LostRace):
        move(database, {"b": FIRST, "a": FIRST}, {"b": SECOND, "a": THIRD})
    assert stands(database) == {"a": SECOND, "b": FIRST}


def test_a_stream_that_somebody_else_began_meanwhile_is_a_lost_race(database: Database) -> None:
    move(database, {}, {"a": SECOND})
    with pytest.raises(LostRace):
        move(database, {}, {"a": FIRST})
    assert stands(database) == {"a": SECOND}
