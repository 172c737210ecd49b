"""The support tables and the questions asked of them; every read says on whose behalf first."""

from __future__ import annotations

from .of_supports import (
    connection,
    connections_of,
    count_by_state,
    count_contacts_made,
    ids_of,
    latest_meeting_past,
    meeting,
    meetings_ahead,
    own_notes,
    support,
    supports_listed,
    supports_of_person,
)
from .tables import PROJECTIONS, connections, contacts, meetings, metadata, peers, people, supports
from .writing import add, brakes_on, change, forget_person, keep_called, move_connection, tie_meeting

__all__ = [
    "PROJECTIONS",
    "add",
    "brakes_on",
    "change",
    "connection",
    "connections",
    "connections_of",
    "contacts",
    "count_by_state",
    "count_contacts_made",
    "forget_person",
    "ids_of",
    "keep_called",
    "latest_meeting_past",
    "meeting",
    "meetings",
    "meetings_ahead",
    "metadata",
    "move_connection",
    "own_notes",
    "peers",
    "people",
    "support",
    "supports",
    "supports_listed",
    "supports_of_person",
    "tie_meeting",
]
