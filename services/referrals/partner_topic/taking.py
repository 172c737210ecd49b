"""One message of a partner, from the door to its answer: the referral and what is told of it, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from chassis.access import Scope, scope_for
from chassis.errors import Refused
from chassis.once import Answer, answered_once, body_hash, first_answer
from chassis.service import Service
from chassis.unit import Unit
from chassis.web import strict_json
from services.referrals import schemas
from services.referrals.actions import changing, exchanging, receiving
from services.referrals.partner_topic import answers
from services.referrals.partner_topic.message import Arrived
from services.referrals.telemetry import PartnerMessages

# Both ways of sending share it: a message sent by one and again by the other is one referral.
_DOOR = "partner message"
_ACTION = "partner_message.send"
Claim = Callable[[Unit], bool]


class AlreadyPassed(Exception):
    """The place of this message was passed before, by whoever was faster."""


def always(_unit: Unit) -> bool:
    """The claim of a message that has no place."""
    return True


@dataclass(frozen=True)
class Told:
    """What was told of a message, as a CloudEvent; `refused` is the refusal, `is_repeat` that it was told before."""

    event: dict[str, Any]
    refused: Refused | None = None
    is_repeat: bool = False


@dataclass(frozen=True)
class _Case:
    """A message being taken in: how its place is passed, and the trace it came with."""

    house: Service
    arrived: Arrived
    claim: Claim
    traceparent: str

    @property
    def scope(self) -> Scope:
        """The partner's own system is who knocks, whoever reads for it; its transactions are bound to the partner."""
        return scope_for(self.house.rules, self.arrived.sender, _ACTION)

    def acting(self, unit: Unit) -> Unit:
        """The unit on the trace the message came with."""
        thread = replace(unit.thread, traceparent=self.traceparent) if self.traceparent else unit.thread
        return replace(unit, thread=thread)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """One transaction in which the message's place is passed."""
        with self.house.writing(scope=self.scope) as unit:
            self.pass_place(unit)
            yield self.acting(unit)

    def pass_place(self, unit: Unit) -> None:
        """Passes the message's place, or ends the transaction when somebody else did."""
        if not self.claim(unit):
            raise AlreadyPassed()


class Taking:
    """Takes messages in for one service; each of `heard` is rung when somebody was told something."""

    def __init__(self, house: Service, counts: PartnerMessages) -> None:
        self._house, self._counts = house, counts
        self.heard: list[Callable[[], None]] = [house.waits.ring]

    def take_in(
        self, arrived: Arrived, body: Callable[[], bytes], claim: Claim = always, traceparent: str = ""
    ) -> Told:
        """Does what a message asks for and tells its sender, once for each id; a repeat is told the same again.

        `body` gives the referral in clear and may refuse; `claim` passes the message's place in the same transaction,
        and when it was passed before nothing happens (AlreadyPassed). A refusal is told, and given, never raised.
        """
        case = _Case(self._house, arrived, claim, traceparent)
        try:
            told = self._accept(case, body)
        except Refused as refused:
            told = _refuse(case, answers.refusal(arrived.id, arrived.offset, refused), refused)
        self._ring(arrived, "refused" if told.refused else "repeated" if told.is_repeat else "acknowledged")
        return told

    def give_up(self, arrived: Arrived, claim: Claim) -> None:
        """Tells the sender of a message that failed unexpectedly, and passes it over."""
        _refuse(_Case(self._house, arrived, claim, ""), answers.failure(arrived.id, arrived.offset), None)
        self._ring(arrived, "failed")

    def _ring(self, arrived: Arrived, outcome: str) -> None:
        self._counts.count(arrived.door, outcome)
        for ring in self.heard:
            ring()

    def _accept(self, case: _Case, body: Callable[[], bytes]) -> Told:
        house, arrived = self._house, case.arrived
        with house.reading(scope=case.scope) as unit:
            changing.heed_suspension(unit)
            today = changing.today(unit)
        arrived.check()
        raw = body()
        sent = strict_json.read(raw)
        # The same referral is the same in whatever order its names stand, and however it was encrypted.
        same = json.dumps(sent, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        with house.reading(scope=case.scope) as unit:
            earlier = first_answer(unit, door=_DOOR, asker=arrived.partner_id, key=arrived.id, hashed=body_hash(same))
        if earlier:
            return _again(case, earlier)
        are_allowed = house.settings.test_numbers or house.settings.demo
        referral_id = house.ids.named("sending", _DOOR, arrived.partner_id, arrived.id)
        arrival = receiving.Arrival(arrived.door, raw, are_allowed, referral_id)
        asked = schemas.read_referral(sent, today=today, test_numbers_allowed=arrival.test_numbers_allowed)
        person_id = house.ids.new()
        told_at: list[datetime] = []

        def work(unit: Unit) -> Answer:
            case.pass_place(unit)
            ours = case.acting(unit)
            made = receiving.receive_referral(ours, person_id, asked, arrival)
            unit.stated += ours.stated
            receipt_id = unit.ids.new()
            data = answers.acknowledgement(receipt_id, arrived.id, made.body)
            exchanging.tell(ours, answers.ACKNOWLEDGED, receipt_id, data)
            told_at.append(unit.now)
            return Answer(made.status, data, made.record)

        answer = answered_once(
            house, door=_DOOR, asker=arrived.partner_id, key=arrived.id, body=same,
            keys=partial(receiving.new_keys, house, person_id), work=work, scope=case.scope,
        )  # fmt: skip
        if answer.is_repeat:
            return _again(case, answer)
        return Told(answers.event(answers.ACKNOWLEDGED, answer.body["receipt_id"], told_at[-1], answer.body))


def _again(case: _Case, earlier: Answer) -> Told:
    receipt_id = earlier.body["receipt_id"]
    with case.writing() as unit:
        exchanging.tell(unit, answers.ACKNOWLEDGED, receipt_id, earlier.body)
        return Told(answers.event(answers.ACKNOWLEDGED, receipt_id, unit.now, earlier.body), is_repeat=True)


def _refuse(case: _Case, data: dict[str, Any], refused: Refused | None) -> Told:
    with case.writing() as unit:
        message_id = unit.ids.new()
        exchanging.tell(unit, answers.REFUSED, message_id, data)
        # A refusal over HTTP gets its row where every refusal there does.
        if case.arrived.door == "topic":
            exchanging.note_refusal(unit, data["rule"])
        return Told(answers.event(answers.REFUSED, message_id, unit.now, data), refused)
