"""Who must not be told of a person: left out for that account alone, and never for what a service does itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables, told
from chassis.access import Principal, Scope, service_scope
from tests.builders import MORNING

met = sa.Table("met", sa.MetaData(), sa.Column("one", sa.Text), sa.Column("other", sa.Text))
BOTH = ("one", "other")


@pytest.fixture
def unit() -> Iterator[Any]:
    """A knock whose database holds two pairs and the pairs that are kept."""
    engine = sa.create_engine("sqlite://")
    tables.metadata.create_all(engine)
    met.create(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(met), [{"one": "jo", "other": "kim"}, {"one": "lee", "other": None}])
        yield SimpleNamespace(connection=connection)


def of(account_id: str) -> Scope:
    return Scope("network", Principal("account", account_id))


def seen(unit: Any, scope: Scope, *columns: str) -> list[str]:
    """Whom a read shows, and the same from a statement that was made once."""
    wanted = [met.c[name] for name in columns]
    query = sa.select(met.c.one).order_by(met.c.one)
    shown = list(unit.connection.execute(told.heeded(scope, query, *wanted)).scalars())
    once = told.heeded_once(query, *wanted) if told.heeds(scope) else query
    assert list(unit.connection.execute(once, {"asker": scope.who.id}).scalars()) == shown
    return shown


def test_a_person_is_left_out_for_the_account_they_are_kept_from_alone(unit: Any) -> None:
    told.keep_from(unit, "jo", {"feared"})
    assert seen(unit, of("feared"), "one") == ["lee"]
    assert seen(unit, of("another"), "one") == ["jo", "lee"]


def test_any_column_that_names_the_person_leaves_the_row_out_and_one_that_names_nobody_does_not(unit: Any) -> None:
    told.keep_from(unit, "kim", {"feared"})
    assert seen(unit, of("feared"), "one") == ["jo", "lee"]
    assert seen(unit, of("feared"), *BOTH) == ["lee"]


def test_what_a_service_does_itself_goes_on_for_everybody(unit: Any) -> None:
    told.keep_from(unit, "jo", {"matching"})
    assert seen(unit, service_scope("matching"), *BOTH) == ["jo", "lee"]


def test_whom_somebody_named_is_kept_for_good_and_once(unit: Any) -> None:
    told.keep_from(unit, "jo", ["feared", "feared"])
    told.keep_from(unit, "jo", ["another"])
    told.keep_from(unit, "jo", [])
    own = service_scope("home")
    assert told.accounts_kept_from(own, unit, "jo") == {"feared", "another"}


def test_the_service_alone_learns_whom_a_person_named(unit: Any) -> None:
    told.keep_from(unit, "jo", ["feared"])
    told.keep_from(unit, "kim", ["other"])
    own = service_scope("home")
    assert told.accounts_kept_from(own, unit, "jo", None, "kim") == {"feared", "other"}
    assert told.accounts_kept_from(own, unit, "lee", None) == told.accounts_kept_from(own, unit) == frozenset()
    assert told.accounts_kept_from(of("feared"), unit, "jo") == frozenset()


# ---- whoever is forgotten is there for nobody


def forgotten(unit: Any, person_id: str) -> None:
    row = {"kind": "forgotten", "subject": person_id, "stream": f"x/y/{person_id}", "number": 3, "is_on": True}
    unit.connection.execute(sa.insert(tables.brakes), {**row, "since": MORNING})


def test_whoever_is_forgotten_is_there_for_nobody_but_the_service_itself(unit: Any) -> None:
    assert not told.has_forgotten(unit, "jo")
    forgotten(unit, "jo")
    assert told.has_forgotten(unit, "jo")
    assert seen(unit, of("another"), "one") == ["lee"]
    assert seen(unit, service_scope("matching"), "one") == ["jo", "lee"]
    forgotten(unit, "kim")
    assert seen(unit, of("another"), *BOTH) == ["lee"]


def test_what_outlives_somebody_forgotten_is_shown_but_not_to_whom_they_feared(unit: Any) -> None:
    forgotten(unit, "jo")
    told.keep_from(unit, "jo", ["feared"])
    query = sa.select(met.c.one).order_by(met.c.one)
    shown = {
        who: unit.connection.execute(told.heeded(of(who), query, met.c.one, shows_forgotten=True)).scalars().all()
        for who in ("another", "feared")
    }
    assert shown == {"another": ["jo", "lee"], "feared": ["lee"]}


def test_whom_somebody_named_is_let_go_of(unit: Any) -> None:
    told.keep_from(unit, "jo", ["feared"])
    told.keep_from(unit, "kim", ["feared"])
    told.forget(unit, "jo")
    own = service_scope("home")
    assert told.accounts_kept_from(own, unit, "jo") == frozenset()
    assert told.accounts_kept_from(own, unit, "kim") == {"feared"}
