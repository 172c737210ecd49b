"""What supervision asks to be sent: a worry to whoever owns it now, a planned session to its peer."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from chassis.tables import facts


def asked(room: Any) -> list[tuple[str, str, str]]:
    """Every notice asked for: whom, which, why."""
    with room["supervision"].reading() as unit:
        query = sa.select(facts.c.body).where(facts.c.type == "notice.asked.v1").order_by(facts.c.stated_at)
        found = [json.loads(body) for body in unit.connection.scalars(query)]
    assert all(set(one) == {"notice_id", "recipient_id", "template", "due_at", "reason"} for one in found)
    return [(one["recipient_id"], one["template"], one["reason"]) for one in found]


def test_whoever_owns_a_worry_is_told_and_by_its_level_also_at_night(room: Any, staff: dict[str, Any]) -> None:
    owners = {2: "coordinator", 3: "safeguarding_lead", 4: "safeguarding_lead"}
    for level, who in owners.items():
        room.a_worry(level)
        assert asked(room)[-1] == (staff[who].who.id, "urgent_worry", "urgent_worry"), level
    peer = room.a_peer()
    before = len(asked(room))
    room.a_worry(1, about="peer", about_id=peer.who.id)
    assert asked(room)[before:] == [(staff["supervisor"].who.id, "worry", "worry")]


def test_a_worry_at_level_1_handed_to_a_safeguarding_lead_finds_somebody_on_duty(
    room: Any, staff: dict[str, Any]
) -> None:
    peer = room.a_peer()
    worry = room.a_worry(1, about="peer", about_id=peer.who.id)
    to = staff["safeguarding_lead"].who.id
    answer = staff["supervisor"].api("POST", f"/api/v1/concerns/{worry.worry_id}/handing-on", {"owner_id": to})
    assert answer.status_code < 300, answer.get_json()
    assert asked(room)[-1] == (to, "worry", "on_duty")


def test_a_worry_that_goes_up_tells_whoever_owns_it_then(room: Any, staff: dict[str, Any]) -> None:
    room.a_worry(2)
    room.clock.advance(hours=5)
    room["supervision"].tick()
    told = [who for who, _, _ in asked(room)]
    assert told == [staff["coordinator"].who.id, staff["safeguarding_lead"].who.id]


def test_a_peer_is_told_of_a_session_ahead_and_not_of_one_written_down_afterwards(
    room: Any, staff: dict[str, Any]
) -> None:
    peer = room.a_peer()
    before = len(asked(room))
    room.plan(peer, staff["supervisor"], in_days=2)
    room.plan(peer, staff["supervisor"], in_days=-1, kind="group")
    assert asked(room)[before:] == [(peer.who.id, "session", "session")]
