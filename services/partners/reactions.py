"""What the partners room does about facts of other rooms: it keeps who has what in hand, and what is to be sent."""

from __future__ import annotations

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.notices import NoticeAsked
from contracts.referrals import PersonForgotten
from contracts.supervision import (
    ConcernClosed,
    ConcernEscalated,
    ConcernHandedOn,
    ConcernRaised,
    SupervisionDue,
    SupervisionHeld,
    SupervisionMissed,
    SupervisionPlanned,
)
from services.partners import store
from services.partners.actions import notices
from services.partners.domain import handover


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """The chassis drops what it held in memory; no row here is about a person."""


def on_supervision_due(unit: Unit, fact: SupervisionDue) -> None:
    """Keeps who supervises a peer."""
    store.keep_in_hand(unit, handover.PEER, fact.peer_id, fact.supervisor_id)


def on_supervision_planned(unit: Unit, fact: SupervisionPlanned) -> None:
    """Keeps whose session it is."""
    store.keep_in_hand(unit, handover.SESSION, fact.session_id, fact.supervisor_id)


def on_supervision_settled(unit: Unit, fact: SupervisionHeld | SupervisionMissed) -> None:
    """Nobody has it in hand any more."""
    store.keep_in_hand(unit, handover.SESSION, fact.session_id, None)


def on_concern_owned(unit: Unit, fact: ConcernRaised | ConcernHandedOn | ConcernEscalated) -> None:
    """Keeps whose worry it is."""
    store.keep_in_hand(unit, handover.WORRY, fact.concern_id, fact.owner_id)


def on_concern_closed(unit: Unit, fact: ConcernClosed) -> None:
    """Nobody has it in hand any more."""
    store.keep_in_hand(unit, handover.WORRY, fact.concern_id, None)


def on_notice_asked(unit: Unit, fact: NoticeAsked) -> None:
    """Keeps it until it is time; this room alone has the addresses of peers and staff."""
    notices.keep_asked(unit, fact)


REACTIONS: dict[type, Reaction] = {
    PersonForgotten: on_person_forgotten,
    SupervisionDue: on_supervision_due,
    SupervisionPlanned: on_supervision_planned,
    SupervisionHeld: on_supervision_settled,
    SupervisionMissed: on_supervision_settled,
    ConcernRaised: on_concern_owned,
    ConcernHandedOn: on_concern_owned,
    ConcernEscalated: on_concern_owned,
    ConcernClosed: on_concern_closed,
    NoticeAsked: on_notice_asked,
}
