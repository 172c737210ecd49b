"""What may stand on a work list, in which words, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.home.domain import work

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING: frozenset[str] = frozenset()
NETWORK_CLOCKS = {
    "open_referral",
    "decide_referral",
    "look_at_match",
    "ask_about_referral",
    "plan_supervision",
    "find_supervisor",
    "read_worry",
    "worry_unowned",
    "renew_agreement",
    "confirm_asking",
    "confirm_at_partners",
}


@pytest.mark.parametrize("kind", sorted(work.KINDS))
def test_only_what_the_network_owes_is_ever_late(kind: str) -> None:
    assert work.is_late(kind, NOW - HOUR, NOW) is (kind in NETWORK_CLOCKS)
    assert not work.is_late(kind, NOW, NOW)
    assert not work.is_late(kind, NOW + HOUR, NOW)
    assert not work.is_late(kind, None, NOW)


@pytest.mark.parametrize("restriction", ["consent_withdrawn", "fenced", "forgotten", "partner_suspended"])
@pytest.mark.parametrize("kind", sorted(work.KINDS))
def test_some_restrictions_hide_all(kind: str, restriction: str) -> None:
    assert not work.may_show(kind, frozenset({restriction}), NOW + HOUR, NOW)


@pytest.mark.parametrize("kind", sorted(work.KINDS))
def test_of_a_protected_person_only_what_somebody_must_do_is_shown(kind: str) -> None:
    must = {"open_referral", "decide_referral", "ask_about_referral"}
    assert work.may_show(kind, frozenset({"protected"}), NOW + HOUR, NOW) is (kind in must)
    assert not work.may_show(kind, frozenset({"protected"}), NOW + HOUR, NOW, is_own=True)


@pytest.mark.parametrize("kind", sorted(work.KINDS))
@pytest.mark.parametrize("restriction", ["", "peer_paused", "peer_held_back"])
def test_everything_else_is_shown(kind: str, restriction: str) -> None:
    assert work.may_show(kind, frozenset({restriction}) if restriction else NOTHING, NOW + HOUR, NOW)


@pytest.mark.parametrize(
    ("restrictions", "may"),
    [
        ((), True),
        (("protected",), False),
        (("consent_withdrawn",), False),
        (("fenced",), False),
        (("forgotten",), False),
        (("peer_paused",), True),
    ],
)
def test_who_may_be_named(restrictions: tuple[str, ...], may: bool) -> None:
    assert work.may_name(frozenset(restrictions)) is may


def test_a_meeting_says_one_thing_before_and_another_after() -> None:
    assert work.words("peer_meets", "Jordan", NOW + HOUR, NOW) == "You meet Jordan"
    assert work.words("peer_meets", "Jordan", NOW, NOW) == "If you met Jordan, say so in two taps"
    assert work.words("peer_meets", "", NOW, NOW) == "If you met them, say so in two taps"


def test_a_past_meeting_leaves_the_persons_list() -> None:
    assert work.may_show("person_meets", NOTHING, NOW + HOUR, NOW)
    assert not work.may_show("person_meets", NOTHING, NOW, NOW)


@pytest.mark.parametrize("kind", sorted(work.KINDS))
def test_every_kind_has_words_with_and_without_a_name(kind: str) -> None:
    for due_at in (None, NOW - HOUR, NOW + HOUR):
        named, unnamed = work.words(kind, "Jordan", due_at, NOW), work.words(kind, "", due_at, NOW)
        assert named[0].isupper()
        assert unnamed[0].isupper()
        assert "{" not in named + unnamed
        assert "Jordan" not in unnamed


@pytest.mark.parametrize("kind", [kind for kind in sorted(work.KINDS) if "worry" in kind])
def test_a_worry_names_nobody(kind: str) -> None:
    assert "Jordan" not in work.words(kind, "Jordan", NOW, NOW)


def test_late_ones_stand_first_longest_late_before_then_by_due_time_then_by_age() -> None:
    rows = {
        "late by a day": ("open_referral", NOW - timedelta(days=1), NOW),
        "late by an hour": ("read_worry", NOW - HOUR, NOW),
        "a peer's, past": ("answer_offer", NOW - timedelta(days=9), NOW),
        "due soon": ("open_referral", NOW + HOUR, NOW),
        "due later": ("plan_supervision", NOW + 2 * HOUR, NOW),
        "old, no time": ("find_peer", None, NOW - timedelta(days=40)),
        "new, no time": ("find_peer", None, NOW - timedelta(days=4)),
    }
    shuffled = sorted(rows, key=lambda name: name[::-1])
    assert sorted(shuffled, key=lambda name: work.place_in_list(*rows[name], NOW)) == list(rows)
