"""What the partners room does about facts of other rooms: who has what in hand, which links are good, what to send."""

from __future__ import annotations

from chassis import told
from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.notices import NoticeAsked
from contracts.referrals import (
    LinkMinted,
    LinkRevoked,
    PersonForgotten,
    PersonProtected,
    PersonUnprotected,
    WordChosen,
)
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
from services.partners.actions import links, notices
from services.partners.domain import handover


def on_link_minted(unit: Unit, fact: LinkMinted) -> None:
    """Keeps the hash by which a private link is known, and whose it is."""
    if not told.has_forgotten(unit, fact.person_id):
        store.keep_link(
            unit, hash=fact.hash, link_id=fact.link_id, person_id=fact.person_id, purpose=fact.purpose,
            ends_at=fact.ends_at,
        )  # fmt: skip


def on_link_revoked(unit: Unit, fact: LinkRevoked) -> None:
    """The link opens no more, and whoever came in by it is out."""
    links.revoke(unit, fact.link_id)


def on_word_chosen(unit: Unit, fact: WordChosen) -> None:
    """Another word is asked for from now on."""
    if not told.has_forgotten(unit, fact.person_id):
        links.choose_word(unit, fact.person_id, fact.word)


def on_person_protected(unit: Unit, fact: PersonProtected) -> None:
    """Whoever came in by a word is out; what links give from now on, the brake says."""
    links.protect(unit, fact.person_id)


def on_person_unprotected(unit: Unit, fact: PersonUnprotected) -> None:
    """The brake is lifted by the chassis; links that were revoked stay so."""


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """Nothing is kept of their links; what the room held in memory the chassis drops."""
    links.forget(unit, fact.person_id)


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
    LinkMinted: on_link_minted,
    LinkRevoked: on_link_revoked,
    WordChosen: on_word_chosen,
    PersonProtected: on_person_protected,
    PersonUnprotected: on_person_unprotected,
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
