"""What the matching room does because time passed: holds lapse, and a step past its time is seen by someone."""

from __future__ import annotations

from chassis import clocks
from chassis.unit import Unit
from contracts.matching import MatchStalled

from . import store
from .actions import releasing
from .domain import moves

# For each step's clock: the states of a match in which the step is still to be taken.
STEPS = {
    releasing.PEER_ANSWER: (moves.ASKING,),
    releasing.PERSON_CHOICE: (moves.ASKING,),
    releasing.TASTER: (moves.CHOSEN, moves.TASTER_HELD),
}


def lapse_holds(unit: Unit) -> int:
    """Frees the place of every hold past its time; with no option left the person waits on."""
    done = 0
    for clock in clocks.due(unit.scope, unit, releasing.HOLD):
        if not clocks.fire(unit, clock):
            continue
        match_id, peer_id = clock.subject.split("/")
        releasing.let_go(unit, match_id, [peer_id], "hold_lapsed")
        unit.note("match.lapse_hold", subject=peer_id, record=match_id)
        done += 1
    return done


def tell_stalled_matches(unit: Unit) -> int:
    """Says once of every step past its time that a coordinator should look."""
    done = 0
    for step, states in STEPS.items():
        for clock in clocks.due(unit.scope, unit, step):
            if not clocks.fire(unit, clock):
                continue
            row = store.match(unit.scope, unit, clock.subject)
            match = releasing.read_match(unit, row)
            still_asked = any(one.state == moves.ASKED for one in match.options)
            if match.state not in states or (step == releasing.PEER_ANSWER and not still_asked):
                continue
            fact = MatchStalled(
                match_id=row.match_id,
                referral_id=row.referral_id,
                person_id=row.person_id,
                step=step,
                due_at=clock.due_at,
            )
            releasing.state(unit, row, fact)
            unit.note("match.stalled", subject=row.person_id, record=row.match_id)
            done += 1
    return done


ROUTINES = {"lapse_holds": lapse_holds, "tell_stalled_matches": tell_stalled_matches}
