"""Publishes what partners are told to their outbound topics, in order, each at least once and under one id."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.errors import Retry
from chassis.events.backoff import work_until
from chassis.events.bus import Message, Publisher
from chassis.events.envelope import as_bytes
from chassis.events.foreign import LOOK_SECONDS, OUTBOUND, topic_of
from chassis.service import Service
from chassis.unit import Unit
from services.referrals import store
from services.referrals.partner_topic import answers

# Messages sent to one partner in one transaction at most, and seconds between two looks when nobody rings.
_BATCH = 100
SWEEP_SECONDS = 1.0


class Outbound:
    """The publisher of one process."""

    def __init__(self, house: Service) -> None:
        self._house = house
        self._publisher: Publisher | None = None
        self._topics: dict[str, str] = {}
        self._looked_at: float | None = None
        self._rung = threading.Event()
        # In one process a second thread must not send what the first is about to note.
        self._one = threading.Lock()

    def wake(self) -> None:
        """Says that a partner was told something."""
        self._rung.set()

    def run(self, stopping: threading.Event) -> None:
        """Publishes until stopped; with the carrier away it tries again, ever more slowly up to a few seconds."""
        work_until(stopping, self.sweep, self._wait)

    def _wait(self) -> None:
        self._rung.wait(SWEEP_SECONDS)
        self._rung.clear()

    def sweep(self) -> int:
        """Sends what waits for each partner that has a topic; gives how many messages went out.

        One partner whose topic takes nothing holds nobody up. Raises CarrierAway or DatabaseAway when nobody's does.
        """
        with self._one:
            topics = self._partners()
            sent, away = 0, None
            with self._house.reading() as unit:
                behind = store.with_unsent(unit.scope, unit, list(topics))
            for partner_id in behind:
                try:
                    sent += self._send(partner_id, topics[partner_id])
                except Retry as trouble:
                    away = trouble
                    self.look_again()
            if away and not sent:
                raise away
            return sent

    def partner_ids(self) -> Sequence[str]:
        """The partners that have an outbound topic, as of the last look."""
        return list(self._topics)

    def look_again(self) -> None:
        """Looks for topics at the next sweep."""
        self._looked_at = None

    def close(self) -> None:
        """Ends the publisher."""
        self._rung.set()
        if self._publisher:
            self._publisher.close()

    def _partners(self) -> Mapping[str, str]:
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at >= LOOK_SECONDS:
            there = set(self._house.bus.topic_names())
            with self._house.reading() as unit:
                codes = store.partner_codes(unit.scope, unit)
            prefix = self._house.settings.topic_prefix
            found = {partner_id: topic_of(prefix, code, OUTBOUND) for code, partner_id in codes.items()}
            self._topics = {partner_id: topic for partner_id, topic in found.items() if topic in there}
            self._looked_at = now
        return self._topics

    def _send(self, partner_id: str, topic: str) -> int:
        if self._house.database.is_sqlite:
            # One process holds the file, and no transaction of it waits for the carrier.
            with self._house.writing() as unit:
                rows = store.unsent(unit.scope, unit, partner_id, _BATCH) or ()
            kept = self._publish(topic, rows)
            with self._house.writing() as unit:
                self._note(unit, partner_id, kept)
            return len(kept)
        with self._house.writing() as unit:
            rows = store.unsent(unit.scope, unit, partner_id, _BATCH) or ()
            kept = self._publish(topic, rows)
            self._note(unit, partner_id, kept)
            return len(kept)

    def _publish(self, topic: str, rows: Sequence[Any]) -> Sequence[Any]:
        """Gives the rows the topic is known to hold: all before the first whose sending is unknown."""
        if not rows:
            return ()
        if self._publisher is None:
            self._publisher = self._house.bus.publisher(f"{self._house.name}-partners")
        known = self._publisher.publish(topic, [_message(topic, row) for row in rows])
        return rows[: known.index(False)] if False in known else rows

    def _note(self, unit: Unit, partner_id: str, kept: Sequence[Any]) -> None:
        if kept:
            store.note_sent(unit, partner_id, kept[-1].number)


def _message(topic: str, row: Any) -> Message:
    """One told message as it travels: attributes in headers, what is told as the body."""
    event = answers.event_of(row)
    names = ("specversion", "id", "source", "type", "time")
    headers = {**{f"ce_{name}": event[name] for name in names}, "content-type": event["datacontenttype"]}
    return Message(topic, as_bytes(headers), row.data.encode())
