"""Compares what was acknowledged outside with states, effects, audit rows and published facts.

Everything is read from the stores and the topics themselves; each thing that is wrong is called lost, twice, out of
order, unaudited or stuck. What must be there is reckoned from the orders alone: a thing made and moved n times has
1 + n facts, as many effects in the other room, each answered by one echo stated and one echo closed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from chassis.boundary import NETWORK
from chassis.database import Database
from chassis.events.envelope import Place
from chassis.settings import Settings
from chassis.tables import audit, clocks, facts, inbox, outbox, parked, waiting
from tests.chaos.rooms import CLOCK, effects, fired, things, totals

WRONG = ("lost", "twice", "out of order", "unaudited", "stuck")
_MOST_EXAMPLES = 8


class Findings:
    """What was found wrong, counted by its name, with some examples."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: list[str] = []

    def add(self, wrong: str, what: str, count: int = 1) -> None:
        """Notes something wrong."""
        self.counts[wrong] += count
        if len(self.examples) < _MOST_EXAMPLES:
            self.examples.append(f"{wrong}: {what}")

    def told(self) -> dict[str, Any]:
        """As another process reads it."""
        return {"counts": {name: self.counts[name] for name in WRONG}, "examples": self.examples}


@contextmanager
def opened(settings: Settings, room: str) -> Iterator[sa.Connection]:
    """A reading transaction on a room's store."""
    database = Database(settings.database_for(room))
    try:
        with database.reading(NETWORK) as connection:
            yield connection
    finally:
        database.close()


def unsettled(settings: Settings) -> dict[str, int]:
    """What is still on its way: unsent, waiting, parked, clocks that ran out, and effects that are to come."""
    found: dict[str, int] = {}
    stated, acted = {}, {}
    for room in ("referrals", "matching"):
        with opened(settings, room) as connection:
            for table in (outbox, waiting, parked):
                found[f"{room} {table.name}"] = _count(connection, table)
            open_clocks = sa.select(sa.func.count()).select_from(clocks).where(clocks.c.state == "set")
            found[f"{room} clocks"] = connection.execute(open_clocks).scalar_one()
            stated[room], acted[room] = _count(connection, facts), _count(connection, effects)
    found["effects to come in matching"] = max(0, stated["referrals"] - acted["matching"])
    found["effects to come in referrals"] = max(0, stated["matching"] - acted["referrals"])
    return {name: count for name, count in found.items() if count}


def _waiting_told(settings: Settings) -> list[str]:
    """Of some facts that wait: which, for what, and where that stands."""
    told = []
    for room in ("referrals", "matching"):
        with opened(settings, room) as connection:
            stands = sa.select(inbox.c.number).where(inbox.c.stream == waiting.c.needs_stream).scalar_subquery()
            query = sa.select(waiting, stands.label("stands")).order_by(waiting.c.since).limit(5)
            told += [
                f"stuck: {row.stream}@{row.number} waits for {row.needs_stream}@{row.needs_number}, at {row.stands}"
                for row in connection.execute(query)
            ]
    return told


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def judge(settings: Settings, orders: Mapping[str, Mapping[str, Any]], is_stuck: bool) -> dict[str, Any]:
    """Everything that is wrong; `orders` are the acknowledged ones by key, each with `kind` and what was answered.

    `is_stuck` says that things were still on their way when there was no more patience; those are stuck, not lost.
    """
    found = Findings()
    if is_stuck:
        for what, count in unsettled(settings).items():
            found.add("stuck", what, count)
        found.examples += _waiting_told(settings)
    made = {room: _read(settings, room) for room in ("referrals", "matching")}
    _judge_orders(found, orders, made["referrals"])
    for room, hearer in (("referrals", "matching"), ("matching", "referrals")):
        _judge_numbers(found, room, made[room])
        if not is_stuck:
            _judge_published(found, room, made[room], settings)
        _judge_effects(found, made[room], made[hearer], is_stuck)
    _judge_echoes(found, made["matching"], is_stuck)
    return found.told()


def _read(settings: Settings, room: str) -> dict[str, Any]:
    with opened(settings, room) as connection:
        return {
            "things": {row.thing_id: row.step for row in connection.execute(sa.select(things))},
            "facts": list(connection.execute(sa.select(facts.c.stream, facts.c.number, facts.c.fact_id, facts.c.type))),
            "effects": list(connection.execute(sa.select(effects).order_by(effects.c.sequence))),
            "totals": {row.stream: row[1] for row in connection.execute(sa.select(totals.c.stream, totals.c.count))},
            "fired": Counter(row.subject for row in connection.execute(sa.select(fired))),
            "audit": Counter(
                (row.action, row.subject, row.record)
                for row in connection.execute(sa.select(audit).where(audit.c.outcome == "done"))
            ),
        }


# ---- what was acknowledged outside ----


