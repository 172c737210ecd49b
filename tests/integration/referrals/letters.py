"""What a partner's system does: it encrypts, writes to its inbound topic, and reads what its outbound topic says."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from chassis import jwe
from chassis.events.bus import Message, Record
from services.referrals import store
from services.referrals.partner_topic.exchange import EXTENSION, Exchange
from tests.builders import a_referral
from tests.integration.referrals.conftest import Referrals

FEED = "/api/v1/events"
SENT = "referral.sent.v1"
ACKNOWLEDGED, REFUSED = "message.acknowledged.v1", "message.refused.v1"
# The code of a partner is the first five letters of its name, in this room.
OURS, THEIRS = "north", "kindr"


class Letters:
    """The topics of two partners, on the carrier of the room's house, and the room's own exchange.

    The partners are those of the room, or new ones in a room that many tests share.
    """

    def __init__(self, room: Referrals, *, new: bool = False) -> None:
        self.room, self.bus = room, room.house.shared.bus
        self.exchange: Exchange = room["referrals"].app.extensions[EXTENSION]
        self.ours, self.theirs, self.partner_id, self.other_id = OURS, THEIRS, room.partner_id, room.other_id
        if new:
            self.ours, self.theirs = (f"p{room.ids.new()[:4]}" for _ in range(2))
            self.partner_id, self.other_id = (room.a_partner(f"{code} Friends") for code in (self.ours, self.theirs))
        self.system = room.as_system(self.partner_id)
        for code in (self.ours, self.theirs):
            self.bus.make_topics([f"partner.{code}.inbound", f"partner.{code}.outbound"], 1)
        self._publisher = self.bus.publisher("a partner")
        self.look()

    # ---- a partner's side

    def key(self) -> dict[str, Any]:
        """The key as it is published."""
        answer = self.room.as_nobody().api("GET", f"{FEED}/keys")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.get_json()["keys"][0]
        return found

    def sealed(self, body: Any = None) -> bytes:
        """A body encrypted to the published key; an ordinary referral when none is given."""
        plain = body if isinstance(body, bytes) else json.dumps(body if body is not None else a_referral()).encode()
        return jwe.seal(plain, self.key())

    def put(self, body: bytes, id: str | None = "", code: str = "", **envelope: str | None) -> str:
        """Writes bytes to a partner's inbound topic as they are; gives the message's id.

        What is None is left out of the envelope.
        """
        code = code or self.ours
        message_id = self.room.ids.new() if id == "" else id
        given = {"specversion": "1.0", "id": message_id, "source": f"/{code}", "type": SENT, **envelope}
        headers = [(f"ce_{name}", text.encode()) for name, text in given.items() if text is not None]
        assert self._publisher.publish(f"partner.{code}.inbound", [Message("anything", headers, body)]) == [True]
        return message_id or ""

    def send(self, body: Any = None, id: str = "", code: str = "", **envelope: str | None) -> str:
        """Encrypts a body and writes it."""
        return self.put(self.sealed(body), id, code, **envelope)

    def outbound(self, code: str = "") -> list[dict[str, Any]]:
        """What a partner's outbound topic holds, as a partner reads it."""
        reader = self.bus.subscribe("a partner", [f"partner.{code or self.ours}.outbound"], "a partner", lambda *_: 0)
        records: list[Record] = []
        while found := reader.poll(0):
            records += found
        return [self._read(record) for record in records]

    def _read(self, record: Record) -> dict[str, Any]:
        texts = {name.removeprefix("ce_"): text.decode() for name, text in record.headers}
        return {**texts, "data": json.loads(record.value or b"")}

    # ---- the house's side

    def look(self) -> None:
        """Lets the house see which topics there are now."""
        self.exchange.inbound.listener.look_again()
        self.exchange.outbound.look_again()

    def carry(self) -> None:
        """Lets the house read every inbound topic to its end and publish every answer."""
        self.look()
        while self.exchange.inbound.step(0):
            pass
        while self.exchange.outbound.sweep():
            pass

    def answers(self, code: str = "") -> list[dict[str, Any]]:
        """Carries, and gives what the partner's outbound topic holds then."""
        self.carry()
        return self.outbound(code)

    def answer(self, code: str = "") -> dict[str, Any]:
        """Carries, and gives the newest answer."""
        return self.answers(code)[-1]

    def count(self) -> int:
        """How many referrals of ours were taken in."""
        with self.room["referrals"].reading() as unit:
            query = sa.select(sa.func.count()).where(store.referrals.c.partner_id == self.partner_id)
            return int(unit.connection.execute(query).scalar_one())
