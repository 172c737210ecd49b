"""Who has what in hand, as other rooms say."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import put
from chassis.unit import Unit

from .tables import in_hand


def in_hand_of(scope: Scope, unit: Unit, account_id: str) -> dict[str, int]:
    """How many things of each kind an account has in hand; whoever asks for their own sees their own alone."""
    if scope.reach == "none" or (scope.reach == "own" and scope.own_id != account_id):
        return {}
    query = sa.select(in_hand.c.kind, sa.func.count()).where(in_hand.c.owner_id == account_id)
    return {kind: count for kind, count in unit.connection.execute(query.group_by(in_hand.c.kind))}


def keep_in_hand(unit: Unit, kind: str, thing_id: str, owner_id: str | None) -> None:
    """Keeps who has a thing in hand now; nobody when there is no owner."""
    if owner_id:
        put(unit.connection, in_hand, {"kind": kind, "thing_id": thing_id, "owner_id": owner_id})
    else:
        same = (in_hand.c.kind == kind, in_hand.c.thing_id == thing_id)
        unit.connection.execute(sa.delete(in_hand).where(*same))
