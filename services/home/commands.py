"""Home's part of the `beenthere` command: the heads of other rooms' audit trails, as they were heard."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.audit.heads import Head
from chassis.audit.telling import kept_head
from chassis.unit import Unit

from . import store


def kept_heads(unit: Unit, room: str) -> Sequence[Head]:
    """The heads a room stated, oldest first."""
    return [kept_head(row) for row in store.heads_of(unit.scope, unit, room)]
