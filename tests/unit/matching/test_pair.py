"""The hard rules of a pair, one by one, and together; expected answers are written from rules.md, Matching."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.matching.domain import pair
from services.matching.domain.pair import ASK, FITS, NOT, Peer, Person, standing

PARENTS = {"trauma": "", "violence_at_home": "trauma", "grief": ""}

PERSON = Person(
    referral_id="r1",
    area="north",
    languages=frozenset({"en"}),
    times=frozenset({"weekend"}),
    mode="any",
    themes=("grief",),
)
PEER = Peer(
    peer_id="p1",
    partner_id="n1",
    places=2,
    used=1,
    areas=frozenset({"north"}),
    modes=frozenset({"in_person", "phone"}),
    times=frozenset({"weekend", "weekday_morning"}),
    languages=frozenset({"en", "ur"}),
    gender="woman",
    is_cleared=True,
)


def codes(person: Person = PERSON, peer: Peer = PEER) -> list[str]:
    return [rule.code for rule in standing(person, peer).excluded_by]


def asked(person: Person = PERSON, peer: Peer = PEER) -> list[str]:
    return [rule.code for rule in standing(person, peer).to_ask]


def test_an_ordinary_pair_fits_and_nothing_is_asked() -> None:
    assert (codes(), asked()) == ([], [])


@pytest.mark.parametrize(
    ("rule", "person", "peer", "answer"),
    [
        (pair.has_a_place, {}, {"used": 2}, NOT),
        (pair.has_a_place, {}, {"places": 0, "used": 0}, NOT),
        (pair.has_a_place, {}, {"places": 1, "used": 3}, NOT),
        (pair.times_overlap, {"times": frozenset({"weekday_evening"})}, {}, NOT),
        (pair.times_overlap, {"times": frozenset()}, {}, ASK),
        (pair.times_overlap, {}, {"times": frozenset()}, ASK),
        (pair.can_understand_each_other, {"languages": frozenset({"pl"})}, {}, NOT),
        (pair.can_understand_each_other, {"languages": frozenset({"pl", "ur"})}, {}, FITS),
        (pair.can_understand_each_other, {"languages": frozenset({"pl"}), "interpreter": True}, {}, FITS),
        (pair.can_understand_each_other, {"languages": frozenset()}, {}, ASK),
        (pair.can_understand_each_other, {}, {"languages": frozenset()}, ASK),
        (pair.is_of_the_gender_asked_for, {"peer_gender": "woman"}, {}, FITS),
        (pair.is_of_the_gender_asked_for, {"peer_gender": "man"}, {}, NOT),
        (pair.is_of_the_gender_asked_for, {"peer_gender": "man"}, {"gender": ""}, ASK),
        (pair.is_of_the_gender_asked_for, {}, {"gender": ""}, FITS),
        (pair.can_meet, {"mode": "video"}, {}, NOT),
        (pair.can_meet, {"mode": "phone"}, {}, FITS),
        (pair.can_meet, {"mode": "in_person", "area": "coast"}, {}, NOT),
        (pair.can_meet, {"mode": "in_person", "area": ""}, {}, ASK),
        (pair.can_meet, {"mode": "in_person"}, {"areas": frozenset()}, ASK),
        (pair.can_meet, {"area": "coast"}, {}, FITS),
        (pair.can_meet, {}, {"modes": frozenset()}, ASK),
        (pair.fits_the_age_group, {"age_band": "65+"}, {"age_bands": frozenset({"18-24"})}, NOT),
        (pair.fits_the_age_group, {"age_band": "unknown"}, {"age_bands": frozenset({"18-24"})}, ASK),
        (pair.fits_the_age_group, {"age_band": "18-24"}, {"age_bands": frozenset({"18-24"})}, FITS),
        (pair.fits_the_age_group, {"age_band": "unknown"}, {}, FITS),
        (pair.has_no_conflict, {"conflicts": frozenset({"p1"})}, {}, NOT),
        (pair.is_someone_new, {"not_again": frozenset({"p1"})}, {}, NOT),
        (pair.is_cleared, {}, {"is_cleared": False}, NOT),
        (pair.is_cleared, {}, {"is_suspended": True}, NOT),
        (pair.is_not_on_a_break, {}, {"is_paused": True}, NOT),
        (pair.takes_the_topics, {}, {"not_taken": frozenset({"grief"})}, NOT),
        (pair.takes_the_topics, {}, {"not_taken": frozenset({"trauma"})}, FITS),
    ],
)
def test_each_rule_alone(rule: Any, person: dict[str, Any], peer: dict[str, Any], answer: str) -> None:
    assert rule(replace(PERSON, **person), replace(PEER, **peer)) == answer


def test_a_topic_not_taken_covers_the_narrower_ones_below_it() -> None:
    person = pair.person_of("r1", {"themes": ["violence_at_home"]}, {}, (), PARENTS)
    assert pair.takes_the_topics(person, replace(PEER, not_taken=frozenset({"trauma"}))) == NOT
    broad = pair.person_of("r1", {"themes": ["trauma"]}, {}, (), PARENTS)
    assert pair.takes_the_topics(broad, replace(PEER, not_taken=frozenset({"violence_at_home"}))) == FITS


def test_private_rules_are_one_and_the_same_to_everyone_else() -> None:
    told = set()
    for change in (
        {"is_cleared": False},
        {"is_paused": True},
        {"not_taken": frozenset({"grief"})},
        {"is_suspended": True},
    ):
        rules = standing(PERSON, replace(PEER, **change)).excluded_by
        told |= {(rule.code, rule.says) for rule in rules}
    assert told == {(pair.NOT_AVAILABLE, "Not available just now")}


def test_a_peer_nobody_ever_cleared_is_not_available() -> None:
    assert codes(peer=replace(PEER, is_cleared=False)) == [pair.NOT_AVAILABLE]


def test_a_person_of_whom_nothing_is_known_fits_nobody_without_asking() -> None:
    nobody_known = pair.person_of("r2", {}, {}, (), PARENTS)
    assert codes(nobody_known) == []
    assert asked(nobody_known) == ["times", "language"]


def test_every_rule_says_why_in_plain_words_and_every_question_can_be_asked() -> None:
    for rule in pair.RULES:
        assert rule.says
        assert rule.check.__doc__
    assert pair.ASKABLE == ("times", "language", "gender", "place", "age_group")


def test_needs_are_read_as_they_travel() -> None:
    needs = {
        "area": "city", "language": "pl", "other_languages": ["en"], "interpreter": True, "times": ["weekend"],
        "mode": "phone", "peer_gender": "man", "age_band": "25-34", "themes": ["violence_at_home", "grief"],
    }  # fmt: skip
    found = pair.person_of("r1", needs, {"conflicts": ["p9"], "note_code": "check"}, ["p8"], PARENTS)
    assert found == Person(
        referral_id="r1", area="city", languages=frozenset({"pl", "en"}), interpreter=True,
        times=frozenset({"weekend"}),
        mode="phone", peer_gender="man", age_band="25-34", themes=("violence_at_home", "grief"),
        conflicts=frozenset({"p9"}), not_again=frozenset({"p8"}), read_safety_note=True, broader=frozenset({"trauma"}),
    )  # fmt: skip
