"""Who may settle what another asked, and until when; by hand from docs/roles.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis import second
from chassis.second import ASKED, CONFIRMED, RAN_OUT, REFUSED, Asking

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=7)


def asked(state: str = ASKED, settled_by: str | None = None) -> Asking:
    return Asking("the subject", "the asker", LATER, state, settled_by)


@pytest.mark.parametrize("state", [CONFIRMED, REFUSED])
def test_another_settles_it_and_the_same_again_changes_nothing(state: str) -> None:
    assert second.may_settle(asked(), "another", state, NOON) is True
    assert second.may_settle(asked(state, "another"), "another", state, NOON) is False


@pytest.mark.parametrize(
    ("asking", "who", "at", "refusal"),
    [
        (asked(), "the asker", NOON, second.OwnAsking),
        (asked(), "the subject", NOON, second.AboutThemselves),
        (asked(), "another", LATER, second.AskingRanOut),
        (asked(RAN_OUT), "another", NOON, second.AskingRanOut),
        (asked(REFUSED, "a third"), "another", NOON, second.AskingOver),
        (asked(CONFIRMED, "a third"), "another", NOON, second.AskingOver),
    ],
)  # fmt: skip
def test_who_may_not_and_when_it_is_too_late(asking: Asking, who: str, at: datetime, refusal: type) -> None:
    with pytest.raises(refusal):
        second.may_settle(asking, who, CONFIRMED, at)
