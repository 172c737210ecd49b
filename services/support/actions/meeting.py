"""Meetings planned by the pair, and what is kept of a contact: two taps, and nothing else that must be said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.access import service_scope
from chassis.once import Answer
from chassis.unit import Unit
from contracts.support import ContactRecorded, MeetingPlanned
from services.support import domain, store
from services.support.actions import changing


def plan_meeting(unit: Unit, support_id: str, starts_at: datetime, mode: str) -> Answer:
    """Plans when and how the pair meets next; where stays with them."""
    row = changing.load(unit, support_id, "plan")
    domain.check_meeting(starts_at, unit.now)
    meeting_id = unit.ids.new()
    store.add(unit, store.meetings, meeting_id=meeting_id, support_id=support_id, starts_at=starts_at, mode=mode)
    fact = MeetingPlanned(
        support_id=support_id,
        meeting_id=meeting_id,
        person_id=row.person_id,
        peer_id=row.peer_id,
        starts_at=starts_at,
        mode=mode,
    )
    changing.state(unit, row, fact)
    changing.tell_peer(unit, row, "meeting")
    unit.note("meeting.plan", subject=row.person_id, record=meeting_id)
    return Answer(201, {"meeting_id": meeting_id, "starts_at": starts_at.isoformat(), "mode": mode}, meeting_id)


def record_contact(unit: Unit, support_id: str, asked: Mapping[str, Any]) -> Answer:
    """Records that a contact was made or tried, and how; the day is the meeting's, or today.

    `asked` is ContactSchema, loaded. A note is sealed for its writer alone and leaves no trace in any fact or answer.
    """
    row = changing.load(unit, support_id, "contact")
    contact_id = unit.ids.new()
    meeting = _tied(unit, row, asked["meeting_id"], contact_id)
    today = changing.day_of(unit.now)
    held_on = asked["held_on"] or domain.day_of_contact(changing.day_of(meeting.starts_at) if meeting else today, today)
    domain.check_contact(held_on, today, row.started_on)
    note = unit.ring.seal(row.person_id, changing.NOTES_CLASS, asked["note"], field="note") if asked["note"] else None
    kept: dict[str, Any] = {"kind": asked["kind"], "mode": asked["mode"], "held_on": held_on}
    store.add(
        unit, store.contacts, contact_id=contact_id, support_id=support_id, recorded_at=unit.now,
        written_by=unit.who.id, note=note, **kept,
    )  # fmt: skip
    fact = ContactRecorded(
        support_id=support_id, contact_id=contact_id, person_id=row.person_id, peer_id=row.peer_id, **kept
    )
    changing.state(unit, row, fact)
    unit.note("contact.record", subject=row.person_id, record=contact_id)
    body = {**kept, "contact_id": contact_id, "held_on": held_on.isoformat(), "meeting_id": asked["meeting_id"]}
    return Answer(201, body, contact_id)


def _tied(unit: Unit, row: Any, meeting_id: str | None, contact_id: str) -> Any | None:
    if not meeting_id:
        return None
    meeting = store.meeting(service_scope(unit.service), unit, row.support_id, meeting_id)
    if meeting is None:
        raise domain.MeetingNotKnown()
    if not store.tie_meeting(unit, meeting_id, contact_id):
        raise domain.MeetingRecordedAlready()
    return meeting
