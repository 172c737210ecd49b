"""The life of a match: what each move leads to, and which moves are refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.matching.domain import moves
from services.matching.domain.moves import Match, Option

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def a_match(state: str = moves.ASKING, chosen: str | None = None, **options: str) -> Match:
    made = tuple(
        Option(peer, option) for peer, option in (options or {"a": "asked", "b": "could", "c": "asked"}).items()
    )
    return Match("m", state, made, chosen)


TASTER = a_match(moves.TASTER_HELD, "a", a="chosen", b="released")


@pytest.mark.parametrize("kind", ["consent_withdrawn", "protected"])
def test_nothing_is_offered_for_someone_who_must_not_be_offered(kind: str) -> None:
    with pytest.raises(moves.PersonNotOffered):
        moves.check_may_offer(frozenset({kind}), moves.WAITING)


@pytest.mark.parametrize("state", [moves.OFFERED, moves.MATCHED, moves.GONE])
def test_only_someone_who_waits_is_offered_for(state: str) -> None:
    with pytest.raises(moves.PersonNotWaiting):
        moves.check_may_offer(frozenset(), state)


def test_a_peer_with_a_place_may_say_they_could() -> None:
    moves.check_may_say_could(a_match(), "a", is_available=True, free_places=1)


def test_a_peer_without_a_place_may_not() -> None:
    with pytest.raises(moves.PeerAtCapacity):
        moves.check_may_say_could(a_match(), "a", is_available=True, free_places=0)


def test_a_peer_who_is_not_available_may_not_and_nobody_learns_why() -> None:
    with pytest.raises(moves.PeerNotAvailable) as refused:
        moves.check_may_say_could(a_match(), "a", is_available=False, free_places=1)
    assert refused.value.says == "This peer is not available just now."


def test_saying_it_twice_is_refused_by_name() -> None:
    with pytest.raises(moves.AlreadyAnswered):
        moves.check_may_say_could(a_match(), "b", is_available=True, free_places=1)


def test_a_peer_who_was_never_asked_has_no_part_in_it() -> None:
    with pytest.raises(moves.NotYetAsked):
        moves.check_may_say_could(a_match(), "z", is_available=True, free_places=1)


def test_choosing_one_lets_the_others_go() -> None:
    assert moves.check_may_choose(a_match(a="asked", b="could", c="released"), "b") == ("a",)


def test_a_person_chooses_only_among_those_who_said_they_could() -> None:
    with pytest.raises(moves.PeerHasNotSaidYes):
        moves.check_may_choose(a_match(), "a")


def test_an_option_let_go_cannot_be_chosen() -> None:
    with pytest.raises(moves.OptionNotOpen):
        moves.check_may_choose(a_match(a="released", b="could"), "a")


def test_choosing_the_same_peer_twice_is_refused_by_name() -> None:
    with pytest.raises(moves.AlreadyAnswered):
        moves.check_may_choose(a_match(moves.CHOSEN, "b", b="chosen"), "b")


@pytest.mark.parametrize(
    ("match", "peer", "side", "code", "whole"),
    [
        (a_match(), "a", "peer", "peer_not_this_time", False),
        (a_match(a="asked"), "a", "peer", "peer_not_this_time", True),
        (a_match(a="could", b="asked"), "a", "person", "person_not_this_time", False),
        (a_match(a="could"), "a", "person", "person_not_this_time", True),
        (a_match(moves.CHOSEN, "a", a="chosen"), "a", "peer", "peer_not_this_time", True),
        (a_match(moves.CHOSEN, "a", a="chosen"), "a", "person", "person_not_this_time", True),
        (TASTER, "a", "person", "taster_not_agreed", True),
        (TASTER, "a", "peer", "taster_not_agreed", True),
    ],
)
def test_not_this_time(match: Match, peer: str, side: str, code: str, whole: bool) -> None:
    assert moves.not_this_time(match, peer, side) == moves.LetGo(code, whole)


@pytest.mark.parametrize("state", [moves.AGREED, moves.SUPPORTED, moves.ENDED, moves.RELEASED])
def test_a_closed_match_takes_no_answer(state: str) -> None:
    match = a_match(state, "a", a="chosen")
    for side in ("peer", "person"):
        with pytest.raises(moves.OptionNotOpen):
            moves.not_this_time(match, "a", side)
    with pytest.raises(moves.OptionNotOpen):
        moves.check_may_choose(match, "a")


def test_a_taster_is_with_the_peer_who_was_chosen() -> None:
    match = a_match(moves.CHOSEN, "a", a="chosen", b="released")
    moves.check_taster(match, "a", NOW, NOW)
    with pytest.raises(moves.NothingChosenYet):
        moves.check_taster(match, "b", NOW, NOW)
    with pytest.raises(moves.NothingChosenYet):
        moves.check_taster(a_match(), "b", NOW, NOW)
    with pytest.raises(moves.AlreadyAnswered):
        moves.check_taster(TASTER, "a", NOW, NOW)
    with pytest.raises(moves.TasterInTheFuture):
        moves.check_taster(match, "a", NOW + timedelta(minutes=1), NOW)


@pytest.mark.parametrize(("person", "peer"), list(product([None, True, False], repeat=2)))
def test_it_takes_two_yeses_and_one_no_is_enough(person: bool | None, peer: bool | None) -> None:
    *_, state = moves.after_taster(TASTER, person, peer)
    if person is False or peer is False:
        assert state == moves.RELEASED
    elif person and peer:
        assert state == moves.AGREED
    else:
        assert state == moves.TASTER_HELD


def test_an_answer_given_before_is_kept_when_the_other_answers() -> None:
    match = Match("m", moves.TASTER_HELD, TASTER.options, "a", person_says=True)
    assert moves.after_taster(match, None, True) == (True, True, moves.AGREED)


def test_nobody_agrees_before_they_have_met() -> None:
    with pytest.raises(moves.TasterNotHeld):
        moves.after_taster(a_match(moves.CHOSEN, "a", a="chosen"), True, True)


@pytest.mark.parametrize(
    ("places", "used", "holds", "given_up"),
    [(2, 2, ("h",), ()), (1, 2, ("new", "old"), ("new",)), (0, 3, ("h",), ("h",)), (0, 2, (), ())],
)
def test_fewer_places_give_up_holds_and_never_people(
    places: int, used: int, holds: tuple[str, ...], given_up: tuple[str, ...]
) -> None:
    assert moves.holds_to_give_up(places, used, holds) == given_up
