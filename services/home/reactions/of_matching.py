"""What a match brings to a list, on each side: an offer to answer, a choice, a taster, what both say after it."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.matching import (
    CapacityStated,
    MatchAgreed,
    MatchAnswered,
    MatchProposed,
    MatchReleased,
    MatchStalled,
    PeerJoined,
    TasterHeld,
)
from contracts.roles import COORDINATOR
from services.home import store
from services.home.actions import hearing
from services.home.domain import journey

_OF_A_PEER = ("answer_offer", "hold_taster", "peer_says", "start_support")
_OF_A_MATCH = (*_OF_A_PEER, "choose_peer", "person_says", "look_at_match")


def on_peer_joined(unit: Unit, fact: PeerJoined) -> None:
    """The peer was welcomed, and says what they take."""
    hearing.close_one(unit, "welcome_peer", fact.peer_id, ahead=True)
    store.open_work(unit, "say_limits", fact.peer_id, who_id=fact.peer_id, since=fact.joined_at)


def on_capacity_stated(unit: Unit, fact: CapacityStated) -> None:
    """The peer said what they take."""
    hearing.close_one(unit, "say_limits", fact.peer_id)


def on_match_proposed(unit: Unit, fact: MatchProposed) -> None:
    """Each peer says whether they could."""
    store.begin_thread(unit, fact.match_id, fact.referral_id, journey.ASKING)
    hearing.settle(unit, fact.referral_id)
    for peer_id in fact.peer_ids:
        store.open_work(
            unit, "answer_offer", fact.match_id, whose=peer_id, who_id=peer_id, person_id=fact.person_id,
            about_id=fact.person_id, due_at=fact.answer_by, since=fact.proposed_at,
        )  # fmt: skip


def on_match_answered(unit: Unit, fact: MatchAnswered) -> None:
    """A peer who could puts the choice to the person; the person's yes asks for a taster."""
    if fact.side == "peer":
        hearing.close(unit, fact.match_id, "answer_offer", "peer_says", who_id=fact.peer_id)
        hearing.close_one(unit, "look_at_match", fact.match_id, "peer_answer")
        if fact.answer == "could":
            store.open_work(
                unit, "choose_peer", fact.match_id, whose=fact.peer_id, who_id=fact.person_id,
                person_id=fact.person_id, since=fact.answered_at,
            )  # fmt: skip
        return
    hearing.close(unit, fact.match_id, "person_says", who_id=fact.person_id)
    if fact.answer == "yes" and hearing.close(unit, fact.match_id, "choose_peer"):
        hearing.close_one(unit, "look_at_match", fact.match_id, "person_choice")
        _go_on(unit, fact.match_id, journey.CHOSEN)
        store.open_work(
            unit, "hold_taster", fact.match_id, who_id=fact.peer_id, person_id=fact.person_id, about_id=fact.person_id,
            since=fact.answered_at,
        )  # fmt: skip


def on_taster_held(unit: Unit, fact: TasterHeld) -> None:
    """Both say whether they would like to begin."""
    hearing.close_one(unit, "hold_taster", fact.match_id)
    _go_on(unit, fact.match_id, journey.MET)
    sides = (("peer_says", fact.peer_id, fact.person_id), ("person_says", fact.person_id, fact.peer_id))
    for kind, who_id, about_id in sides:
        store.open_work(
            unit, kind, fact.match_id, who_id=who_id, person_id=fact.person_id, about_id=about_id, since=fact.held_at
        )


def on_match_agreed(unit: Unit, fact: MatchAgreed) -> None:
    """The pair begins, with an end date they agree."""
    hearing.close(unit, fact.match_id, *_OF_A_MATCH)
    _go_on(unit, fact.match_id, journey.AGREED)
    store.open_work(
        unit, "start_support", fact.match_id, who_id=fact.peer_id, person_id=fact.person_id, about_id=fact.person_id,
        since=fact.agreed_at,
    )  # fmt: skip


def on_match_released(unit: Unit, fact: MatchReleased) -> None:
    """Nothing more is asked about what was let go; with the whole match gone the person may wait again."""
    if fact.peer_id is not None:
        hearing.close(unit, fact.match_id, *_OF_A_PEER, who_id=fact.peer_id)
        hearing.close_one(unit, "choose_peer", fact.match_id, fact.peer_id)
        return
    hearing.close(unit, fact.match_id, *_OF_A_MATCH)
    store.change_thread(unit, fact.match_id, is_open=False)
    hearing.settle(unit, fact.referral_id)


def on_match_stalled(unit: Unit, fact: MatchStalled) -> None:
    """A coordinator looks at what holds it up."""
    store.open_work(
        unit, "look_at_match", fact.match_id, whose=fact.step, role=COORDINATOR, person_id=fact.person_id,
        about_id=fact.person_id, due_at=fact.due_at, since=hearing.stated_at(unit),
    )  # fmt: skip


def _go_on(unit: Unit, match_id: str, step: str) -> None:
    store.change_thread(unit, match_id, step=step)
    referral_id = store.referral_of(unit.scope, unit, match_id)
    if referral_id:
        hearing.settle(unit, referral_id)


DOES: Mapping[type, Reaction] = {
    PeerJoined: on_peer_joined,
    CapacityStated: on_capacity_stated,
    MatchProposed: on_match_proposed,
    MatchAnswered: on_match_answered,
    TasterHeld: on_taster_held,
    MatchAgreed: on_match_agreed,
    MatchReleased: on_match_released,
    MatchStalled: on_match_stalled,
}
