"""What support asks to be sent: word to the peer of what others changed, never of their own doing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any


def asked(room: Any) -> list[tuple[str, str, str]]:
    """Every notice asked for: whom, which, why."""
    found = room.facts("notice.asked")
    assert all(set(one) == {"notice_id", "recipient_id", "template", "due_at", "reason"} for one in found)
    return [(one["recipient_id"], one["template"], one["reason"]) for one in found]


def test_a_peer_is_told_of_a_meeting_the_person_planned_and_not_of_their_own(room: Any) -> None:
    pair = room.begun()
    when = (room.clock.now() + timedelta(days=3)).isoformat()
    for who in (pair.peer, pair.person):
        body = {"starts_at": when, "mode": "phone"}
        answer = who.api("POST", f"{pair.at}/meetings", body, Idempotency_Key=room.ids.new())
        assert answer.status_code == 201, answer.get_json()
    assert asked(room) == [(pair.peer_id, "meeting", "support")]


def test_a_peer_is_told_when_the_person_ends_it_and_not_when_they_do(room: Any) -> None:
    for number, by in enumerate(("peer", "person")):
        pair = room.begun(f"Person {number}", f"Peer {number}")
        body = {"ending": "early_by_choice", "agreed_by": by}
        answer = getattr(pair, by).api("POST", f"{pair.at}/ending", body)
        assert answer.status_code < 300, answer.get_json()
        assert asked(room) == ([] if by == "peer" else [(pair.peer_id, "ending", "support")])
