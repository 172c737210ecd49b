"""A table made of facts alone says so, and nothing of a room's own hangs on it: it may be made again any time."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.events.projections import Projection
from contracts.addresses import SERVICES
from tests.builders import TestHouse

# Chassis tables that a room may fill by what it hears alone.
SHARED = {tables.kept_from}


def faults_of(projections: Iterable[Projection], own: sa.MetaData) -> list[str]:
    """What is wrong with the tables a room calls projections; `own` are the room's tables."""
    projections = list(projections)
    projected = {one.table for one in projections}
    found = [
        f"{one.table.name} is not this room's"
        for one in projections
        if one.table not in {*own.tables.values(), *SHARED}
    ]
    for table in own.sorted_tables:
        found += [
            f"{table.name} is this room's own and refers to {key.column.table.name}"
            for key in table.foreign_keys
            if key.column.table in projected and table not in projected
        ]
    found += [
        f"{one.table.name} has no column {name}"
        for one in projections
        for name in one.arrival
        if name not in one.table.columns
    ]
    return found


@pytest.mark.parametrize("room", SERVICES)
def test_what_a_room_says_it_made_of_facts_can_be_made_again(house: TestHouse, room: str) -> None:
    store = importlib.import_module(f"services.{room}.store")
    declared = getattr(store, "PROJECTIONS", ())
    assert house[room].parts.projections == declared
    assert faults_of(declared, store.metadata) == []
    assert declared


def test_home_decides_nothing_so_all_of_it_is_made_of_facts() -> None:
    store = importlib.import_module("services.home.store")
    assert {one.table for one in store.PROJECTIONS} == {*store.metadata.tables.values(), tables.kept_from}


def test_a_projection_that_is_none_is_caught() -> None:
    own = sa.MetaData()
    heard = sa.Table("heard", own, sa.Column("id", sa.Text, primary_key=True))
    sa.Table("chosen", own, sa.Column("heard_id", sa.Text, sa.ForeignKey("heard.id"), primary_key=True))
    assert faults_of([Projection(heard, arrival=("at",)), Projection(tables.audit)], own) == [
        "audit is not this room's",
        "chosen is this room's own and refers to heard",
        "heard has no column at",
    ]
