"""Named points at which the chaos suite kills a process; in a house that runs, passing one does nothing."""

from __future__ import annotations

from collections.abc import Callable

# What lies around each write, publish, delete, commit and note of a place, by who passes it. A name says `before` or
# `after`, so that no gap between two steps is without one.
EVERYWHERE = (
    "web.begun", "web.before_commit", "web.after_commit",
    "tick.begun", "tick.before_commit", "tick.after_commit",
    "clock.before_claim", "clock.after_claim",
    "state.before_number", "state.after_number", "rows.before_write", "rows.after_write",
    "answer.before_write", "answer.after_write",
    "relay.before_take", "relay.after_take", "relay.before_publish", "relay.after_publish",
    "relay.before_delete", "relay.after_delete", "relay.after_commit",
    "listen.arrived", "listen.begun", "listen.before_effect", "listen.after_effect",
    "listen.before_brake", "listen.after_brake",
    "listen.before_waiting", "listen.after_waiting", "listen.before_settling", "listen.after_settling",
    "listen.before_parking", "listen.after_parking",
    "listen.before_turn", "listen.after_turn", "listen.before_place", "listen.after_place",
    "listen.before_commit", "listen.after_commit", "listen.before_hint", "listen.after_hint",
)  # fmt: skip
EMBEDDED = ("log.before_write", "log.before_commit", "log.after_commit")
# Of the key store, where tests of its own stop it (tests/integration/chassis/test_key_rotation.py).
KEYS = (
    "rotate.before_begin", "rotate.after_begin", "rotate.after_batch", "rotate.before_destroy", "rotate.after_destroy",
    "keys.before_ledger", "keys.after_ledger", "keys.after_gravestone",
)  # fmt: skip
KAFKA = ("kafka.before_send", "kafka.after_send", "kafka.after_acknowledgement")

_act: Callable[[str], None] | None = None


def hit(point: str) -> None:
    """Passes a named point."""
    if _act is not None:
        _act(point)


def arm(act: Callable[[str], None] | None) -> None:
    """Has every point do something from now on; None makes all of them do nothing again."""
    global _act
    _act = act
