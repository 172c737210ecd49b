"""Two small services on a carrier: one states facts, one hears them and writes an audit row for each effect."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.clock import HandClock
from chassis.database import Database
from chassis.events.bus import Bus, Message
from chassis.events.partitions import partition_of
from chassis.ids import SeededIds
from chassis.migrate import bring_up
from chassis.parts import PARTITIONS, Parts, Shared
from chassis.serve import make_bus, share
from chassis.service import Service
from chassis.tables import audit, facts, inbox, outbox, parked, unreadable, waiting
from chassis.unit import Unit
from contracts import addresses, classes, roles
from contracts.partners import PartnerJoined, PartnerResumed, PartnerSuspended
from contracts.referrals import ReferralDeclined
from tests.builders import MORNING, a_settings, believing
from tests.integration.chassis.aside import AMINA, BILAL, Keeper
from tests.integration.chassis.web_room import Letters
from tests.tellers import over_all_of

# The longest a test waits for what must happen on a real carrier (seconds).
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class NoNumbers:
    """These services run on no numbers."""


Reactions = Mapping[type, Callable[[Unit, Any], None]]


def a_service(name: str, settings: Any, shared: Shared, reactions: Reactions) -> Service:
    parts = Parts(
        name=name, purpose="Carries facts in a test.", folder=Path(__file__).parent / "none", says=(),
        reactions=reactions, routines={}, api=(), pages=(), policy=NoNumbers, rules=roles.RULES, opens=classes.OPENS,
        seals=classes.SEALS, rooms=addresses.SERVICES, over_all=over_all_of(name),
    )  # fmt: skip
    return Service(parts, settings, shared)


class World:
    """Speakers `partners` and `referrals`, and the hearer `matching`."""

    def __init__(self, settings: Any, bus: Bus) -> None:
        self.settings, self.bus, self.clock = settings, bus, HandClock(MORNING)
        self.shared = share(settings, bus=bus, **believing(clock=self.clock, ids=SeededIds(3)))
        self.failing: set[str] = set()
        self.partners = a_service("partners", settings, self.shared, {})
        self.referrals = a_service("referrals", settings, self.shared, {})
        self.hearer = self.a_hearer()

    def a_hearer(self) -> Service:
        return a_service("matching", self.settings, self.shared, self.reactions())

    def reactions(self) -> dict[type, Callable[[Unit, Any], None]]:
        def heard(unit: Unit, fact: Any) -> None:
            unit.note("heard", subject=getattr(fact, "name", None) or fact.partner_id, record=unit.thread.causation_id)
            if getattr(fact, "name", "") in self.failing:
                raise ValueError("this reaction cannot do it")

        def declined(unit: Unit, fact: ReferralDeclined) -> None:
            unit.note("heard", subject=fact.referral_id, record=unit.thread.causation_id)

        return {PartnerJoined: heard, PartnerSuspended: heard, PartnerResumed: heard, ReferralDeclined: declined}

    # ---- stating

    def joins(self, partner_id: str, name: str, requires: Sequence[str] = ()) -> str:
        """States that a partner joined, on the partner's stream; gives the place."""
        fact = PartnerJoined(
            partner_id=partner_id, code=name, name=name, kind="voluntary", area="north", joined_on=MORNING.date()
        )
        with self.partners.writing() as unit:
            return unit.state(f"partners/partner/{partner_id}", fact, requires=requires)

    def suspends(self, partner_id: str) -> str:
        with self.partners.writing() as unit:
            fact = PartnerSuspended(partner_id=partner_id, suspended_at=unit.now)
            return unit.state(f"partners/partner/{partner_id}", fact)

    def resumes(self, partner_id: str) -> str:
        with self.partners.writing() as unit:
            fact = PartnerResumed(partner_id=partner_id, resumed_at=unit.now)
            return unit.state(f"partners/partner/{partner_id}", fact)

    def declines(self, referral_id: str, requires: Sequence[str] = ()) -> str:
        with self.referrals.writing() as unit:
            fact = ReferralDeclined(
                referral_id=referral_id, person_id="x1", declined_at=unit.now, declined_by="person",
                reason="other_help_found",
            )  # fmt: skip
            return unit.state(f"referrals/referral/{referral_id}", fact, requires=requires)

    # ---- carrying

    def send(self) -> None:
        """Sends all that was stated."""
        for speaker in (self.partners, self.referrals):
            while speaker.relay.sweep():
                pass

    def publish(self, topic: str, *messages: Message) -> None:
        """Puts messages on a topic beside the relay, as a fault or a repeat would."""
        publisher = self.bus.publisher("fault")
        assert publisher.publish(self.settings.topic_prefix + topic, messages) == [True] * len(messages)
        publisher.close()

    def messages(self, room: str = "partners") -> list[Message]:
        """What a room stated so far, as it travels."""
        import json

        from chassis.events.envelope import as_bytes

        with getattr(self, room).reading() as unit:
            rows = unit.connection.execute(sa.select(facts).order_by(facts.c.stream, facts.c.number)).all()
        return [Message(row.stream, as_bytes(json.loads(row.headers)), row.body.encode()) for row in rows]

    def hear(self, until: Callable[[], bool], hearer: Service | None = None) -> None:
        """Lets the hearer work until something is so; fails when it is not in time."""
        ear = (hearer or self.hearer).listener
        assert ear is not None
        ends = time.monotonic() + PATIENCE_SECONDS
        while not until():
            assert time.monotonic() < ends, f"not in time; {self.standing()}"
            ear.step(0.05)

    def hear_all(self) -> None:
        """Lets the hearer work until it has read everything that was published: a mark at the end of each partition."""
        marks = {f"mark {self.joins_mark(partition)}" for partition in range(PARTITIONS)}
        marks |= {self.declines_mark(partition) for partition in range(PARTITIONS)}
        self.send()
        self.hear(lambda: marks <= set(self.effects()))
        assert self.hearer.listener is not None
        self.hearer.listener.step(0)

    def joins_mark(self, partition: int) -> str:
        mark = self._id_in("partners/partner/", partition)
        self.joins(mark, f"mark {mark}")
        return mark

    def declines_mark(self, partition: int) -> str:
        mark = self._id_in("referrals/referral/mark ", partition)
        self.declines(f"mark {mark}")
        return f"mark {mark}"

    def _id_in(self, stream: str, partition: int) -> str:
        ids = iter(self.shared.ids.new, None)
        return next(one for one in ids if partition_of(f"{stream}{one}", PARTITIONS) == partition)

    # ---- what came of it

    def effects(self) -> list[str]:
        """The subjects of the hearer's effects, in order."""
        with self.hearer.reading() as unit:
            query = sa.select(audit.c.subject).where(audit.c.action == "heard").order_by(audit.c.sequence)
            return list(unit.connection.execute(query).scalars())

    def seen(self) -> list[str]:
        """The hearer's effects without the marks of `hear_all`."""
        return [subject for subject in self.effects() if not subject.startswith("mark ")]

    def rows(self, table: sa.Table, service: Service | None = None) -> list[Any]:
        with (service or self.hearer).reading() as unit:
            return list(unit.connection.execute(sa.select(table)).all())

    def standing(self) -> str:
        tables = {"inbox": inbox, "waiting": waiting, "parked": parked, "unreadable": unreadable}
        return f"{ {name: len(self.rows(table)) for name, table in tables.items()} } {self.effects()}"

    def unsent(self) -> int:
        return len(self.rows(outbox, self.partners)) + len(self.rows(outbox, self.referrals))

    def close(self) -> None:
        for service in (self.hearer, self.partners, self.referrals):
            service.close()
        self.bus.close()


