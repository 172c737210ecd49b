"""The Kafka carrier, by kafka-python; the only folder that imports it (docs/decisions/0006)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from chassis.events.bus import CarrierAway, Record, Share, Stand, Where
from chassis.events.bus.kafka import looking
from chassis.events.bus.kafka.hearing import KafkaEar
from chassis.events.bus.kafka.publishing import DELIVERY_MS, KafkaPublisher
from chassis.events.bus.kafka.reading import KafkaSubscription
from chassis.events.bus.kafka.signing_in import OPEN, SignIn

OWNER_TOPIC = {"cleanup.policy": "delete", "retention.ms": "-1"}
SIGNALS_TOPIC = {"cleanup.policy": "delete", "retention.ms": "3600000"}


class KafkaBus:
    """Kafka at a bootstrap address, `host:port` or several with commas; clients are made when first needed."""

    def __init__(self, bootstrap: str, *, delivery_ms: int = DELIVERY_MS, sign_in: SignIn = OPEN) -> None:
        self._bootstrap = [part.strip() for part in bootstrap.split(",")]
        self._delivery_ms = delivery_ms
        self._sign_in = sign_in
        # The client tells of every reconnect; what matters is told by us.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)

    def publisher(self, name: str) -> KafkaPublisher:
        """A producer of its own for one service."""
        return KafkaPublisher(self._bootstrap, name, self._delivery_ms, self._sign_in)

    def subscribe(self, group: str, topics: Sequence[str], member: str, where: Where) -> KafkaSubscription:
        """A consumer of its own in a thread of its own."""
        return KafkaSubscription(self._bootstrap, group, topics, member, where, self._sign_in)

    def make_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Makes owner topics that are not there yet: one copy, kept for good; a region's are data in deploy/."""
        self._make(topics, partitions, OWNER_TOPIC)

    def make_signals(self, topic: str) -> None:
        """Makes a topic of signals where we may; in a region it is there, and services may make none."""
        if topic not in self.topic_names():
            self._make([topic], 1, SIGNALS_TOPIC)

    def _make(self, topics: Sequence[str], partitions: int, config: dict[str, str]) -> None:
        admin = self._admin()
        try:
            for topic in topics:
                with suppress(TopicAlreadyExistsError):
                    admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=config)])
            admin.wait_for_topics(list(topics))
        except KafkaError as away:
            raise CarrierAway() from away
        finally:
            admin.close()

    def stands(self, topics: Sequence[str]) -> dict[Share, Stand]:
        """Where each partition of the topics there are ends now."""
        with closing(self._admin()) as admin:
            return looking.stands(admin, topics)

    def read_through(self, places: Mapping[Share, int], stand: Mapping[Share, Stand]) -> Iterator[list[Record]]:
        """What partitions hold from some places up to where they stand, by a consumer without a group."""
        return looking.read_through(self._bootstrap, self._sign_in, places, stand)

    def hear(self, topic: str, since: datetime) -> KafkaEar:
        """Hears the signals of a topic by a consumer without a group."""
        return KafkaEar(self._bootstrap, self._sign_in, topic, since)

    def topic_names(self) -> list[str]:
        """The topics whoever signs in may see; Kafka names no others."""
        admin = self._admin()
        try:
            return [str(name) for name in admin.list_topics()]
        except KafkaError as away:
            raise CarrierAway() from away
        finally:
            admin.close()

    def _admin(self) -> KafkaAdminClient:
        try:
            return KafkaAdminClient(
                bootstrap_servers=self._bootstrap, bootstrap_timeout_ms=3_000, **self._sign_in.options()
            )
        except KafkaError as away:
            raise CarrierAway() from away

    def answers(self) -> bool:
        """Says whether any of the brokers takes a connection."""
        for address in self._bootstrap:
            host, _, port = address.rpartition(":")
            with suppress(OSError, ValueError), socket.create_connection((host or address, int(port)), timeout=1):
                return True
        return False

    def close(self) -> None:
        """Nothing is shared: publishers and subscriptions close themselves."""
