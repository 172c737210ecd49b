"""A send that took too long is unknown, and the producer that waited for it ends, thread and all."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from chassis.events.bus import Message
from chassis.events.bus.kafka import KafkaBus, publishing
from chassis.events.bus.kafka.publishing import KafkaPublisher
from chassis.events.bus.kafka.signing_in import SignIn
from tests.parts.kafka import Topics

FACT = Message("partners/partner/a", [("ce_id", b"1")], b"{}")
PATIENCE_SECONDS = 10


def test_while_the_broker_stands_still_a_send_is_unknown_and_its_producer_is_gone_for_good(kafka: Topics) -> None:
    if not kafka.broker.pids():
        pytest.skip("only a broker of our own can be held still")
    kafka.make("partners")
    publisher = KafkaPublisher([kafka.bootstrap], "partners", 2_000, SignIn())
    topic = f"{kafka.prefix}partners"
    assert publisher.publish(topic, [FACT]) == [True]
    sender = publisher._producer._sender
    for pid in kafka.broker.pids():
        os.kill(pid, signal.SIGSTOP)
    try:
        assert publisher.publish(topic, [FACT]) == [False]
    finally:
        for pid in kafka.broker.pids():
            os.kill(pid, signal.SIGCONT)
    sender.join(PATIENCE_SECONDS)
    assert not sender.is_alive()
    assert publisher.renewed == 1
    assert publisher.publish(topic, [FACT]) == [True]
    publisher.close()


class Future:
    def get(self, timeout: float) -> Any:
        raise KafkaTimeoutError()


class Stuck:
    """A producer none of whose sends is acknowledged, and whose close raises as 3.0.12's does then."""

    made: list[Stuck] = []

    def __init__(self, **_options: Any) -> None:
        self._sender, self._closed, self.ended = self, False, False
        self._metadata: Any = self
        self.made.append(self)

    def partitions_for(self, _topic: str) -> set[int]:
        return {0}

    def topic_id(self, _topic: str) -> str:
        return ""

    def send(self, *_what: Any) -> Future:
        return Future()

    def flush(self, timeout: float) -> None:
        raise KafkaTimeoutError()

    def close(self, timeout: float) -> None:
        raise KafkaTimeoutError()

    def force_close(self) -> None:
        self.ended = True


def test_after_a_send_that_timed_out_the_next_goes_by_a_new_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "KafkaProducer", Stuck)
    monkeypatch.setattr(Stuck, "made", [])
    publisher = KafkaBus("127.0.0.1:9").publisher("partners")
    assert publisher.publish("partners", [FACT, FACT]) == [False, False]
    assert publisher.publish("partners", [FACT]) == [False]
    assert [(one.ended, one._closed) for one in Stuck.made] == [(True, True)] * 2
