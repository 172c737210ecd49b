"""What the supervision room does because time passed: late is said once, what lapsed holds back, no worry waits."""

from __future__ import annotations

from chassis import clocks
from chassis.unit import Unit
from contracts.supervision import SupervisionOverdue

from . import store
from .actions import concerns, peers, standing

OVERDUE = "supervision_overdue"


def tell_overdue_supervision(unit: Unit) -> int:
    """Says once of every session owed past its time; holds a peer back only when it was their own choice."""
    done = 0
    for row in store.overdue(unit.scope, unit, unit.now):
        # The time is part of the clock: a session due again after a break may be late again.
        subject = f"{row.peer_id}/{row.kind}/{row.due_at.isoformat()}"
        if not clocks.claim(unit, OVERDUE, subject, row.number):
            continue
        fact = SupervisionOverdue(
            peer_id=row.peer_id,
            partner_id=row.partner_id,
            supervisor_id=row.supervisor_id,
            kind=row.kind,
            due_at=row.due_at,
        )
        unit.state(standing.stream(row.peer_id), fact)
        unit.note("supervision.overdue", subject=row.peer_id)
        standing.review(unit, row.peer_id)
        done += 1
    return done


def hold_back_what_lapsed(unit: Unit) -> int:
    """Holds back every cleared peer whose check or training is over, or whose conduct is an older version."""
    lapsed = store.cleared_with_a_day_past(unit.scope, unit, standing.today(unit))
    return sum(standing.review(unit, peer_id) for peer_id in lapsed)


def pass_up_unanswered_worries(unit: Unit) -> int:
    """Gives every worry nobody took up in time to the next role up; with nobody further up it stays, late, first."""
    done = 0
    for clock in clocks.due(unit.scope, unit, concerns.ANSWER):
        if concerns.pass_up(unit, clock.subject, clock.number):
            done += 1
    return done


def give_worries_an_owner(unit: Unit) -> int:
    """Gives every worry nobody owns, or whose owner must not know of it, to the first who may own it."""
    taken = concerns.take_from_kept(unit)
    waiting = store.concerns_unowned(unit.scope, unit)
    return taken + sum(concerns.find_owner(unit, row.concern_id) for row in waiting)


def give_peers_a_supervisor(unit: Unit) -> int:
    """Gives every peer without a supervisor one, as soon as somebody is there."""
    return peers.give_waiting_peers_a_supervisor(unit)


ROUTINES = {
    "tell_overdue_supervision": tell_overdue_supervision,
    "hold_back_what_lapsed": hold_back_what_lapsed,
    "pass_up_unanswered_worries": pass_up_unanswered_worries,
    "give_worries_an_owner": give_worries_an_owner,
    "give_peers_a_supervisor": give_peers_a_supervisor,
}