@pytest.fixture(params=["embedded", "kafka"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same small world on both carriers: SQLite with the embedded log, PostgreSQL with a real Kafka."""
    yield from _a_world(request, tmp_path, addresses.SERVICES)


@pytest.fixture
def amina(world: World) -> Keeper:
    """A network lead at the pages of the hearer."""
    return Keeper(world.hearer, "network_lead", account_id=AMINA)


@pytest.fixture
def bilal(world: World) -> Keeper:
    """An administrator there."""
    return Keeper(world.hearer, "administrator", account_id=BILAL)


@pytest.fixture(params=["embedded", "kafka"])
def world_without_topics(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same, before anybody made a topic."""
    yield from _a_world(request, tmp_path, ())


def _a_world(request: pytest.FixtureRequest, tmp_path: Path, made_topics: Sequence[str]) -> Iterator[World]:
    if request.param == "embedded":
        settings = a_settings(tmp_path)
    else:
        databases, topics = request.getfixturevalue("postgres"), request.getfixturevalue("kafka")
        if made_topics:
            topics.make(*made_topics)
        settings = a_settings(
            tmp_path, database_url=databases.of("partners", "referrals", "matching"), keys_url=databases.empty(),
            kafka=topics.bootstrap, topic_prefix=topics.prefix,
        )  # fmt: skip
    made = World(settings, make_bus(settings))
    yield made
    made.close()


# ---- the web doors


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Letters]:
    made = Letters(tmp_path)
    yield made
    made.close()


@pytest.fixture
def log(told: io.StringIO) -> Callable[[], list[dict[str, Any]]]:
    """Gives the log lines written so far; asked for before the service is made."""
    return lambda: [json.loads(line) for line in told.getvalue().splitlines()]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """One database of each kind with the tables every service has."""
    sqlite = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    opened = Database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres").empty())
    bring_up(opened, Path(__file__).parent / "none")
    yield opened
    opened.close()
