"""How facts read on a timeline: in words for every code, and with nothing that is somebody's own business."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chassis.events.shapes import shape_of
from contracts import matching, referrals, support
from contracts.hearers import EVERY_FACT
from services.home.domain import telling

# Said of no referral, of a person's own way in, or by a peer of themselves, or kept apart from the person on purpose.
NOT_TOLD = {
    "person.protected",
    "person.unprotected",
    "equity.stated",
    "look.flagged",
    "look.settled",
    "link.minted",
    "link.revoked",
    "word.chosen",
    "glass.broken",
    "glass.seen_to",
    "confirmation.asked",
    "confirmation.settled",
    "peer.joined",
    "capacity.stated",
    "peer.paused",
    "peer.resumed",
}
TOLD = [
    kind
    for kind in (*referrals.FACTS, *matching.FACTS, *support.FACTS)
    if kind.FACT.name not in NOT_TOLD  # type: ignore[attr-defined]
]


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: str(kind.FACT.name))
def test_every_fact_of_a_referral_reads_as_a_sentence_for_every_code(kind: Any) -> None:
    fields = shape_of(kind)
    coded = [shape for shape in fields if shape.codes or shape.holds is bool]
    optional = [shape for shape in fields if shape.is_optional and shape.name.endswith("_id")]
    ways = [shape.codes or (True, False) for shape in coded] + [("some id", None) for _ in optional]
    for values in itertools.product(*ways):
        given = dict(zip([shape.name for shape in (*coded, *optional)], values, strict=True))
        told = telling.tell(kind.FACT.name, telling.details_of(kind.FACT.name, given))
        assert told is not None
        words, who = told
        assert words[0].isupper()
        assert words.endswith(".")
        assert who
        assert "_" not in words + who
        assert "{" not in words + who


@pytest.mark.parametrize("kind", EVERY_FACT, ids=lambda kind: str(kind.FACT.name))
def test_what_is_told_is_codes_alone(kind: Any) -> None:
    secret = "a secret that is in every field"
    given = {shape.name: secret for shape in shape_of(kind) if shape.holds is str and not shape.codes}
    kept = telling.details_of(kind.FACT.name, given)
    assert secret not in kept.values()


@pytest.mark.parametrize(
    "kind",
    [kind for kind in EVERY_FACT if kind.FACT.owner in {"supervision", "any", "partners", "reporting"}],  # type: ignore[attr-defined]
)
def test_worries_supervision_and_protection_have_no_place_on_a_timeline(kind: Any) -> None:
    assert telling.tell(kind.FACT.name, {}) is None
    for name in NOT_TOLD:
        assert telling.tell(name, {}) is None


@pytest.mark.parametrize("code", ["peer_paused", "peer_held_back"])
def test_why_a_peer_is_not_available_is_not_even_kept(code: str) -> None:
    kept = telling.details_of("match.released", {"peer_id": "p", "code": code})
    assert kept == {"has_peer": True, "code": "not_available"}
    assert telling.tell("match.released", kept) == ("One option was let go: not available.", "Network")


def test_a_code_of_a_later_version_is_said_as_it_is() -> None:
    assert telling.tell("referral.closed", {"outcome": "moved_away"}) == ("The referral ended: moved away.", "Network")


@pytest.mark.parametrize(
    ("name", "given", "words", "who"),
    [
        ("referral.received", {"door": "web", "is_incomplete": True},
         "The referral came in by the web page. Some things were not yet known.", "Partner"),
        ("match.answered", {"side": "person", "answer": "yes", "how": "by_phone"},
         "Said yes, by phone.", "Person"),
        ("match.released", {"code": "hold_lapsed"}, "The match was let go: the hold ran out.", "Network"),
        ("support.ended", {"ending": "planned", "agreed_by": "both", "wants_return": True},
         "Support ended: as planned. The person would like to come back.", "Person and peer"),
    ],
)  # fmt: skip
def test_some_facts_word_for_word(name: str, given: dict[str, Any], words: str, who: str) -> None:
    assert telling.tell(name, telling.details_of(name, given)) == (words, who)
