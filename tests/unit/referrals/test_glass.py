"""Who sees how much of a record, by hand from docs/roles.md: relation, protection, and glass that is broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Invalid
from services.referrals.domain import glass
from services.referrals.domain.glass import Sight, related, sight

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOLDS, WALKS, GLASS = "holds_referral", "walks_with", "glass"


@pytest.mark.parametrize(
    ("relations", "is_protected", "sees"),
    [
        # no relation: what the referral says but what keeps everyone safe; of somebody protected nothing
        (set(), False, Sight(safety=False, whole=True, reached=True, is_broken=False)),
        (set(), True, Sight(safety=False, whole=False, reached=False, is_broken=False)),
        # a relation: all but place and contact of somebody protected
        ({HOLDS}, False, Sight(safety=True, whole=True, reached=True, is_broken=False)),
        ({HOLDS}, True, Sight(safety=True, whole=True, reached=False, is_broken=False)),
        ({WALKS}, True, Sight(safety=True, whole=True, reached=False, is_broken=False)),
        # broken glass: also how somebody protected is reached, and it is said that it was broken
        ({GLASS}, False, Sight(safety=True, whole=True, reached=True, is_broken=True)),
        ({GLASS}, True, Sight(safety=True, whole=True, reached=True, is_broken=True)),
        ({HOLDS, GLASS}, True, Sight(safety=True, whole=True, reached=True, is_broken=True)),
        ({HOLDS, GLASS}, False, Sight(safety=True, whole=True, reached=True, is_broken=True)),
    ],
)  # fmt: skip
def test_how_much_is_seen(relations: set[str], is_protected: bool, sees: Sight) -> None:
    assert sight(relations, GLASS, is_protected=is_protected) == sees


def test_a_relation_counts_only_in_a_role_it_is_for() -> None:
    counts_for = {HOLDS: {"coordinator"}, GLASS: {"coordinator", "network_lead"}}
    assert related({HOLDS, GLASS}, {"coordinator"}, counts_for) == {HOLDS, GLASS}
    # Somebody who was a coordinator yesterday works with nobody in that role today.
    assert related({HOLDS, GLASS}, {"network_lead"}, counts_for) == {GLASS}
    assert related({HOLDS, GLASS}, {"privacy_officer"}, counts_for) == set()
    assert related({"neighbour"}, {"coordinator"}, counts_for) == set()


@pytest.mark.parametrize(
    ("reason", "words", "wrong"),
    [
        ("danger_now", "a" * 9, ["words"]), ("danger_now", " " * 5 + "a" * 9 + " " * 5, ["words"]),
        ("danger_now", "a" * 301, ["words"]), ("curious", "a" * 10, ["reason"]), ("", "", ["reason", "words"]),
    ],
)  # fmt: skip
def test_a_reason_is_listed_and_said_in_words(reason: str, words: str, wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        glass.check_reason(reason, words, ("danger_now",))
    assert [fault.where for fault in refused.value.faults] == wrong


@pytest.mark.parametrize("words", ["a" * 10, "a" * 300, "  she does not answer the door  "])
def test_ten_to_three_hundred_characters_are_enough(words: str) -> None:
    assert glass.check_reason("danger_now", words, ("danger_now",)) == words.strip()


def test_it_ends_by_itself() -> None:
    assert glass.ends_at(NOON, 60) == NOON + timedelta(hours=1)


def test_nobody_sees_to_an_opening_of_their_own_or_twice() -> None:
    glass.check_seeing_to("open", "opener", "officer")
    with pytest.raises(glass.OwnOpening):
        glass.check_seeing_to("open", "officer", "officer")
    with pytest.raises(glass.OpeningSeenTo):
        glass.check_seeing_to("settled", "opener", "officer")


def test_oneself_is_known_by_marks_and_what_is_not_known_is_nobody() -> None:
    assert glass.is_oneself("a mark", "a mark")
    assert not glass.is_oneself("a mark", "another")
    assert not glass.is_oneself(None, None)
