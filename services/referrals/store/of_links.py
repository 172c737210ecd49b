"""Private links of people: which were made, and until when they work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis import told
from chassis.access import Scope
from chassis.unit import Unit

from .tables import links


def links_living(scope: Scope, unit: Unit, person_id: str) -> Sequence[Any]:
    """The links of a person that work, the newest first; one at most, unless two were made at one moment."""
    if scope.reach != "network":
        return ()
    living = (links.c.person_id == person_id, links.c.revoked_at.is_(None), links.c.ends_at > unit.now)
    query = told.heeded(scope, sa.select(links).where(*living), links.c.person_id)
    return unit.connection.execute(query.order_by(links.c.minted_at.desc(), links.c.link_id)).all()


def link_of(scope: Scope, unit: Unit, person_id: str) -> Any:
    """The newest link of a person that works, or None."""
    return next(iter(links_living(scope, unit, person_id)), None)


def add_link(unit: Unit, **row: Any) -> None:
    """Adds a link."""
    unit.connection.execute(sa.insert(links).values(**row, revoked_at=None))


def revoke_link(unit: Unit, link_id: str) -> bool:
    """Notes that a link works no more; false when that was so."""
    same = (links.c.link_id == link_id, links.c.revoked_at.is_(None))
    return unit.connection.execute(sa.update(links).where(*same).values(revoked_at=unit.now)).rowcount == 1
