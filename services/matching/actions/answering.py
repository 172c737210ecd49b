"""How a match moves on: "I could", the person's choice, the taster, and what both say after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis import clocks, working_days
from chassis.errors import Invalid
from chassis.unit import Unit
from contracts.matching import PEER_ANSWERS, PERSON_ANSWERS, MatchAgreed, MatchAnswered, TasterHeld
from services.matching import store
from services.matching.actions import peers, releasing, telling
from services.matching.domain import moves

OWN_PAGE = "own_page"


class AnswerDoesNotFit(Invalid):
    """The side named does not give this answer."""

    where = "answer"
    says = "A peer answers 'could' or 'not_this_time', a person 'yes' or 'not_this_time'."


class ChangedMeanwhile(moves.OptionNotOpen):
    """Somebody else moved the match on at the same moment."""

    says = "Somebody else changed this match at the same moment. Look at it again."


def record_answer(unit: Unit, match_id: str, peer_id: str, side: str, answer: str, how: str) -> None:
    """Takes in one side's answer to one option, given on their own page or told to a coordinator."""
    if answer not in (PEER_ANSWERS if side == "peer" else PERSON_ANSWERS):
        raise AnswerDoesNotFit()
    row = store.match(unit.scope, unit, match_id, to_change=True)
    if answer == "not_this_time":
        _say_not_this_time(unit, row, peer_id, side, how)
    elif side == "peer":
        _say_could(unit, row, peer_id, how)
    else:
        _choose(unit, row, peer_id, how)
    unit.note("match.record_answer", subject=row.person_id, record=match_id)


def _say_could(unit: Unit, row: Any, peer_id: str, how: str) -> None:
    _check_may_go_on(unit, row)
    match = releasing.read_match(unit, row)
    match.option(peer_id)
    peer = store.peer(unit.scope, unit, peer_id, to_change=True)
    free = peer.places - store.places_used(unit.scope, unit, [peer_id]).get(peer_id, 0)
    is_available = peers.is_available(unit, peer)
    moves.check_may_say_could(match, peer_id, is_available=is_available, free_places=free)
    until = working_days.after(unit.now, unit.policy.hold_working_days)
    _change_option(unit, row, peer_id, moves.ASKED, state=moves.COULD, answered_at=unit.now, how=how, hold_until=until)
    clocks.start(unit, releasing.HOLD, releasing.hold_subject(row.match_id, peer_id), until)
    if not any(one.state == moves.COULD for one in match.options):
        choice_by = working_days.after(unit.now, unit.policy.choice_working_days)
        clocks.start(unit, releasing.PERSON_CHOICE, row.match_id, choice_by)
    _state_answer(unit, row, peer_id, "peer", "could", how)


def _choose(unit: Unit, row: Any, peer_id: str, how: str) -> None:
    _check_may_go_on(unit, row)
    not_needed = moves.check_may_choose(releasing.read_match(unit, row), peer_id)
    _change_option(unit, row, peer_id, moves.COULD, state=moves.CHOSEN, hold_until=None)
    _change_match(unit, row, state=moves.CHOSEN, chosen_peer_id=peer_id)
    releasing.stop_clocks(unit, row.match_id)
    clocks.stop(unit, releasing.HOLD, releasing.hold_subject(row.match_id, peer_id))
    due = working_days.after(unit.now, unit.policy.taster_working_days)
    clocks.start(unit, releasing.TASTER, row.match_id, due)
    _state_answer(unit, row, peer_id, "person", "yes", how)
    telling.tell(unit, peer_id, "chosen")
    for other in not_needed:
        releasing.let_option_go(unit, row, other, "not_needed_this_time")


def _say_not_this_time(unit: Unit, row: Any, peer_id: str, side: str, how: str) -> None:
    follows = moves.not_this_time(releasing.read_match(unit, row), peer_id, side)
    _state_answer(unit, row, peer_id, side, "not_this_time", how)
    releasing.let_go(unit, row.match_id, [peer_id], follows.code)