def _judge_orders(found: Findings, orders: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Any]) -> None:
    moved: Counter[str] = Counter()
    for key, order in orders.items():
        if order["kind"] == "make" and order["body"]["thing_id"] not in asked["things"]:
            found.add("lost", f"the thing of order {key} was acknowledged and is not there")
        moved[order.get("thing_id", "")] += order["kind"] == "move"
    makes = sum(order["kind"] == "make" for order in orders.values())
    if len(asked["things"]) > makes:
        found.add("twice", "more things than were ordered", len(asked["things"]) - makes)
    of_stream = Counter(row.stream for row in asked["facts"])
    for thing_id, step in asked["things"].items():
        if step < moved[thing_id]:
            found.add("lost", f"{thing_id} stands at {step}, {moved[thing_id]} moves were acknowledged")
        if step > moved[thing_id]:
            found.add("twice", f"{thing_id} stands at {step}, only {moved[thing_id]} moves were ordered")
        if (stated := of_stream[f"referrals/thing/{thing_id}"]) != 1 + step:
            found.add("lost" if stated < 1 + step else "twice", f"{thing_id} has {stated} facts for {1 + step} changes")
        for number in range(step + 1):
            action = "thing.move" if number else "thing.make"
            if asked["audit"][action, thing_id, str(number)] != 1:
                found.add("unaudited", f"{action} {number} of {thing_id}")


# ---- what was stated, published and acted on ----


def _judge_numbers(found: Findings, room: str, made: Mapping[str, Any]) -> None:
    """Each stream is numbered 1 to n without a hole."""
    numbers = defaultdict(set)
    for row in made["facts"]:
        numbers[row.stream].add(row.number)
    for stream, known in numbers.items():
        if known != set(range(1, len(known) + 1)):
            found.add("lost", f"{room}: {stream} has holes")


def _judge_published(found: Findings, room: str, made: Mapping[str, Any], settings: Settings) -> None:
    """Each fact is on its topic, and nothing is that was never stated."""
    stated = {Place(row.stream, row.number): row.fact_id for row in made["facts"]}
    published = published_on(settings, room)
    for place, fact_id in stated.items():
        if fact_id not in published.get(place, ()):
            found.add("lost", f"{place} is not on the topic")
    for place, ids in published.items():
        if ids - {stated.get(place)}:
            found.add("twice", f"{place} is on the topic with an id that was never stated")


def published_on(settings: Settings, room: str) -> dict[Place, set[str]]:
    """The ids under which each place of a room's streams lies on its topic."""
    from tests.chaos.carriers import records_of

    found: dict[Place, set[str]] = defaultdict(set)
    for key, headers in records_of(settings, settings.topic_prefix + room):
        texts = {name: value.decode() for name, value in headers}
        found[Place(key.decode(), int(texts["ce_streamseq"]))].add(texts["ce_id"])
    return found


def _judge_effects(found: Findings, speaker: Mapping[str, Any], hearer: Mapping[str, Any], is_stuck: bool) -> None:
    """Each fact has one effect, in the order of its stream, and each effect one audit row."""
    number_of = {row.fact_id: (row.stream, row.number) for row in speaker["facts"]}
    times = Counter(row.fact_id for row in hearer["effects"])
    for fact_id, place in number_of.items():
        if not times[fact_id] and not is_stuck:
            found.add("lost", f"no effect of {place}")
    for fact_id, count in times.items():
        if count > 1:
            found.add("twice", f"{count} effects of {number_of.get(fact_id)}", count - 1)
        if fact_id not in number_of:
            found.add("twice", "an effect of a fact that was never stated")
    last: Counter[str] = Counter()
    for row in hearer["effects"]:
        stream, number = number_of.get(row.fact_id, (row.stream, 0))
        if number < last[stream]:
            found.add("out of order", f"{stream}: {number} after {last[stream]}")
        last[stream] = max(last[stream], number)
        if not hearer["audit"]["effect", row.stream, row.fact_id]:
            found.add("unaudited", f"the effect of {stream} {number}")
    counted = Counter(row.stream for row in hearer["effects"])
    for stream, count in hearer["totals"].items():
        if count != counted[stream]:
            found.add("twice" if count > counted[stream] else "lost", f"{stream} is counted {count} times")


def _judge_echoes(found: Findings, made: Mapping[str, Any], is_stuck: bool) -> None:
    """Each effect of a thing set a clock; each clock fired once and was audited."""
    thing_effects = [row for row in made["effects"] if row.stream.startswith("referrals/thing/")]
    closed = Counter(row.stream for row in made["facts"] if row.type.startswith("echo.closed"))
    stated = Counter(row.stream for row in made["facts"] if row.type.startswith("echo.stated"))
    of_thing = Counter(row.stream.rpartition("/")[2] for row in thing_effects)
    for thing_id, count in of_thing.items():
        stream = f"matching/echo/{thing_id}"
        if stated[stream] != count:
            found.add("lost" if stated[stream] < count else "twice", f"{stream}: {stated[stream]} echoes of {count}")
        if closed[stream] > count or (closed[stream] < count and not is_stuck):
            found.add("lost" if closed[stream] < count else "twice", f"{stream}: {closed[stream]} closed of {count}")
    for subject, times in made["fired"].items():
        thing_id, _, what = subject.partition("/")
        if times > 1:
            found.add("twice", f"the {CLOCK} clock of {subject} fired {times} times", times - 1)
        if not made["audit"]["echo.close", thing_id, what]:
            found.add("unaudited", f"the {CLOCK} clock of {subject}")
