"""Two rooms as small as rooms can be, put together by the house's own Service: one states, one keeps a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.events.work import HEARER, OWNER, Place, ThingMoved, a_fact, stream_of
from chassis import logs
from chassis.events.bus import Bus
from chassis.parts import Parts, Shared
from chassis.serve import make_bus, share
from chassis.service import Service
from chassis.unit import Unit
from contracts import addresses, classes

metadata = sa.MetaData()
# What the hearer keeps of each thing: a read model of one row.
things = sa.Table(
    "things",
    metadata,
    sa.Column("thing_id", sa.Text, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class NoNumbers:
    """These rooms run on no numbers."""


def on_thing_moved(unit: Unit, said: ThingMoved) -> None:
    """Keeps where a thing stands."""
    unit.put(things, {"thing_id": said.thing_id, "step": said.step, "words": said.words})


def share_at(place: Place, bus: Callable[[Bus], Bus] = lambda bus: bus) -> Shared:
    """What the rooms of one process share; `bus` may look on at the carrier."""
    logs.configure("error")
    settings = place.settings()
    return share(settings, bus=bus(make_bus(settings)))


def speaker(place: Place, shared: Shared) -> Service:
    """The room that states."""
    return _a_room(OWNER, place, shared, {}, "0")


def hearer(place: Place, shared: Shared, reaction: Any = on_thing_moved, slot: str = "0") -> Service:
    """The room that hears, with its table."""
    made = _a_room(HEARER, place, shared, {ThingMoved: reaction}, slot)
    with made.database.writing() as connection:
        metadata.create_all(connection)
    return made


def _a_room(name: str, place: Place, shared: Shared, reactions: dict[type, Any], slot: str) -> Service:
    parts = Parts(
        name=name, purpose="Is measured.", folder=Path(__file__).parent / "none", says=(), reactions=reactions,
        routines={}, api=(), pages=(), policy=NoNumbers, rules={}, opens=classes.OPENS, seals=classes.SEALS,
        rooms=addresses.SERVICES,
    )  # fmt: skip
    return Service(parts, place.settings(slot), shared)


def listener_of(room: Service) -> Any:
    """The listener of a room that hears; seen as anything, because what measures looks inside."""
    return room.listener


def state_some(room: Service, first: int, count: int) -> str:
    """States some of the facts in one transaction; gives the place of the last."""
    place = ""
    with room.writing() as unit:
        for number in range(first, first + count):
            place = unit.state(stream_of(number), a_fact(number))
    return place


def must_stand(room: Service, count: int) -> None:
    """Fails unless the hearer's rows are those of so many facts, each applied once and in order."""
    with room.database.reading() as connection:
        steps = {row.thing_id: row.step for row in connection.execute(sa.select(things))}
        last = connection.execute(sa.text("SELECT sum(number) FROM inbox")).scalar_one()
    wanted = {a_fact(number).thing_id: a_fact(number).step for number in range(count)}
    if steps != wanted or last != count:
        raise SystemExit(f"the rows are not those of {count} facts: {len(steps)} things, {last} applied")
