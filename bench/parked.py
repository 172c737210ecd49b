"""What other streams keep of their rate while one stream is parked and its facts pile up, on both carriers."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.figures import Figure
from chassis import logs
from chassis.clock import SystemClock
from chassis.events import shapes
from chassis.events.bus import Message
from chassis.events.envelope import Envelope, as_bytes, header_texts
from chassis.ids import trace_parent
from chassis.parts import Parts
from chassis.serve import make_bus, share
from chassis.service import Service
from chassis.settings import Settings
from chassis.unit import Unit
from contracts import addresses, classes, roles
from contracts.partners import PartnerJoined

STREAMS, ROUNDS, EACH_ROUND = 500, 7, 10_000
# Facts behind the parked stream before anything is measured; it grows by one for each one of every other stream.
PILES = (0, 10_000)
BAR = 0.90
STUCK = "stuck"
_TRACE = trace_parent()


@dataclass(frozen=True)
class NoNumbers:
    """This service runs on no numbers."""


class Hearing:
    """One service that hears partners join and notes each; whoever is called stuck it cannot keep."""

    def __init__(self, settings: Settings) -> None:
        self._bus = make_bus(settings)
        self._bus.make_topics([settings.topic_prefix + "partners"], 4)
        self._topic, self._numbers = settings.topic_prefix + "partners", dict[str, int]()
        parts = Parts(
            name="matching", purpose="Is measured.", folder=Path(__file__).parent / "none", says=(),
            reactions={PartnerJoined: self._joined}, routines={}, api=(), pages=(), policy=NoNumbers, rules=roles.RULES,
            opens=classes.OPENS, seals=classes.SEALS, rooms=addresses.SERVICES,
        )  # fmt: skip
        self.service = Service(parts, settings, share(settings, bus=self._bus))
        self._listener: Any = self.service.listener
        self._publisher = self._bus.publisher("partners")
        self.applied = 0

    def _joined(self, unit: Unit, fact: PartnerJoined) -> None:
        if fact.partner_id == STUCK:
            raise ValueError
        unit.note("heard", subject=fact.partner_id)
        self.applied += 1

    def publish(self, partner_ids: Iterator[str]) -> int:
        """Puts one fact of each on the topic; gives how many."""
        told = [self._next(partner_id) for partner_id in partner_ids]
        for start in range(0, len(told), 500):
            if not all(self._publisher.publish(self._topic, told[start : start + 500])):
                raise SystemExit("the carrier did not take what was to be measured")
        return len(told)

    def _next(self, partner_id: str) -> Message:
        stream = f"partners/partner/{partner_id}"
        number = self._numbers[stream] = self._numbers.get(stream, 0) + 1
        fact = PartnerJoined(
            partner_id=partner_id, code=partner_id, name=partner_id, kind="voluntary", area="north",
            joined_on=date(2026, 3, 2),
        )  # fmt: skip
        envelope = Envelope(
            f"{partner_id}-{number}", "partner.joined.v1", stream, number, SystemClock().now(), partner_id, "bench",
            None, _TRACE, shapes.classification_of(PartnerJoined),
        )  # fmt: skip
        return Message(stream, as_bytes(header_texts(envelope)), shapes.body_of(fact))

    def hear(self, until: Callable[[], bool]) -> None:
        """Works until something is so."""
        while not until():
            self._listener.step(0.02)

    def hear_pile(self, count: int) -> None:
        """Works until so many facts are kept, the parked one among them."""
        self.hear(lambda: sum(lag.kept for lag in self._listener.lag()) >= count)

    def close(self) -> None:
        """Gives everything back."""
        self._publisher.close()
        self.service.close()
        self._bus.close()


def rate_of_others(hearing: Hearing, *, pile_grows: bool) -> float:
    """Facts a second of the other streams in one round of them, published beforehand."""

    def round_of_all() -> Iterator[str]:
        for number in range(EACH_ROUND):
            if pile_grows and number % STREAMS == 0:
                yield STUCK
            yield f"p{number % STREAMS}"

    hearing.publish(round_of_all())
    begins, wanted = time.perf_counter(), hearing.applied + EACH_ROUND
    hearing.hear(lambda: hearing.applied >= wanted)
    return EACH_ROUND / (time.perf_counter() - begins)


def measured(carrier: str, settings_of: Callable[[str], Settings]) -> list[Figure]:
    """One ratio for each size of pile; the two houses take turns in one run, and the middle ratio counts."""
    found = []
    for pile in PILES:
        free, beside = Hearing(settings_of(f"free{pile}")), Hearing(settings_of(f"beside{pile}"))
        try:
            beside.publish(STUCK for _ in range(pile + 1))
            beside.hear_pile(pile + 1)
            for hearing in (free, beside):
                rate_of_others(hearing, pile_grows=False)
            pairs = [_one_round(free, beside, number) for number in range(ROUNDS)]
        finally:
            free.close()
            beside.close()
        ratios = [parked / without for without, parked in pairs]
        middle = pairs[ratios.index(statistics.median(ratios))]
        words = f"{pile} facts behind it at first" if pile else "facts piling up behind it"
        found.append(
            Figure(
                f"parked: other streams beside one that is parked, {words} ({carrier})",
                round(middle[1]),
                "facts/s",
                bar=BAR,
                better="higher",
                peer="the same without it",
                peer_value=round(middle[0]),
                ratio=round(statistics.median(ratios), 3),
            )
        )
    return found


def _one_round(free: Hearing, beside: Hearing, number: int) -> tuple[float, float]:
    # Whoever comes second finds a warmer machine, so they take turns at that too.
    if number % 2:
        parked = rate_of_others(beside, pile_grows=True)
        return rate_of_others(free, pile_grows=False), parked
    without = rate_of_others(free, pile_grows=False)
    return without, rate_of_others(beside, pile_grows=True)


def measure() -> list[Figure]:
    """Both carriers where the second can be had: SQLite with the embedded log, PostgreSQL with a real Kafka."""
    logs.configure("critical")
    with tempfile.TemporaryDirectory(prefix="beenthere-bench-") as place, ExitStack() as parts:
        base = Settings(data=Path(place), demo=True)
        figures = measured("embedded", lambda name: replace(base, data=Path(place) / name))
        return figures + measured("kafka", parts.enter_context(_on_kafka(base)))


@contextmanager
def _on_kafka(base: Settings) -> Iterator[Callable[[str], Settings]]:
    from tests.parts.kafka import Kafka, Topics
    from tests.parts.postgres import Databases, Postgres

    with ExitStack() as ends:
        broker, server = Kafka(), Postgres(safe=True)
        ends.callback(broker.stop)
        ends.callback(server.stop)
        databases, topics = Databases(server), Topics(broker)

        def settings_of(name: str) -> Settings:
            return replace(
                base, data=base.data / f"kafka-{name}", database_url=databases.of("matching"),
                keys_url=databases.empty(), kafka=topics.bootstrap, topic_prefix=f"{topics.prefix}{name}.",
            )  # fmt: skip

        yield settings_of
