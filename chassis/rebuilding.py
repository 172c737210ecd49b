"""What a service made of the facts it heard is made again from the carrier, and put in place while its doors are open.

Everything is heard anew in a shadow, never further than the records themselves have come. For what is left in the end
nothing is heard into the records, and in that same transaction the shadow's rows take the place of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from chassis.database import Database
from chassis.errors import Conflict, Invalid
from chassis.events.bus import Record, Share
from chassis.events.inbox import Inbox
from chassis.events.metrics import EventMetrics
from chassis.events.shadow import Shadow
from chassis.events.standing import OlderCopy
from chassis.service import Service

CONSUMER = "rebuild"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# How often at most the records are caught up with before they are held still for what is left.
_ROUNDS = 5
# A type nobody hears: a fact that two people gave up goes by without effect, as it did before.
_UNHEARD = b"given.up.v1"


class NothingProjected(Invalid):
    """Nothing in this service is made of what it hears alone."""

    says = "Nothing in this service is made of facts alone, so there is nothing to make again."


class NameUnfit(Invalid):
    """The shadow cannot be called that."""

    where = "consumer"
    says = "Use small letters, digits and underscores, beginning with a letter."


class CarrierTooShort(Conflict):
    """The carrier no longer holds all that the records were made of."""


@dataclass(frozen=True)
class Rebuilt:
    """What came of it: how many facts were heard and rows made, and the hash of the tables before and after."""

    facts: int
    rows: int
    was: str
    now: str

    @property
    def is_same(self) -> bool:
        """Whether what was made is what was there."""
        return self.was == self.now


@dataclass
class _Reading:
    """How far the carrier was read, and what was read beyond the place the records had come to."""

    places: dict[Share, int] = field(default_factory=dict)
    later: list[Record] = field(default_factory=list)
    heard: int = 0


def rebuild(service: Service, consumer: str = CONSUMER) -> Rebuilt:
    """Makes a service's projections again under a shadow called `consumer`, and puts them in place.

    Refuses when the carrier no longer holds what they were made of, on an older copy nobody has settled, and while
    another process does the same.
    """
    if not _NAME.fullmatch(consumer):
        raise NameUnfit()
    if not service.parts.projections:
        raise NothingProjected()
    if not service.standing.is_sound():
        raise OlderCopy()
    shadow = Shadow(service.database, service.name, consumer, service.parts.projections)
    with shadow.alone():
        try:
            while True:
                done = _once(service, shadow)
                if done is not None:
                    return done
        finally:
            shadow.drop()


def _once(service: Service, shadow: Shadow) -> Rebuilt | None:
    """One try; None when somebody was forgotten meanwhile, whose rows must be taken over too."""
    inbox = _inbox(service, shadow.make())
    given_up, reading = shadow.given_up(), _Reading()
    for _ in range(_ROUNDS):
        if not _catch_up(service, shadow, inbox, reading, given_up):
            break
    with shadow.standing_still() as live:
        # Keys and carrier are asked in this transaction: nobody but who hears waits for it, and little is left.
        _catch_up(service, shadow, inbox, reading, given_up)
        if not shadow.still_takes_over(live):
            return None
        was, now, rows = shadow.swap(live)
    return Rebuilt(reading.heard, rows, was, now)


def _inbox(service: Service, database: Database) -> Inbox:
    def nothing(*_given: Any) -> None:
        """What is stated in a shadow goes nowhere, and who is forgotten in it was forgotten before."""

    return Inbox(
        consumer=service.name, database=database, reactions=service.parts.reactions, vault=service.vault,
        opens=service.keys.may_open, clock=service.clock, metrics=EventMetrics(service.name, CollectorRegistry()),
        policy=service.policy, hears=service.parts.topics(), stated=nothing, forgotten=nothing,
    )  # fmt: skip


def _catch_up(service: Service, shadow: Shadow, inbox: Inbox, reading: _Reading, given_up: Collection[str]) -> int:
    """Hears in the shadow what the records have heard by now, and nothing more; gives how many facts that were."""
    bound, before = shadow.live_numbers(), reading.heard
    later, reading.later = reading.later, []
    _hear(inbox, later, bound, reading, given_up)
    stand = service.bus.stands([service.settings.topic_prefix + topic for topic in service.parts.topics()])
    begin = {share: reading.places.get(share, 0) for share in stand}
    for records in service.bus.read_through(begin, stand):
        _hear(inbox, records, bound, reading, given_up)
        reading.places.update({(one.topic, one.partition): one.place + 1 for one in records})
    inbox.take_up()
    _check(bound, shadow.numbers())
    return reading.heard - before


def _hear(
    inbox: Inbox, records: Iterable[Record], bound: Mapping[str, int], reading: _Reading, given_up: Collection[str]
) -> None:
    now = []
    for record in records:
        stream, number, fact_id = _place(record)
        if number > bound.get(stream, 0):
            reading.later.append(record)
        else:
            now.append(_passed_over(record) if fact_id in given_up else record)
    if now:
        inbox.take_up(inbox.take_in(now))
        reading.heard += len(now)


def _place(record: Record) -> tuple[str, int, str]:
    """Where a record stands, as far as it says; what is no fact stands nowhere, and is never heard."""
    texts = {name: text for name, text in record.headers if name in {"ce_streamseq", "ce_id"}}
    try:
        return (record.key or b"").decode(), int(texts["ce_streamseq"]), texts["ce_id"].decode()
    except (KeyError, ValueError):
        return "", 1, ""


def _passed_over(record: Record) -> Record:
    return record._replace(headers=[(name, _UNHEARD if name == "ce_type" else text) for name, text in record.headers])


def _check(bound: Mapping[str, int], come_to: Mapping[str, int]) -> None:
    short = sorted(stream for stream, number in bound.items() if come_to.get(stream, 0) < number)
    if short:
        raise CarrierTooShort(
            f"{len(short)} streams could not be heard again as far as they were heard before, the first {short[0]}:"
            " the carrier no longer holds them, or what was done about them then fails now. State them again first"
            " (beenthere events restate), or look for the lines `parked` in the log."
        )
