"""Two small rooms that do what every room does, and keep each effect as a row of its own, so that an oracle can count.

`referrals` takes things in by an API door and moves them along; `matching` keeps each move, sets a clock and answers
with facts of its own, which `referrals` keeps in turn. No key of these tables forbids an effect to happen twice: only
what is under test does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import request

from chassis import clocks
from chassis.columns import Id, Moment, Serial
from chassis.errors import NotFound, Retry
from chassis.once import Answer, answered_once
from chassis.parts import Parts, Shared
from chassis.sealing import Ring
from chassis.service import Service
from chassis.settings import Settings
from chassis.unit import Unit
from chassis.web import ApiBlueprint, door, here
from contracts import addresses, classes
from contracts.fact import CATALOGUE, Brake, fact

API = "/api/v1/referrals/things"
ACTION = "thing.do"
RULES = {ACTION: {"referrer": "network"}}
CLOCK = "echo"
POISON = "poison"


@fact("thing.made.v1", owner="referrals")
class ThingMade:
    """A thing was made for someone."""

    thing_id: str
    someone_id: str
    words: str


@fact("thing.moved.v1", owner="referrals")
class ThingMoved:
    """A thing went one step on."""

    thing_id: str
    someone_id: str
    step: int


@fact("someone.held.v1", owner="referrals", brake=Brake("held", "someone_id"))
class SomeoneHeld:
    """Nothing is done for someone just now."""

    someone_id: str


@fact("someone.freed.v1", owner="referrals", brake=Brake("held", "someone_id", lifts=True))
class SomeoneFreed:
    """Things are done for someone again."""

    someone_id: str


@fact("echo.stated.v1", owner="matching")
class EchoStated:
    """A fact about a thing was acted on."""

    thing_id: str
    of: str


@fact("echo.closed.v1", owner="matching")
class EchoClosed:
    """The clock an effect had set ran out."""

    thing_id: str
    of: str


FACTS: tuple[Any, ...] = (ThingMade, ThingMoved, SomeoneHeld, SomeoneFreed, EchoStated, EchoClosed)
# The network's own catalogue stays as it is for whoever reads it after these rooms in one process.
for made in FACTS:
    CATALOGUE.pop(made.FACT.type)

metadata = sa.MetaData()
things = sa.Table(
    "things",
    metadata,
    sa.Column("thing_id", Id, primary_key=True),
    sa.Column("someone_id", Id, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
)
effects = sa.Table(
    "effects",
    metadata,
    sa.Column("sequence", Serial, primary_key=True, autoincrement=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("fact_id", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
totals = sa.Table(
    "totals",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
fired = sa.Table(
    "fired",
    metadata,
    sa.Column("sequence", Serial, primary_key=True, autoincrement=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class NoNumbers:
    """These rooms run on no numbers."""


class SomebodyWasFaster(Retry):
    """Another process moved the same thing meanwhile."""

    says = "Somebody moved this at the same time. Try again."


# ---- the room that is asked ----


def blueprint() -> ApiBlueprint:
    """The door: `POST` makes a thing, `POST /<id>/steps` moves it; an Idempotency-Key makes each once."""
    api = ApiBlueprint("things", __name__, url_prefix=API, description="Things")

    def making() -> Any:
        body = request.get_json()
        return _once("things", lambda unit: make(unit, body["someone_id"], body["words"]))

    def moving(thing_id: str) -> Any:
        return _once("steps", lambda unit: move(unit, thing_id))

    def holding(someone_id: str) -> Any:
        return _once("holds", lambda unit: hold(unit, someone_id))

    api.route("", methods=["POST"])(door(ACTION)(making))
    api.route("/<thing_id>/steps", methods=["POST"])(door(ACTION)(moving))
    api.route("/of/<someone_id>/holds", methods=["POST"])(door(ACTION)(holding))
    return api


def _once(what: str, work: Any) -> Any:
    done = answered_once(
        here(), door=what, asker="chaos", key=request.headers["Idempotency-Key"], body=request.get_data(),
        keys=lambda: Ring({}), work=work,
    )  # fmt: skip
    return done.body, done.status


def make(unit: Unit, someone_id: str, words: str) -> Answer:
    """Makes a thing and states it; it rests on what was last said of its someone."""
    thing_id = unit.ids.new()
    unit.connection.execute(sa.insert(things), {"thing_id": thing_id, "someone_id": someone_id, "step": 0})
    unit.note("thing.make", subject=thing_id, record="0")
    said = ThingMade(thing_id=thing_id, someone_id=someone_id, words=words)
    unit.state(f"referrals/thing/{thing_id}", said, requires=[unit.at(f"referrals/someone/{someone_id}")])
    return Answer(201, {"thing_id": thing_id}, thing_id)


def move(unit: Unit, thing_id: str) -> Answer:
    """Moves a thing one step on by compare-and-set, and states it."""
    row = unit.connection.execute(sa.select(things).where(things.c.thing_id == thing_id)).one_or_none()
    if row is None:
        raise NotFound()
    was = (things.c.thing_id == thing_id, things.c.step == row.step)
    if not unit.connection.execute(sa.update(things).where(*was).values(step=row.step + 1)).rowcount:
        raise SomebodyWasFaster()
    unit.note("thing.move", subject=thing_id, record=str(row.step + 1))
    said = ThingMoved(thing_id=thing_id, someone_id=row.someone_id, step=row.step + 1)
    unit.state(f"referrals/thing/{thing_id}", said, requires=[unit.at(f"referrals/someone/{row.someone_id}")])
    return Answer(201, {"step": row.step + 1}, thing_id)


def hold(unit: Unit, someone_id: str) -> Answer:
    """Holds someone, or lets go of them when they are held."""
    is_held = "held" in unit.braked(someone_id)
    said = SomeoneFreed(someone_id=someone_id) if is_held else SomeoneHeld(someone_id=someone_id)
    unit.note("someone.free" if is_held else "someone.hold", subject=someone_id)
    place = unit.state(f"referrals/someone/{someone_id}", said)
    return Answer(201, {"place": place}, someone_id)


# ---- what both rooms do about facts and clocks ----


def keep_effect(unit: Unit, stream: str, what: str) -> None:
    """Keeps one effect: a row, and a count that a second time would raise."""
    row = {"stream": stream, "what": what, "fact_id": unit.thread.causation_id}
    unit.connection.execute(sa.insert(effects), row)
    counted = sa.update(totals).where(totals.c.stream == stream).values(count=totals.c.count + 1)
    if not unit.connection.execute(counted).rowcount:
        unit.connection.execute(sa.insert(totals), {"stream": stream, "count": 1})
    unit.note("effect", subject=stream, record=unit.thread.causation_id)


class Hearing:
    """The reactions of `matching`; `is_poisoned` says whether things made of poison fail now."""

    def __init__(self, is_poisoned: Any) -> None:
        self._is_poisoned = is_poisoned

    def on_thing_made(self, unit: Unit, said: ThingMade) -> None:
        if said.words == POISON and self._is_poisoned():
            raise ValueError("this thing cannot be kept now")
        self._act(unit, said.thing_id, "made")

    def on_thing_moved(self, unit: Unit, said: ThingMoved) -> None:
        self._act(unit, said.thing_id, str(said.step))

    def _act(self, unit: Unit, thing_id: str, what: str) -> None:
        stream = f"referrals/thing/{thing_id}"
        keep_effect(unit, stream, what)
        of = f"{thing_id}/{what}"
        clocks.start(unit, CLOCK, of, unit.now)
        unit.state(f"matching/echo/{thing_id}", EchoStated(thing_id=thing_id, of=what), requires=[unit.at(stream)])

    def on_someone(self, unit: Unit, said: Any) -> None:
        keep_effect(unit, f"referrals/someone/{said.someone_id}", type(said).__name__)

    def reactions(self) -> dict[type, Any]:
        """What `matching` does about each fact."""
        return {
            ThingMade: self.on_thing_made, ThingMoved: self.on_thing_moved,
            SomeoneHeld: self.on_someone, SomeoneFreed: self.on_someone,
        }  # fmt: skip


def on_echo(unit: Unit, said: Any) -> None:
    """`referrals` keeps what came back."""
    keep_effect(unit, f"matching/echo/{said.thing_id}", f"{type(said).__name__} {said.of}")


def close_echoes(unit: Unit) -> int:
    """Claims each clock that ran out, and says so."""
    done = 0
    for clock in clocks.due(unit.scope, unit, CLOCK)[:20]:
        if not clocks.fire(unit, clock):
            continue
        unit.connection.execute(sa.insert(fired), {"subject": clock.subject, "number": clock.number, "at": unit.now})
        thing_id, _, what = clock.subject.partition("/")
        unit.note("echo.close", subject=thing_id, record=what)
        unit.state(f"matching/echo/{thing_id}", EchoClosed(thing_id=thing_id, of=what))
        done += 1
    return done


def a_room(name: str, settings: Settings, shared: Shared, is_poisoned: Any) -> Service:
    """One of the two rooms, with its tables made when they are not there."""
    is_asked = name == "referrals"
    echoes: dict[type, Any] = {EchoStated: on_echo, EchoClosed: on_echo}
    parts = Parts(
        name=name, purpose="Does what every room does, under fire.", folder=Path(__file__).parent / "none", says=FACTS,
        reactions=echoes if is_asked else Hearing(is_poisoned).reactions(),
        routines={} if is_asked else {"close_echoes": close_echoes}, api=(blueprint(),) if is_asked else (), pages=(),
        policy=NoNumbers, rules=RULES, opens=classes.OPENS, seals=classes.SEALS, rooms=addresses.SERVICES,
    )  # fmt: skip
    return Service(parts, settings, shared)


def make_tables(service: Service) -> None:
    """Makes a room's own tables."""
    with service.database.writing() as connection:
        metadata.create_all(connection)
