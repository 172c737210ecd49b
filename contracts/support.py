"""Facts the support room states: what a person and their peer do together, as moments and codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from contracts.fact import Code, fact

CONTACT_KINDS = ("made", "attempted")
CONTACT_MODES = ("in_person", "phone", "video", "message", "group")
ENDINGS = ("planned", "early_by_choice", "moved_on", "lost_touch", "swap")
AGREED_BY = ("both", "person", "peer", "network")
# `let_go`: not for them after all; without it an ending would count what is no longer alive.
CONNECTION_STATES = ("found", "tried", "going", "going_without_peer", "let_go")
PAUSED_BY = ("person", "peer", "network")


@fact("support.started.v1", owner="support")
class SupportStarted:
    """Support began, with an end date agreed beforehand."""

    support_id: str
    match_id: str
    referral_id: str
    person_id: str
    peer_id: str
    started_on: date
    agreed_end_on: date


@fact("meeting.planned.v1", owner="support")
class MeetingPlanned:
    """The pair planned to meet; the place stays with them."""

    support_id: str
    meeting_id: str
    person_id: str
    peer_id: str
    starts_at: datetime
    mode: Annotated[str, Code(CONTACT_MODES)]


@fact("contact.recorded.v1", owner="support")
class ContactRecorded:
    """A contact was made or attempted: date and mode, nothing else."""

    support_id: str
    contact_id: str
    person_id: str
    peer_id: str
    kind: Annotated[str, Code(CONTACT_KINDS)]
    mode: Annotated[str, Code(CONTACT_MODES)]
    held_on: date


@fact("connection.moved.v1", owner="support", public=True)
class ConnectionMoved:
    """A role, group or place the person wants in their life moved on a step."""

    support_id: str
    connection_id: str
    person_id: str
    state: Annotated[str, Code(CONNECTION_STATES)]
    moved_on: date


@fact("support.paused.v1", owner="support", public=True)
class SupportPaused:
    """Support rests for a while."""

    support_id: str
    person_id: str
    peer_id: str
    paused_on: date
    paused_by: Annotated[str, Code(PAUSED_BY)]


@fact("support.resumed.v1", owner="support", public=True)
class SupportResumed:
    """Support goes on after a rest."""

    support_id: str
    person_id: str
    peer_id: str
    resumed_on: date


@fact("support.ended.v1", owner="support")
class SupportEnded:
    """Support ended: how, agreed by whom, and how many connections were alive that day."""

    support_id: str
    match_id: str
    referral_id: str
    person_id: str
    peer_id: str
    ended_on: date
    ending: Annotated[str, Code(ENDINGS)]
    agreed_by: Annotated[str, Code(AGREED_BY)]
    contacts_made_count: int
    connections_alive_count: int
    wants_return: bool


FACTS: tuple[type, ...] = (
    SupportStarted,
    MeetingPlanned,
    ContactRecorded,
    ConnectionMoved,
    SupportPaused,
    SupportResumed,
    SupportEnded,
)
