"""How options and matches are let go: at once, with a code, places freed, the person's first day of waiting kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chassis import clocks
from chassis.access import service_scope
from chassis.unit import Unit
from contracts.matching import MatchReleased
from services.matching import store
from services.matching.domain import moves

HOLD, PEER_ANSWER, PERSON_CHOICE, TASTER = "hold", "peer_answer", "person_choice", "taster"


def read_match(unit: Unit, row: Any) -> moves.Match:
    """One match as the rules see it, with every option, whoever asks."""
    found = store.options_of(service_scope(unit.service), unit, [row.match_id])
    chosen = tuple(moves.Option(one.peer_id, one.state) for one in found)
    return moves.Match(row.match_id, row.state, chosen, row.chosen_peer_id, row.person_says, row.peer_says)


def stream(match_id: str) -> str:
    """The stream of one match's facts."""
    return f"matching/match/{match_id}"


def state(unit: Unit, row: Any, fact: Any) -> None:
    """States a fact of a match; hearers apply it only after the person's latest consent and referral facts."""
    places = [unit.at(f"referrals/person/{row.person_id}"), unit.at(f"referrals/referral/{row.referral_id}")]
    unit.state(stream(row.match_id), fact, requires=places)


def let_go(unit: Unit, match_id: str, peer_ids: Sequence[str], code: str) -> None:
    """Lets some peers' options of a match go; with nothing left, the match goes too and the person waits again.

    Does nothing for options that are settled already.
    """
    row = store.match(service_scope(unit.service), unit, match_id, to_change=True)
    match = read_match(unit, row)
    if match.state not in moves.STILL_OPEN:
        return
    leaving = [one.peer_id for one in match.options if one.peer_id in peer_ids and one.state in moves.OPEN_OPTIONS]
    for peer_id in leaving:
        let_option_go(unit, row, peer_id, code)
    if leaving and moves.goes_whole(match, leaving):
        _let_match_go(unit, row, code, moves.WAITING)


def let_whole_go(unit: Unit, row: Any, code: str, then: str = moves.WAITING) -> None:
    """Lets a match go with all its open options; `then` is where the person stands afterwards."""
    for option in read_match(unit, row).options:
        if option.state in moves.OPEN_OPTIONS:
            let_option_go(unit, row, option.peer_id, code)
    _let_match_go(unit, row, code, then)


def let_option_go(unit: Unit, row: Any, peer_id: str, code: str) -> None:
    """Lets one option go: its hold is free, and the peer is told no more than the code's words."""
    changed = {"state": moves.RELEASED, "code": code, "hold_until": None}
    if not store.change_option(unit, row.match_id, peer_id, moves.OPEN_OPTIONS, **changed):
        return
    clocks.stop(unit, HOLD, hold_subject(row.match_id, peer_id))
    state(unit, row, _released(unit, row, peer_id, code))


def _let_match_go(unit: Unit, row: Any, code: str, then: str) -> None:
    store.change_match(unit, row.match_id, row.state, state=moves.RELEASED, code=code, ended_at=unit.now)
    stop_clocks(unit, row.match_id)
    store.change_waiting(unit, row.referral_id, [moves.OFFERED], state=then)
    state(unit, row, _released(unit, row, None, code))


def _released(unit: Unit, row: Any, peer_id: str | None, code: str) -> MatchReleased:
    return MatchReleased(
        match_id=row.match_id,
        referral_id=row.referral_id,
        person_id=row.person_id,
        peer_id=peer_id,
        code=code,
        released_at=unit.now,
    )


def stop_clocks(unit: Unit, match_id: str) -> None:
    """Stops every clock of a match's steps."""
    for kind in (PEER_ANSWER, PERSON_CHOICE, TASTER):
        clocks.stop(unit, kind, match_id)


def hold_subject(match_id: str, peer_id: str) -> str:
    """What the clock of one hold is called."""
    return f"{match_id}/{peer_id}"


def let_go_of_peers(unit: Unit, peer_ids: Iterable[str], code: str) -> None:
    """Lets everything go that is not settled yet with some peers; people they support already are kept."""
    whole = service_scope(unit.service)
    for option in store.open_options_of_peers(whole, unit, list(peer_ids)):
        let_go(unit, option.match_id, [option.peer_id], code)


def let_go_of_referral(unit: Unit, referral_id: str, code: str, then: str) -> None:
    """Lets go what is offered for a referral; `then` is where the person stands afterwards."""
    whole = service_scope(unit.service)
    for row in store.matches_of_referral(whole, unit, referral_id):
        if row.state in moves.STILL_OPEN:
            let_whole_go(unit, store.match(whole, unit, row.match_id, to_change=True), code, then)


def let_agreed_go(unit: Unit, referral_id: str, code: str) -> None:
    """Lets go a match both agreed to whose support never began; the peer's place is free again."""
    whole = service_scope(unit.service)
    for found in store.matches_of_referral(whole, unit, referral_id):
        if found.state != moves.AGREED:
            continue
        row = store.match(whole, unit, found.match_id, to_change=True)
        let_option_go(unit, row, row.chosen_peer_id, code)
        _let_match_go(unit, row, code, moves.GONE)
