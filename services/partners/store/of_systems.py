"""Partners' systems, their keys, and the numbers of signed statements that were used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .of_organisations import within
from .tables import api_keys, system_keys, systems, used_numbers

# ---- systems


def systems_listed(scope: Scope, unit: Unit, partner_id: str) -> Sequence[Any]:
    """A partner's systems in the order they were registered."""
    query = within(scope, sa.select(systems), systems).where(systems.c.partner_id == partner_id)
    return unit.connection.execute(query.order_by(systems.c.registered_at, systems.c.system_id)).all()


def systems_count(scope: Scope, unit: Unit, partner_id: str) -> int:
    """How many systems of a partner are open."""
    query = within(scope, sa.select(sa.func.count()).select_from(systems), systems)
    open_ones = (systems.c.partner_id == partner_id, systems.c.state == "active")
    return int(unit.connection.execute(query.where(*open_ones)).scalar_one())


def system(scope: Scope, unit: Unit, partner_id: str, system_id: str) -> Any:
    """One system of one partner; NotFound when it is not there or not within reach."""
    same = (systems.c.system_id == system_id, systems.c.partner_id == partner_id)
    row = unit.connection.execute(within(scope, sa.select(systems), systems).where(*same)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def system_by_id(scope: Scope, unit: Unit, system_id: str) -> Any:
    """The system of this id, or None; asked on the room's own behalf, before anybody is somebody."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(sa.select(systems).where(systems.c.system_id == system_id)).one_or_none()


def add_system(unit: Unit, **row: Any) -> None:
    """Adds a system."""
    unit.connection.execute(sa.insert(systems).values(row))


def change_system(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes a system that is still at the state it was read at; false when somebody was faster."""
    same = (systems.c.system_id == row.system_id, systems.c.partner_id == row.partner_id, systems.c.state == row.state)
    return unit.connection.execute(sa.update(systems).where(*same).values(**columns)).rowcount == 1


def held_system(scope: Scope, connection: sa.Connection, system_id: str) -> dict[str, int]:
    """What holds a system back, as this room's own records say."""
    if scope.reach != "network":
        return {}
    query = sa.select(systems.c.state, systems.c.passes_from).where(systems.c.system_id == system_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return {}
    return {"passes": row.passes_from} | ({} if row.state == "active" else {"account": 1})


# ---- their keys


def public_keys_of(scope: Scope, unit: Unit, system_id: str) -> Sequence[Any]:
    """The public keys of a system that are good, in the order they were added."""
    if scope.reach == "none":
        return ()
    good = (system_keys.c.system_id == system_id, system_keys.c.revoked_at.is_(None))
    query = sa.select(system_keys).where(*good).order_by(system_keys.c.added_at, system_keys.c.key_id)
    return unit.connection.execute(query).all()


def api_keys_of(scope: Scope, unit: Unit, system_id: str) -> Sequence[Any]:
    """The API keys of a system that were not revoked, in the order they were made; some may have run out."""
    if scope.reach == "none":
        return ()
    good = (api_keys.c.system_id == system_id, api_keys.c.revoked_at.is_(None))
    query = sa.select(api_keys).where(*good).order_by(api_keys.c.made_at, api_keys.c.prefix)
    return unit.connection.execute(query).all()


def keys_listed(scope: Scope, unit: Unit, system_id: str) -> list[dict[str, Any]]:
    """Every key of a system that was not revoked, of either kind, by what names it; no secret and no key itself."""
    own = [
        {"key": row.key_id, "since": row.added_at, "ends_at": None, "used_on": None}
        for row in public_keys_of(scope, unit, system_id)
    ]
    return own + [
        {"key": row.prefix, "since": row.made_at, "ends_at": row.ends_at, "used_on": row.used_on}
        for row in api_keys_of(scope, unit, system_id)
    ]


def key_ids_of(scope: Scope, unit: Unit, system_id: str) -> set[str]:
    """The ids of all public keys a system ever had."""
    if scope.reach == "none":
        return set()
    query = sa.select(system_keys.c.key_id).where(system_keys.c.system_id == system_id)
    return set(unit.connection.execute(query).scalars())


def add_public_keys(unit: Unit, rows: Sequence[dict[str, Any]]) -> None:
    """Adds public keys."""
    unit.connection.execute(sa.insert(system_keys), list(rows))


def add_api_key(unit: Unit, **row: Any) -> bool:
    """Adds an API key by the hash of its secret; false when its prefix is taken."""
    return insert_or_ignore(unit.connection, api_keys, [{**row, "revoked_at": None, "used_on": None}]) == 1


def api_key_by_prefix(scope: Scope, unit: Unit, prefix: str) -> Any:
    """The API key of this prefix, revoked or not, or None; asked on the room's own behalf."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(sa.select(api_keys).where(api_keys.c.prefix == prefix)).one_or_none()


def extend_api_key(unit: Unit, prefix: str, ends_at: datetime) -> None:
    """Lets an API key last until then."""
    unit.connection.execute(sa.update(api_keys).where(api_keys.c.prefix == prefix).values(ends_at=ends_at))


def revoke_key(unit: Unit, system_id: str, name: str) -> bool:
    """Revokes the key of a system that has this id or prefix; false when there is none such, or it was revoked."""
    changed = 0
    for table, column in ((system_keys, system_keys.c.key_id), (api_keys, api_keys.c.prefix)):
        same = (table.c.system_id == system_id, column == name, table.c.revoked_at.is_(None))
        changed += unit.connection.execute(sa.update(table).where(*same).values(revoked_at=unit.now)).rowcount
    return changed > 0


def note_use(unit: Unit, prefix: str) -> bool:
    """Notes the day an API key is used; false when it was revoked meanwhile."""
    good = (api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
    today = unit.now.date()
    return unit.connection.execute(sa.update(api_keys).where(*good).values(used_on=today)).rowcount == 1


# ---- good once


def use_number(unit: Unit, system_id: str, number: str, until: datetime) -> bool:
    """Uses up the number of a signed statement, by adding it and nothing else; false when it was used before."""
    return insert_or_ignore(unit.connection, used_numbers, [
        {"system_id": system_id, "number": number, "until": until}
    ]) == 1  # fmt: skip


def drop_used_numbers(unit: Unit, before: datetime) -> int:
    """Lets go of numbers whose statements are refused as too old."""
    return unit.connection.execute(sa.delete(used_numbers).where(used_numbers.c.until <= before)).rowcount
