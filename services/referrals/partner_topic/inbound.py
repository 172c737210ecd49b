"""Reads every partner's inbound topic: who a message is from is the topic it lies in, and nothing it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from chassis import jwe
from chassis.access import Principal
from chassis.events.bus import Record
from chassis.events.envelope import as_texts
from chassis.events.foreign import INBOUND, ForeignListener, claim_place, code_in
from chassis.ids import is_trace_parent
from chassis.service import Service
from chassis.unit import Unit
from contracts.roles import SYSTEM
from services.referrals import store
from services.referrals.partner_topic import keys
from services.referrals.partner_topic.message import Arrived, check_size
from services.referrals.partner_topic.taking import AlreadyPassed, Taking
from services.referrals.telemetry import PartnerMessages

# Whose the places are, in the table of places and in the broker's groups.
CONSUMER = "referrals.partners"


class Inbound:
    """The reader of one process."""

    def __init__(self, house: Service, taking: Taking, counts: PartnerMessages) -> None:
        self._house, self._taking, self._counts = house, taking, counts
        self._prefix = house.settings.topic_prefix
        self._nobodys: frozenset[str] = frozenset()
        self.listener = ForeignListener(
            service=house.name,
            consumer=CONSUMER,
            group=self._prefix + CONSUMER,
            bus=house.bus,
            database=house.database,
            chosen=self._chosen,
            take=self._take,
            give_up=self._give_up,
        )
        self.run, self.close, self.step = self.listener.run, self.listener.close, self.listener.step

    def _chosen(self, names: Sequence[str]) -> Iterable[str]:
        """The inbound topics of partners this room has heard of; another waits, unread, until it has."""
        keys.renew(self._house)
        codes = self._codes()
        found = {name: code for name in names if (code := code_in(self._prefix, name, INBOUND))}
        nobodys = frozenset(name for name, code in found.items() if code not in codes)
        if nobodys - self._nobodys:
            self._house.log.error("topic_of_nobody", count=len(nobodys))
        self._nobodys = nobodys
        return found.keys() - nobodys

    def _codes(self) -> Mapping[str, str]:
        with self._house.reading() as unit:
            return store.partner_codes(unit.scope, unit)

    def _arrived(self, record: Record) -> Arrived:
        texts = as_texts(record.headers)
        envelope = {name.removeprefix("ce_"): text for name, text in texts.items() if name.startswith("ce_")}
        partner_id = self._codes()[code_in(self._prefix, record.topic, INBOUND) or ""]
        sender = Principal("system", partner_id, partner_id, frozenset({SYSTEM}))
        return Arrived(sender, "topic", envelope, record.place)

    def _take(self, record: Record) -> None:
        arrived = self._arrived(record)

        def claim(unit: Unit) -> bool:
            return claim_place(unit.connection, CONSUMER, record)

        def body() -> bytes:
            return jwe.open_with(check_size(record.value), keys.private(self._house))

        trace = arrived.envelope.get("traceparent", "")
        with suppress(AlreadyPassed):
            told = self._taking.take_in(arrived, body, claim, trace if is_trace_parent(trace) else "")
            if isinstance(told.refused, jwe.NotEncrypted):
                # Somebody's data lies in the topic for all who may read it: an alarm, not only an answer.
                self._counts.in_clear.inc()
                self._house.log.error("message_in_clear", topic=record.topic, number=record.place)

    def _give_up(self, record: Record) -> None:
        with suppress(AlreadyPassed):
            self._taking.give_up(self._arrived(record), lambda unit: claim_place(unit.connection, CONSUMER, record))
