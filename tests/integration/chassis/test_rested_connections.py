"""A connection that the server ended while it rested is found out before a knock is put on it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis import database as of_database
from chassis.database import Database, DatabaseAway
from tests.parts.postgres import Databases

_OWN = sa.text("SELECT pg_backend_pid()")
_END = sa.text("SELECT pg_terminate_backend(:this)")


def ended_while_at_rest(url: str) -> Database:
    """A database whose one connection leads nowhere."""
    opened, other = Database(url), Database(url)
    with opened.reading() as connection:
        backend = connection.execute(_OWN).scalar_one()
    with other.writing() as connection:
        assert connection.execute(_END, {"this": backend}).scalar_one()
    other.close()
    return opened


def test_after_a_rest_nobody_meets_the_dead_connection(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_database, "RESTED_SECONDS", 0)
    opened = ended_while_at_rest(postgres.empty())
    assert opened.answers()
    opened.close()


def test_without_a_rest_one_knock_is_told_to_try_again_and_the_next_goes_well(postgres: Databases) -> None:
    opened = ended_while_at_rest(postgres.empty())
    with pytest.raises(DatabaseAway), opened.reading() as connection:
        connection.execute(_OWN)
    assert opened.answers()
    opened.close()