def decline_all(unit: Unit, match_id: str, how: str = OWN_PAGE) -> None:
    """The person chooses nobody, without a reason, and waits on; waiting for another is as easy as choosing."""
    row = store.match(unit.scope, unit, match_id, to_change=True)
    match = releasing.read_match(unit, row)
    if match.state not in moves.STILL_OPEN:
        raise moves.OptionNotOpen()
    for option in match.options:
        if option.state in moves.USES_A_PLACE:
            _state_answer(unit, row, option.peer_id, "person", "not_this_time", how)
    code = "taster_not_agreed" if match.state == moves.TASTER_HELD else "person_not_this_time"
    releasing.let_whole_go(unit, row, code)
    unit.note("match.record_answer", subject=row.person_id, record=match_id)


def record_taster(unit: Unit, match_id: str, peer_id: str, held_at: datetime | None = None) -> None:
    """Records that person and peer met once to see how it feels; `held_at` is now when not given."""
    row = store.match(unit.scope, unit, match_id, to_change=True)
    held_at = held_at or unit.now
    moves.check_taster(releasing.read_match(unit, row), peer_id, held_at, unit.now)
    _check_may_go_on(unit, row)
    _change_match(unit, row, state=moves.TASTER_HELD, taster_held_at=held_at)
    fact = TasterHeld(match_id=match_id, person_id=row.person_id, peer_id=peer_id, held_at=held_at)
    releasing.state(unit, row, fact)
    unit.note("match.record_taster", subject=row.person_id, record=match_id)


def answer_after_taster(
    unit: Unit, match_id: str, how: str, *, person_says: bool | None = None, peer_says: bool | None = None
) -> None:
    """Takes in what one or both sides say after the taster: two yeses agree the match, one no lets it go."""
    row = store.match(unit.scope, unit, match_id, to_change=True)
    person, peer, then = moves.after_taster(releasing.read_match(unit, row), person_says, peer_says)
    peer_id = row.chosen_peer_id
    for side, says in (("person", person_says), ("peer", peer_says)):
        if says is not None:
            _state_answer(unit, row, peer_id, side, "yes" if says else "not_this_time", how)
    if then == moves.RELEASED:
        _change_match(unit, row, person_says=person, peer_says=peer)
        releasing.let_go(unit, match_id, [peer_id], "taster_not_agreed")
    else:
        _check_may_go_on(unit, row)
        _change_match(unit, row, person_says=person, peer_says=peer)
    if then == moves.AGREED:
        _agree(unit, row, peer_id)
    unit.note("match.record_agreement", subject=row.person_id, record=match_id)


def _agree(unit: Unit, row: Any, peer_id: str) -> None:
    peer = store.options_of(unit.scope, unit, [row.match_id])
    partner_id = next(one.partner_id for one in peer if one.peer_id == peer_id)
    _change_match(unit, row, state=moves.AGREED, agreed_at=unit.now)
    releasing.stop_clocks(unit, row.match_id)
    store.change_waiting(unit, row.referral_id, [moves.OFFERED], state=moves.MATCHED)
    fact = MatchAgreed(
        match_id=row.match_id,
        referral_id=row.referral_id,
        person_id=row.person_id,
        peer_id=peer_id,
        partner_id=partner_id,
        agreed_at=unit.now,
    )
    releasing.state(unit, row, fact)


def _check_may_go_on(unit: Unit, row: Any) -> None:
    if unit.braked(row.person_id) & moves.NOT_OFFERED:
        raise moves.PersonNotOffered()


def _change_match(unit: Unit, row: Any, **columns: Any) -> None:
    if not store.change_match(unit, row.match_id, row.state, **columns):
        raise ChangedMeanwhile()


def _change_option(unit: Unit, row: Any, peer_id: str, was: str, **columns: Any) -> None:
    if not store.change_option(unit, row.match_id, peer_id, [was], **columns):
        raise ChangedMeanwhile()


def _state_answer(unit: Unit, row: Any, peer_id: str, side: str, answer: str, how: str) -> None:
    fact = MatchAnswered(
        match_id=row.match_id,
        person_id=row.person_id,
        peer_id=peer_id,
        side=side,
        answer=answer,
        how=how,
        answered_at=unit.now,
    )
    releasing.state(unit, row, fact)
