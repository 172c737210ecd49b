"""The rules of handing over: nobody leaves while owning a clock, and what they own goes to somebody who may own it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chassis.errors import Conflict, Invalid

WORRY, SESSION, PEER = "worry", "session", "peer"
# One and many of each kind, as a page says them.
WORDS: Mapping[str, tuple[str, str]] = {
    WORRY: ("open worry", "open worries"),
    SESSION: ("planned session", "planned sessions"),
    PEER: ("peer to supervise", "peers to supervise"),
}
# The roles by which each kind may be owned; one of them is enough.
_BY: Mapping[str, frozenset[str]] = {
    WORRY: frozenset({"supervisor", "coordinator", "safeguarding_lead", "network_lead"}),
    SESSION: frozenset({"supervisor"}),
    PEER: frozenset({"supervisor"}),
}


class OwnsOpenWork(Conflict):
    """Somebody with open work stays until it is another's."""

    says = "They have open work. Hand it over first."


class CannotTakeOver(Invalid):
    """Whoever takes over may own what is handed over."""

    where = "to_id"
    says = "Choose somebody else of this partner with an open account who holds the same role."


def in_words(in_hand: Mapping[str, int]) -> str:
    """What somebody has in hand: `2 open worries, 1 planned session`."""
    found = [(count, WORDS[kind]) for kind, count in sorted(in_hand.items()) if count]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, (one, many) in found)


def check_may_leave(in_hand: Mapping[str, int]) -> None:
    """Refuses to close the account of somebody who has something in hand, and says what."""
    if any(in_hand.values()):
        raise OwnsOpenWork(
            f"They have {in_words(in_hand)} in hand. Hand everything over first, then close the account."
        )


def check_may_take(
    from_id: str, to_id: str, *, is_fit: bool, held: Collection[str], in_hand: Mapping[str, int]
) -> None:
    """Refuses somebody who may not own what is handed over.

    `is_fit` says that they are of the same partner, with an open account; `held` are their roles.
    """
    lacks = any(count and not _BY[kind] & set(held) for kind, count in in_hand.items())
    if from_id == to_id or not is_fit or lacks:
        raise CannotTakeOver()
