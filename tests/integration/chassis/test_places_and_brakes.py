"""What is only ever moved on: the place a consumer has read to, and what is known of a restriction."""

from __future__ import annotations

from chassis.database import Database
from chassis.events import brakes, places
from chassis.events.arrival import Odd
from chassis.events.bus import Record
from chassis.events.envelope import BrakeMark
from tests.builders import MORNING

SUSPENDED, RESUMED = BrakeMark("partner_suspended", "p", False), BrakeMark("partner_suspended", "p", True)


def reads(database: Database, place: int, topic_id: str = "one") -> None:
    record = Record("partners", 0, place, topic_id, None, [], None)
    with database.writing() as connection:
        places.advance(connection, "matching", [record], [Odd(record, "no fact")])


def start(database: Database, first: int = 0, end: int = 100, topic_id: str = "one") -> int:
    with database.reading() as connection:
        return places.start_of(connection, "matching", "partners", 0, topic_id, first, end)


def test_a_place_never_goes_back_in_one_topic(database: Database) -> None:
    reads(database, 7)
    reads(database, 3)
    assert start(database) == 8
    reads(database, 3, "made again")
    assert start(database, topic_id="made again") == 4


def test_reading_begins_at_the_first_where_the_place_is_not_of_this_topic(database: Database) -> None:
    reads(database, 7)
    assert start(database, end=8) == 8
    assert start(database, end=5) == 0
    assert start(database, first=20) == 20
    assert start(database, topic_id="made again") == 0


def braked(database: Database) -> bool:
    with database.reading() as connection:
        return bool(brakes.braked(connection, ["p"]))


def says(database: Database, mark: BrakeMark, number: int) -> None:
    with database.writing() as connection:
        brakes.in_turn(connection, mark, "partners/partner/p", number, MORNING)


def test_a_fact_older_than_what_is_known_neither_sets_nor_lifts_a_brake(database: Database) -> None:
    says(database, SUSPENDED, 4)
    says(database, RESUMED, 3)
    assert braked(database)
    says(database, RESUMED, 5)
    says(database, SUSPENDED, 4)
    assert not braked(database)
