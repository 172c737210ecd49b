"""A service put back from an older copy: its own topic knows facts it does not, and they are read back.

Where the relay has come on the topic is kept with what it sent, so a start need only look at what lies beyond: most
often nothing. What changed with those facts is not in these records; a person settles it before anybody changes more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from chassis.errors import Conflict
from chassis.events import brakes, envelope, places
from chassis.events.bus import Bus, Record, Stand
from chassis.events.envelope import Envelope
from chassis.rows import insert_or_ignore
from chassis.tables import facts, read_back

_KNOWN = sa.select(facts.c.fact_id).where(facts.c.fact_id.in_(sa.bindparam("ids", expanding=True)))
_SAME_NUMBER = sa.select(facts.c.fact_id).where(
    facts.c.stream == sa.bindparam("on"), facts.c.number == sa.bindparam("at")
)
_OPEN = sa.select(read_back).where(read_back.c.settled_at.is_(None))
_IS_OPEN = sa.select(read_back.c.fact_id).where(read_back.c.settled_at.is_(None)).limit(1)
_RAISE = sa.text(
    """
    INSERT INTO streams (stream, number) VALUES (:stream, :number)
    ON CONFLICT (stream) DO UPDATE SET number = excluded.number WHERE streams.number < excluded.number
    """
)


class NumbersClash(Conflict):
    """Facts were stated here under numbers that the network knows as other facts."""

    says = (
        "Since this older copy was put back it stated facts under numbers the network knows as others. They cannot both"
        " stand: put back a newer copy, or ask the maintainers."
    )


@dataclass(frozen=True)
class _Told:
    """A fact as the topic keeps it."""

    envelope: Envelope
    texts: Mapping[str, str]
    body: str


def read(bus: Bus, database: Database, service: str, topic: str, now: datetime) -> int:
    """Compares a service's facts with its own topic and takes in those it lacks; gives how many. Raises CarrierAway."""
    stand = bus.stands([topic])
    with database.reading() as connection:
        known = places.sent(connection, topic)
    begin = {share: _begin(known.get(share), one) for share, one in stand.items()}
    taken = 0
    for records in bus.read_through(begin, stand):
        told = [one for one in map(_told, records) if one and one.envelope.owner == service]
        with database.writing() as connection:
            taken += _take_in(connection, told, now)
    if any(known.get(share) != one for share, one in stand.items()):
        with database.writing() as connection:
            places.note_sent(connection, stand)
    return taken


def _begin(known: Stand | None, stand: Stand) -> int:
    """Where to compare from: all of a topic that is not the one we sent to, or is shorter than what we sent."""
    return known.end if known and known.topic_id == stand.topic_id and known.end <= stand.end else 0


def _told(record: Record) -> _Told | None:
    texts = envelope.as_texts(record.headers)
    try:
        found = envelope.read(record.key, texts, record.value)
        return _Told(found, texts, (record.value or b"").decode())
    except (envelope.EnvelopeUnreadable, UnicodeDecodeError):
        return None


def _take_in(connection: sa.Connection, told: Sequence[_Told], now: datetime) -> int:
    known = set(connection.execute(_KNOWN, {"ids": [one.envelope.id for one in told]}).scalars()) if told else set()
    lacking = {one.envelope.id: one for one in told if one.envelope.id not in known}
    for one in lacking.values():
        _keep(connection, one, now)
    return len(lacking)


def _keep(connection: sa.Connection, told: _Told, now: datetime) -> None:
    found = told.envelope
    place = {"stream": found.stream, "number": found.number, "fact_id": found.id, "type": found.type}
    place["stated_at"] = found.stated_at
    is_clash = connection.execute(_SAME_NUMBER, {"on": found.stream, "at": found.number}).first() is not None
    insert_or_ignore(connection, read_back, [{**place, "is_clash": is_clash, "found_at": now}])
    if is_clash:
        return
    headers = json.dumps(dict(told.texts), separators=(",", ":"))
    connection.execute(sa.insert(facts), {**place, "headers": headers, "body": told.body})
    connection.execute(_RAISE, {"stream": found.stream, "number": found.number})
    if found.brake:
        brakes.in_turn(connection, found.brake, found.stream, found.number, now)


# ---- settled by a person


def is_open(connection: sa.Connection) -> bool:
    """Whether facts were read back that nobody has settled yet."""
    return connection.execute(_IS_OPEN).first() is not None


def differences(connection: sa.Connection) -> Sequence[Any]:
    """The facts that were read back and nobody has settled, in the order they were stated."""
    return connection.execute(_OPEN.order_by(read_back.c.stated_at, read_back.c.stream, read_back.c.number)).all()


def settle(connection: sa.Connection, account_id: str, now: datetime) -> int:
    """Says that a person saw to what differs; gives how many facts that were. Refuses while numbers clash."""
    found: Iterable[Any] = differences(connection)
    if any(row.is_clash for row in found):
        raise NumbersClash()
    done = sa.update(read_back).where(read_back.c.settled_at.is_(None))
    return connection.execute(done.values(settled_at=now, settled_by=account_id)).rowcount
