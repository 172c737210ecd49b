"""How supervision follows peers: who joins and gets a supervisor, who takes a break, and whom they walk beside."""

from __future__ import annotations

from datetime import datetime

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.matching import PeerJoined
from contracts.support import SupportStarted
from services.supervision import store
from services.supervision.actions import sessions
from services.supervision.domain import sessions as rules
from services.supervision.domain import standing


def take_in(unit: Unit, fact: PeerJoined) -> None:
    """Takes a new peer in: a supervisor where there is one, and their first sessions owed; cleared they are later."""
    row = {
        "peer_id": fact.peer_id,
        "partner_id": fact.partner_id,
        "called": fact.called,
        "supervisor_id": None,
        "joined_at": fact.joined_at,
        "is_paused": False,
        "standing": standing.NEW,
        "conduct_accepted_on": store.accepted_conduct_on(service_scope(unit.service), unit, fact.peer_id),
    }
    if store.add(unit, store.peers, row):
        give_supervisor(unit, fact.peer_id, fact.partner_id)
        peer = store.peer_to_change(service_scope(unit.service), unit, fact.peer_id)
        sessions.owe_first(unit, peer, fact.joined_at)


def give_supervisor(unit: Unit, peer_id: str, partner_id: str) -> bool:
    """Gives a peer a supervisor; false when there is nobody, which stands on the network lead's list."""
    found = store.supervisors(service_scope(unit.service), unit)
    supervisor_id = rules.choose_supervisor(peer_id, partner_id, found)
    if supervisor_id is None:
        return False
    store.change_peer(unit, peer_id, supervisor_id=supervisor_id)
    unit.note("supervisor.given", subject=peer_id, record=supervisor_id)
    return True


def give_waiting_peers_a_supervisor(unit: Unit) -> int:
    """Gives every peer without a supervisor one, now that somebody may be there; gives how many got one."""
    waiting = store.peers_without_supervisor(service_scope(unit.service), unit)
    return sum(give_supervisor(unit, row.peer_id, row.partner_id) for row in waiting)


def give_others(unit: Unit, supervisor_id: str) -> int:
    """Gives the peers of somebody who is no supervisor any more to others; gives how many got one at once."""
    rows = store.peers_of_supervisor(service_scope(unit.service), unit, supervisor_id)
    for row in rows:
        store.change_peer(unit, row.peer_id, supervisor_id=None)
    return sum(give_supervisor(unit, row.peer_id, row.partner_id) for row in rows)


def hand_over(unit: Unit, from_id: str, to_id: str) -> None:
    """Makes one supervisor's peers and planned sessions another's, saying so; nobody supervises themselves."""
    whole = service_scope(unit.service)
    if to_id not in {one.account_id for one in store.supervisors(whole, unit)}:
        return
    for row in store.peers_of_supervisor(whole, unit, from_id):
        if row.peer_id == to_id:
            continue
        store.change_peer(unit, row.peer_id, supervisor_id=to_id)
        unit.note("supervisor.given", subject=row.peer_id, record=to_id)
        sessions.tell_of_supervisor(unit, store.peer_to_change(whole, unit, row.peer_id))
        for planned in store.planned_sessions(whole, unit, [row.peer_id]).get(row.peer_id, ()):
            sessions.give_to(unit, planned, to_id)


def pause(unit: Unit, peer_id: str) -> None:
    """Keeps that a peer is on a break: nothing falls overdue meanwhile."""
    store.change_peer(unit, peer_id, is_paused=True)


def resume(unit: Unit, peer_id: str, resumed_at: datetime) -> None:
    """Keeps that a peer is back, with time for what fell due meanwhile."""
    whole = service_scope(unit.service)
    if not store.is_peer(whole, unit, peer_id):
        return
    store.change_peer(unit, peer_id, is_paused=False)
    sessions.come_back(unit, store.peer_to_change(whole, unit, peer_id), resumed_at)


def follow_support(unit: Unit, fact: SupportStarted) -> None:
    """Keeps who walks beside whom, and makes sure that the peer's first sessions are owed."""
    row = {
        "support_id": fact.support_id,
        "person_id": fact.person_id,
        "peer_id": fact.peer_id,
        "started_on": fact.started_on,
    }
    whole = service_scope(unit.service)
    if store.add(unit, store.supports, row) and store.is_peer(whole, unit, fact.peer_id):
        sessions.owe_first(unit, store.peer_to_change(whole, unit, fact.peer_id), unit.now)
