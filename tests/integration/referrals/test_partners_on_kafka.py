"""Partners at a real Kafka, by a client of another make: each reads and writes its own two topics, and no other.

A refused read is silent at some clients, so what counts is what was read; whoever may read everything shows each time
that there was something to be read.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic as AskedTopic
from kafka import KafkaProducer

from chassis import jwe
from chassis.clock import HandClock
from chassis.events.bus import CarrierAway, Message
from chassis.events.bus.kafka import KafkaBus
from chassis.events.bus.kafka.cluster import KafkaCluster
from chassis.events.bus.kafka.signing_in import SignIn
from chassis.events.topology.differences import ChangeQuota
from chassis.events.topology.shape import Names
from chassis.ids import SeededIds
from chassis.serve import Runner, share
from chassis.service import Service
from contracts.partners import PartnerJoined
from services.referrals import store
from services.referrals.app import create
from services.referrals.partner_topic import keys
from services.referrals.partner_topic.exchange import EXTENSION, Exchange
from tests.builders import MORNING, a_referral, a_settings
from tests.integration.chassis.test_records_of_others import NotText
from tests.integration.referrals.letters import SENT
from tests.parts.kafka import PARTITIONS, Kafka, Topics
from tests.parts.postgres import Databases, Postgres
from tests.parts.topology import Topology
from tests.tellers import tellers

PATIENCE_SECONDS = 40
# After what must come has come, so long is waited for what must not.
GRACE_SECONDS = 1.0
ROOMS = ("partners", "referrals", "matching", "support")
PASSWORDS = {
    "KAFKA_PASSWORD_SERVICES": "for rooms", "KAFKA_PASSWORD_PARTNER_NORTH": "for north",
    "KAFKA_PASSWORD_PARTNER_KINDRED": "for kindred",
}  # fmt: skip
# A topic and the group to read it in, empty for none; and by these each record as this client gives it.
Pair = tuple[str, str]
Read = dict[Pair, list[Any]]


def until(is_so: Callable[[], Any], words: str = "") -> Any:
    ends, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := is_so()):
        assert time.monotonic() < ends, f"not in time: {words}"
        pause.wait(0.05)
    return found


class Client:
    """Whoever comes to the broker with librdkafka: over TLS with a password, or by the open listener as an operator."""

    def __init__(self, broker: Kafka, user: str = "", password: str = "") -> None:
        self.options: dict[str, Any] = {"bootstrap.servers": broker.bootstrap, "log_level": 0}
        if user:
            self.options |= {
                "bootstrap.servers": broker.partners,
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": user,
                "sasl.password": password,
                "ssl.ca.location": broker.authority,
            }

    def write(self, topic: str, body: bytes, headers: Mapping[str, str] | None = None, **more: Any) -> str:
        """Writes one record; gives the name of the error, empty when the broker has it."""
        outcome: list[str] = []
        producer = Producer({**self.options, "message.timeout.ms": 8000, **more})
        producer.produce(
            topic, body, headers=dict(headers or {}),
            on_delivery=lambda error, _: outcome.append(error.name() if error else ""),
        )  # fmt: skip
        producer.flush(10)
        return outcome[0] if outcome else "NO_ANSWER"

    def read(self, asked: Sequence[Pair], enough: Callable[[Read], bool], grace: float = 0.0) -> Read:
        """Reads topics from their first record until it is enough, and `grace` seconds longer; errors give nothing.

        Each is read in the group named with it, or beside any group. What cannot be read at all stays empty.
        """
        readers = {pair: self._reader(*pair) for pair in asked}
        found: Read = {pair: [] for pair in asked}
        ends, after = time.monotonic() + PATIENCE_SECONDS, 0.0
        while time.monotonic() < ends and not (after and time.monotonic() >= after):
            for pair, reader in readers.items():
                record = reader.poll(0.01)
                if record is not None and record.error() is None:
                    found[pair].append(record)
            if not after and enough(found):
                after = time.monotonic() + grace
        for reader in readers.values():
            reader.close()
        return found

    def _reader(self, topic: str, group: str) -> Consumer:
        given = {"group.id": group or "none", "auto.offset.reset": "earliest", "enable.auto.commit": False}
        reader = Consumer({**self.options, **given})
        if group:
            reader.subscribe([topic])
        else:
            reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
        return reader


def id_of(record: Any) -> str:
    """The id of a record we wrote; asked about one whose header names are no text, this client ends the process."""
    return str(dict(record.headers())["ce_id"].decode())


def values(records: Sequence[Any]) -> list[bytes]:
    return [bytes(record.value() or b"") for record in records]


@dataclass
class Place:
    """A broker as it is written, the referrals room at it under its own name, and two partners."""

    broker: Kafka
    topics: Topics
    house: Service
    partners: Service
    ids: dict[str, str]

    @property
    def prefix(self) -> str:
        return self.topics.prefix

    def client(self, code: str) -> Client:
        return Client(self.broker, f"{self.prefix}partner.{code}", f"for {code}")

    def operator(self) -> Client:
        return Client(self.broker)

    def topic(self, code: str, way: str) -> str:
        return f"{self.prefix}partner.{code}.{way}"

    def group(self, code: str) -> str:
        return f"{self.prefix}partner.{code}.{self.house.ids.new()}"

    def sealed(self, **changes: Any) -> bytes:
        return jwe.seal(json.dumps(a_referral(**changes)).encode(), keys.published(self.house))

    def send(self, code: str, body: bytes | None = None, packing: str = "none") -> str:
        """A partner writes a message to its inbound topic; gives its id."""
        message_id = self.house.ids.new()
        headers = {"ce_specversion": "1.0", "ce_id": message_id, "ce_source": f"/{code}", "ce_type": SENT}
        body = self.sealed() if body is None else body
        sent = self.client(code).write(self.topic(code, "inbound"), body, headers, **{"compression.type": packing})
        assert sent == ""
        return message_id

    def told(self, code: str, *message_ids: str) -> list[dict[str, Any]]:
        """What the partner reads on its outbound topic about these messages, once there is something about each."""
        pair = (self.topic(code, "outbound"), "")

        def about(found: Read) -> list[dict[str, Any]]:
            told = [{"id": id_of(record), **json.loads(record.value())} for record in found[pair]]
            return [one for one in told if one["answers"] in message_ids]

        def is_there(found: Read) -> bool:
            return {one["answers"] for one in about(found)} == set(message_ids)

        return about(self.client(code).read([pair], is_there))

    def kept(self, referral_id: str) -> Any:
        with self.house.reading() as unit:
            return store.referral(unit.scope, unit, referral_id)


@pytest.fixture(scope="module")
def place(kafka_broker: Kafka, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if not kafka_broker.partners:
        pytest.skip("this broker has no guarded listeners")
    folder = tmp_path_factory.mktemp("place")
    topics, databases = Topics(kafka_broker), Databases(postgres_server)
    topology = Topology(topics, folder, ["north", "kindred"], ROOMS)
    topology.apply(**PASSWORDS)
    made = a_place(folder, topics, databases)
    stopping = threading.Event()
    runners = [Runner(made.house, ("relay", "listen"), stopping), Runner(made.partners, ("relay",), stopping)]
    for runner in runners:
        runner.start()
    until(lambda: set(codes(made.house)) == set(made.ids), "the partners")
    exchange: Exchange = made.house.app.extensions[EXTENSION]
    # Its next look would be within ten seconds.
    exchange.inbound.listener.look_again()
    exchange.outbound.look_again()
    yield made
    stopping.set()
    for runner in runners:
        runner.join()
    for service in (made.house, made.partners):
        service.close()
    topics.close()
    databases.close()


def a_place(folder: Path, topics: Topics, databases: Databases) -> Place:
    """Each room signs in at the guarded listener as itself."""
    settings = a_settings(
        folder, kafka=topics.broker.services, topic_prefix=topics.prefix, keys_url=databases.empty(),
        database_url=databases.of("partners", "referrals"),
    )  # fmt: skip
    ids = SeededIds(11)

    def shared(room: str) -> Any:
        sign_in = SignIn(f"{topics.prefix}service.{room}", "for rooms")
        return share(settings, bus=KafkaBus(settings.kafka, sign_in=sign_in), clock=HandClock(MORNING), ids=ids)

    house = create(settings, shared("referrals"))
    partners = tellers("partners")["partners"](settings, shared("partners"))
    known = {code: ids.new() for code in ("north", "kindred")}
    with partners.writing() as unit:
        for code, partner_id in known.items():
            fact = PartnerJoined(
                partner_id=partner_id, code=code, name=code.title(), kind="nhs_body", area="north",
                joined_on=MORNING.date(),
            )  # fmt: skip
            unit.state(f"partners/partner/{partner_id}", fact)
    return Place(topics.broker, topics, house, partners, known)


def codes(house: Service) -> Mapping[str, str]:
    with house.reading() as unit:
        return store.partner_codes(unit.scope, unit)


# ---- a referral


def test_a_referral_goes_in_encrypted_and_its_acknowledgement_comes_out(place: Place) -> None:
    message_id = place.send("north")
    (told,) = place.told("north", message_id)
    assert told["receipt_id"] == told["id"]
    kept = place.kept(told["referral_id"])
    assert (kept.partner_id, kept.door) == (place.ids["north"], "topic")


def test_a_message_in_clear_and_one_with_a_header_that_is_no_text_are_answered_and_hold_nobody_up(place: Place) -> None:
    in_clear = place.send("north", json.dumps(a_referral()).encode())
    producer = KafkaProducer(bootstrap_servers=place.broker.bootstrap, linger_ms=100)
    producer.send(place.topic("north", "inbound"), place.sealed(), headers=[(NotText("ce_id"), b"odd")])
    producer.flush()
    producer.close()
    behind = place.send("north")
    before, after = place.told("north", in_clear, behind)
    assert (before["rule"], after["answers"]) == ("NotEncrypted", behind)
    pair = (place.topic("north", "outbound"), "")
    everything = place.operator().read([pair], lambda found: len(found[pair]) >= 4)[pair]
    assert [json.loads(value).get("rule") for value in values(everything)][-3:] == [
        "NotEncrypted",
        "EnvelopeFaulty",
        None,
    ]


def test_whatever_way_a_partner_packs_its_messages_they_are_read(place: Place) -> None:
    packed = [place.send("kindred", packing=packing) for packing in ("gzip", "snappy", "lz4", "zstd")]
    assert [one["answers"] for one in place.told("kindred", *packed) if one.get("receipt_id")] == packed


def test_a_message_of_more_than_a_quarter_megabyte_is_refused_by_the_broker(place: Place) -> None:
    assert place.client("north").write(place.topic("north", "inbound"), b"x" * 262_200) == "MSG_SIZE_TOO_LARGE"


# ---- what a partner may


def test_a_partner_writes_its_own_inbound_topic_and_no_other(place: Place) -> None:
    for code in ("north", "kindred"):
        place.told(code, place.send(code))
    north, mark = place.client("north"), b"written by north"
    others = [
        place.topic("north", "outbound"), place.topic("kindred", "inbound"), place.topic("kindred", "outbound"),
        f"{place.prefix}referrals", f"{place.prefix}partners",
    ]  # fmt: skip
    said = {topic: north.write(topic, mark) for topic in others}
    assert set(said.values()) == {"TOPIC_AUTHORIZATION_FAILED"}
    inbound = place.topic("north", "inbound")
    assert north.write(inbound, mark) == ""
    asked = [(topic, "") for topic in [inbound, *others]]
    # The operator sees what others wrote in each, so it would see this.
    found = place.operator().read(
        asked, lambda found: all(found.values()) and mark in values(found[asked[0]]), GRACE_SECONDS
    )
    assert all(found.values())
    assert [pair for pair in asked if mark in values(found[pair])] == asked[:1]


def test_a_partner_reads_its_own_outbound_topic_and_no_other(place: Place) -> None:
    for code in ("north", "kindred"):
        place.told(code, place.send(code))
    own = place.topic("north", "outbound")
    others = [
        place.topic("north", "inbound"), place.topic("kindred", "inbound"), place.topic("kindred", "outbound"),
        f"{place.prefix}referrals", f"{place.prefix}partners",
    ]  # fmt: skip
    # Whoever may, reads something in each: there was something to be read.
    asked = [(topic, "") for topic in [own, *others]]
    everything = place.operator().read(asked, lambda found: all(found.values()), GRACE_SECONDS)
    assert all(everything.values())
    found = place.client("north").read(
        asked, lambda found: len(found[asked[0]]) >= len(everything[asked[0]]), GRACE_SECONDS
    )
    assert values(found[asked[0]]) == values(everything[asked[0]])
    assert [found[pair] for pair in asked[1:]] == [[] for _ in others]


def test_a_partner_uses_groups_of_its_own_name_and_no_others(place: Place) -> None:
    place.told("north", place.send("north"))
    own = place.topic("north", "outbound")
    right, *wrong = (
        (own, group)
        for group in (place.group("north"), place.group("kindred"), f"{place.prefix}referrals.partners", "somebody")
    )
    found = place.client("north").read([right, *wrong], lambda found: bool(found[right]), GRACE_SECONDS)
    assert found[right]
    assert [found[pair] for pair in wrong] == [[], [], []]


def test_a_partner_sees_its_own_topics_alone_and_may_change_nothing(place: Place) -> None:
    admin = AdminClient(place.client("north").options)
    seen = {name for name in admin.list_topics(timeout=10).topics if name.startswith(place.prefix)}
    assert seen == {place.topic("north", "inbound"), place.topic("north", "outbound")}
    asked = [
        admin.create_topics([AskedTopic(f"{place.prefix}partner.north.more", 1, 1)]),
        admin.delete_topics([place.topic("north", "inbound")]),
    ]
    for futures in asked:
        for future in futures.values():
            with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
                future.result(10)


def test_nobody_comes_in_by_a_wrong_name_or_without_what_is_asked_for(place: Place) -> None:
    right = place.client("north").options
    wrong: list[dict[str, Any]] = [
        {"sasl.password": "for kindred"}, {"sasl.username": "partner.stranger"}, {"sasl.mechanism": "PLAIN"},
        {"security.protocol": "SASL_PLAINTEXT"}, {"security.protocol": "SSL"}, {"ssl.ca.location": None},
    ]  # fmt: skip

    def comes_in(changes: dict[str, Any]) -> bool:
        options = {name: value for name, value in {**right, **changes}.items() if value is not None}
        try:
            return bool(AdminClient(options).list_topics(timeout=2).topics)
        except KafkaException:
            return False

    # All at once: each waits in vain.
    with ThreadPoolExecutor(len(wrong) + 1) as many:
        assert list(many.map(comes_in, [{}, *wrong])) == [True] + [False] * len(wrong)


# ---- what a service may


def test_a_service_writes_its_own_topic_alone_and_makes_none(place: Place) -> None:
    bus = place.house.bus
    publisher = bus.publisher("referrals")
    message = Message("referrals/person/x", [("ce_id", b"1")], b"{}")
    for topic in (f"{place.prefix}partners", place.topic("north", "inbound")):
        try:
            assert publisher.publish(topic, [message]) == [False]
        except CarrierAway:
            continue
    publisher.close()
    with pytest.raises(CarrierAway):
        bus.make_topics([f"{place.prefix}more"], 1)
    with pytest.raises(CarrierAway):
        bus.make_topics([f"{place.prefix}partner.more.inbound"], 1)


def test_only_referrals_sees_the_topics_of_partners(place: Place) -> None:
    def seen(room: str) -> set[str]:
        bus = KafkaBus(place.broker.services, sign_in=SignIn(f"{place.prefix}service.{room}", "for rooms"))
        return {name for name in bus.topic_names() if name.startswith(f"{place.prefix}partner.")}

    both = {place.topic(code, way) for code in ("north", "kindred") for way in ("inbound", "outbound")}
    assert seen("referrals") == both
    for room in ("partners", "matching", "support"):
        assert seen(room) == set()


def test_a_partner_is_slowed_down_to_its_quota(place: Place) -> None:
    cluster = KafkaCluster(place.broker.bootstrap, Names(place.prefix, ()))
    user, throttled = f"{place.prefix}partner.kindred", list[float]()
    cluster.do(ChangeQuota(user, "producer_byte_rate", 1000.0))
    cluster.close()
    options = {**place.client("kindred").options, "throttle_cb": lambda event: throttled.append(event.throttle_time)}
    producer = Producer({**options, "linger.ms": 0})
    ends = time.monotonic() + PATIENCE_SECONDS
    while not throttled and time.monotonic() < ends:
        producer.produce(place.topic("kindred", "inbound"), b"x" * 20_000)
        producer.poll(0.1)
    assert throttled
    producer.purge()
    producer.flush(0.1)
