"""Points, order and reasons of a shortlist; among them, that a hidden entry moves the order and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import product
from random import Random
from typing import Any

import pytest

from services.matching.domain import points
from services.matching.domain.pair import LEVELS, MATCH_ONLY, OPEN, PRIVATE, SHOWN_AT_MATCH, Peer, Person, person_of
from services.matching.domain.points import Weights
from services.matching.domain.shortlist import LITTLE, SOME, STRONG, Lists, Shortlist, shortlist

PARENTS = {"low_mood": "", "depression": "low_mood", "loss_of_hope": "low_mood", "grief": "", "hospital": ""}
WORDS = {theme: theme.replace("_", " ").capitalize() for theme in PARENTS}
LISTS = Lists(
    PARENTS,
    WORDS,
    {"weekend": "Weekends", "weekday_morning": "Weekday mornings"},
    {"north": "North"},
    {"en": "English", "ur": "Urdu"},
)
WEIGHTS = Weights(experience=7000, times=1500, place=1500, no_wish=3500, remote=1000, pooled_under=5, least_rarity=250)


def a_person(*themes: str, **needs: Any) -> Person:
    known = {
        "area": "north",
        "language": "en",
        "times": ["weekend", "weekday_morning"],
        "mode": "any",
        "themes": themes,
    }
    return person_of("00000000-0000-4000-8000-000000000001", {**known, **needs}, {}, (), PARENTS)


def a_peer(number: int, **changes: Any) -> Peer:
    made = Peer(
        peer_id=f"00000000-0000-4000-8000-{number:012}",
        partner_id="n",
        places=2,
        areas=frozenset({"north"}),
        modes=frozenset({"in_person", "phone"}),
        times=frozenset({"weekend", "weekday_morning"}),
        languages=frozenset({"en"}),
        is_cleared=True,
    )
    return replace(made, **changes)


def listed(person: Person, peers: list[Peer], length: int = 50) -> Shortlist:
    return shortlist(person, peers, LISTS, WEIGHTS, length)


def a_crowd(chance: Random, size: int = 40) -> list[Peer]:
    return [
        a_peer(
            number,
            entries=tuple((theme, chance.choice(LEVELS)) for theme in PARENTS if chance.random() < 0.5),
            times=frozenset(time for time in LISTS.times if chance.random() < 0.8),
            modes=frozenset(way for way in ("in_person", "phone", "video") if chance.random() < 0.7),
            is_paused=chance.random() < 0.1,
            used=chance.choice([0, 0, 1, 2]),
            gender=chance.choice(["", "woman", "man"]),
        )
        for number in range(size)
    ]


def score(person: Person, peer: Peer, others: list[Peer] | None = None) -> int:
    rare = points.rarity([peer, *(others or [])], PARENTS, WEIGHTS)
    return points.pair_points(person, peer, rare, PARENTS, WEIGHTS)


def test_a_pair_that_shares_all_there_is_has_all_the_points() -> None:
    peer = a_peer(1, entries=(("depression", OPEN), ("grief", OPEN)))
    assert score(a_person("depression", "grief"), peer) == 10_000


def test_the_broader_theme_earns_some_and_the_same_theme_more() -> None:
    person = a_person("depression")
    same, near, far = (
        a_peer(n, entries=((theme, OPEN),)) for n, theme in enumerate(("depression", "loss_of_hope", "grief"))
    )
    assert score(person, same) > score(person, near) > score(person, far)


def test_what_the_person_ranks_first_weighs_most() -> None:
    person = a_person("grief", "hospital")
    assert score(person, a_peer(1, entries=(("grief", OPEN),))) > score(
        person, a_peer(2, entries=(("hospital", OPEN),))
    )


def test_a_rare_theme_weighs_more_than_a_common_one() -> None:
    person = a_person("grief", "hospital", "loss_of_hope")
    crowd = [a_peer(n, entries=(("hospital", OPEN),)) for n in range(40)] + [
        a_peer(n, entries=()) for n in range(40, 80)
    ]
    rare = points.rarity(crowd, PARENTS, WEIGHTS)
    assert rare["loss_of_hope"] < rare["grief"]
    assert rare["grief"] > rare["hospital"]
    assert score(person, a_peer(91, entries=(("grief", OPEN),)), crowd) > score(
        person, a_peer(92, entries=(("hospital", OPEN),)), crowd
    )


def test_rarity_does_not_tell_one_peer_from_four() -> None:
    crowd = [a_peer(n) for n in range(30)]
    weights = []
    for holders in range(5):
        some = [
            replace(peer, entries=(("grief", MATCH_ONLY),)) if n < holders else peer for n, peer in enumerate(crowd)
        ]
        weights.append(points.rarity(some, PARENTS, WEIGHTS)["grief"])
    assert len(set(weights)) == 1


def test_private_entries_are_used_for_nothing_at_all() -> None:
    crowd = [a_peer(n, entries=(("grief", PRIVATE),)) for n in range(9)]
    bare = [replace(peer, entries=()) for peer in crowd]
    assert listed(a_person("grief"), crowd) == listed(a_person("grief"), bare)


def test_without_a_wish_experience_is_the_same_for_every_peer() -> None:
    person = a_person()
    found = {points.experience_points(person, peer, {}, PARENTS, WEIGHTS) for peer in a_crowd(Random(1))}
    assert found == {3500}


def test_waiting_and_load_are_never_in_the_points() -> None:
    person = a_person("grief")
    assert score(person, a_peer(1, places=6, used=0)) == score(person, a_peer(1, places=2, used=1))


def test_points_are_whole_and_within_their_bounds() -> None:
    chance = Random(3)
    for _ in range(50):
        crowd = a_crowd(chance)
        person = a_person(*chance.sample(sorted(PARENTS), chance.randrange(5)))
        rare = points.rarity(crowd, PARENTS, WEIGHTS)
        for peer in crowd:
            found = points.pair_points(person, peer, rare, PARENTS, WEIGHTS)
            assert isinstance(found, int)
            assert 0 <= found <= 10_000


def test_the_order_is_the_same_however_the_peers_come_in() -> None:
    chance = Random(4)
    crowd = a_crowd(chance)
    person = a_person("grief", "depression")
    first = listed(person, crowd)
    for _ in range(10):
        chance.shuffle(crowd)
        assert listed(person, crowd) == first


def test_equal_pairs_stand_in_another_order_for_another_person() -> None:
    crowd = [a_peer(n) for n in range(12)]
    orders = {
        tuple(card.peer_id for card in listed(replace(a_person(), referral_id=f"{n:036}"), crowd).cards)
        for n in range(6)
    }
    assert len(orders) > 1


def test_a_peer_who_fits_only_after_a_question_is_listed_apart() -> None:
    found = listed(a_person(), [a_peer(1), a_peer(2, times=frozenset())])
    assert [card.peer_id[-1] for card in found.cards] == ["1"]
    assert [(card.peer_id[-1], [rule.code for rule in card.to_ask]) for card in found.to_ask] == [("2", ["times"])]


def test_a_safety_note_is_read_before_anyone_is_offered() -> None:
    found = listed(replace(a_person(), read_safety_note=True), [a_peer(1)])
    assert found.cards == ()
    assert [rule.code for rule in found.to_ask[0].to_ask] == ["safety"]


def test_each_rule_says_how_many_it_excludes_and_private_rules_count_together() -> None:
    crowd = [
        a_peer(1, used=2), a_peer(2, used=2, is_paused=True), a_peer(3, is_cleared=False, is_paused=True),
        a_peer(4, not_taken=frozenset({"grief"})), a_peer(5),
    ]  # fmt: skip
    found = listed(a_person("grief"), crowd)
    assert {one.code: one.count for one in found.excluded} == {"capacity": 2, "not_available": 3}
    assert [card.peer_id[-1] for card in found.cards] == ["5"]


def test_more_than_fit_on_the_list_are_counted() -> None:
    found = listed(a_person(), [a_peer(n) for n in range(9)], length=4)
    assert (len(found.cards), found.more_count) == (4, 5)


@pytest.mark.parametrize(
    ("themes", "entries", "strength", "says"),
    [
        (("grief", "hospital"), (("grief", OPEN),), STRONG, "Has been through this too: Grief."),
        (("grief", "hospital"), (("hospital", SHOWN_AT_MATCH),), SOME, "Has been through this too: Hospital."),
        (("depression",), (("loss_of_hope", OPEN),), LITTLE, "Has been through something close: Loss of hope."),
        (
            ("grief",),
            (("grief", MATCH_ONLY),),
            LITTLE,
            "Nothing they show here is the same. That does not mean nothing is.",
        ),
        (("grief",), (), LITTLE, "Nothing they show here is the same. That does not mean nothing is."),
        ((), (("grief", OPEN),), SOME, "The person ranked no experience, so everyone counts alike."),
    ],
)
def test_reasons_come_from_what_a_peer_shows(themes: Any, entries: Any, strength: str, says: str) -> None:
    reason = listed(a_person(*themes), [a_peer(1, entries=entries)]).cards[0].reasons[0]
    assert (reason.strength, reason.says) == (strength, says)


def told(found: Shortlist) -> str:
    """Everything a shortlist says, but for its order."""
    rows = sorted(json.dumps(asdict(card), default=lambda rule: rule.code) for card in (*found.cards, *found.to_ask))
    return json.dumps([rows, [asdict(one) for one in found.excluded], found.more_count])


def plain(found: Shortlist) -> Shortlist:
    return replace(
        found,
        cards=tuple(replace(card, to_ask=()) for card in found.cards),
        to_ask=tuple(replace(card, to_ask=()) for card in found.to_ask),
    )


def test_flipping_one_hidden_entry_changes_the_order_at_most() -> None:
    chance = Random(5)
    moved = 0
    for _, theme in product(range(12), PARENTS):
        crowd = a_crowd(chance)
        person = a_person("grief", "depression")
        before = listed(person, crowd)
        at = chance.randrange(len(crowd))
        rest = tuple(entry for entry in crowd[at].entries if entry[0] != theme)
        if (theme, OPEN) in crowd[at].entries or (theme, SHOWN_AT_MATCH) in crowd[at].entries:
            continue
        was_used = (theme, MATCH_ONLY) in crowd[at].entries
        crowd[at] = replace(crowd[at], entries=rest if was_used else (*rest, (theme, MATCH_ONLY)))
        after = listed(person, crowd)
        assert told(plain(after)) == told(plain(before))
        moved += [card.peer_id for card in after.cards] != [card.peer_id for card in before.cards]
    assert moved, "no flip ever moved the order, so this test proved nothing"
