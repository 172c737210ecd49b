"""What matching asks to be sent: a question to each peer who is offered, and word to the one who is chosen."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from chassis.tables import facts


def asked(room: Any) -> list[tuple[str, str, str]]:
    """Every notice asked for: whom, which, why."""
    with room["matching"].reading() as unit:
        query = sa.select(facts.c.body).where(facts.c.type == "notice.asked.v1").order_by(facts.c.stated_at)
        found = [json.loads(body) for body in unit.connection.scalars(query)]
    assert all(set(one) == {"notice_id", "recipient_id", "template", "due_at", "reason"} for one in found)
    return [(one["recipient_id"], one["template"], one["reason"]) for one in found]


def test_each_peer_is_told_once_that_a_question_waits_and_the_chosen_one_that_there_is_news(room: Any) -> None:
    asha, bela, person = room.a_peer("Asha"), room.a_peer("Bela"), room.a_person()
    match = room.offer(person, asha, bela)
    assert set(asked(room)) == {(asha.who.id, "offer", "offer"), (bela.who.id, "offer", "offer")}
    assert len(asked(room)) == 2
    room.record(match, asha, "peer", "could")
    assert len(asked(room)) == 2
    room.record(match, asha, "person", "yes")
    assert asked(room)[2:] == [(asha.who.id, "chosen", "offer")]
