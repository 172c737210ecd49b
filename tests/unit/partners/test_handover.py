"""Nobody leaves while owning a clock, and what they own goes to somebody who may own it."""

from __future__ import annotations

import pytest

from services.partners.domain import handover


def test_whoever_has_nothing_in_hand_may_leave() -> None:
    handover.check_may_leave({})
    handover.check_may_leave({"worry": 0})


def test_whoever_has_something_in_hand_is_told_how_many_of_which_kind() -> None:
    with pytest.raises(handover.OwnsOpenWork) as refused:
        handover.check_may_leave({"worry": 2, "session": 1, "peer": 3})
    assert "3 peers to supervise, 1 planned session, 2 open worries" in refused.value.says


@pytest.mark.parametrize(
    ("to_id", "is_fit", "held", "in_hand"),
    [
        ("from", True, {"supervisor"}, {}),
        ("to", False, {"supervisor"}, {}),
        ("to", True, {"coordinator"}, {"session": 1}),
        ("to", True, {"coordinator"}, {"peer": 1, "worry": 1}),
        ("to", True, {"referrer", "peer"}, {"worry": 1}),
    ],
)
def test_whoever_may_not_own_it_does_not_take_it(
    to_id: str, is_fit: bool, held: set[str], in_hand: dict[str, int]
) -> None:
    with pytest.raises(handover.CannotTakeOver):
        handover.check_may_take("from", to_id, is_fit=is_fit, held=held, in_hand=in_hand)


@pytest.mark.parametrize(
    ("held", "in_hand"), [({"supervisor"}, {"peer": 2, "session": 1, "worry": 1}), ({"referrer"}, {"worry": 0})]
)
def test_whoever_may_own_it_takes_it(held: set[str], in_hand: dict[str, int]) -> None:
    handover.check_may_take("from", "to", is_fit=True, held=held, in_hand=in_hand)
