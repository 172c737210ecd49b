"""Who somebody is at an identity provider, sign-ins that were begun there, and its tokens that were heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.access import Scope
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .tables import begun, identities, logout_tokens, sessions

# ---- identities


def account_of_identity(scope: Scope, unit: Unit, issuer: str, subject: str) -> str | None:
    """The account somebody at a provider is linked to, or None; asked on the room's own behalf."""
    if scope.reach != "network":
        return None
    same = (identities.c.issuer == issuer, identities.c.subject == subject)
    found: str | None = unit.connection.execute(sa.select(identities.c.account_id).where(*same)).scalar_one_or_none()
    return found


def link_identity(unit: Unit, issuer: str, subject: str, account_id: str) -> bool:
    """Links somebody at a provider to an account in place of whom it was linked to; false when they have another."""
    same = (identities.c.issuer == issuer, identities.c.account_id == account_id)
    unit.connection.execute(sa.delete(identities).where(*same))
    row = {"issuer": issuer, "subject": subject, "account_id": account_id, "linked_at": unit.now}
    return insert_or_ignore(unit.connection, identities, [row]) == 1


# ---- sign-ins that were begun


def add_begun(unit: Unit, **row: Any) -> None:
    """Keeps that a sign-in was begun."""
    unit.connection.execute(sa.insert(begun).values(row))


def begun_from(scope: Scope, unit: Unit, address: str) -> int:
    """How many sign-ins begun from an address are open."""
    if scope.reach != "network":
        return 0
    query = sa.select(sa.func.count()).where(begun.c.address == address, begun.c.ends_at > unit.now)
    return int(unit.connection.execute(query).scalar_one())


def begun_by_hash(scope: Scope, unit: Unit, hashed: str, browser: str) -> Any:
    """A sign-in that was begun in this browser and is open, or None."""
    if scope.reach != "network":
        return None
    same = (begun.c.hash == hashed, begun.c.browser == browser, begun.c.ends_at > unit.now)
    return unit.connection.execute(sa.select(begun).where(*same)).one_or_none()


def use_begun(unit: Unit, hashed: str) -> bool:
    """Takes it away; false when somebody was faster."""
    return unit.connection.execute(sa.delete(begun).where(begun.c.hash == hashed)).rowcount == 1


# ---- sign-outs by the provider


def add_logout_token(unit: Unit, hashed: str, ends_at: datetime) -> bool:
    """Keeps that a token was heard; false when it was before."""
    return insert_or_ignore(unit.connection, logout_tokens, [{"hash": hashed, "ends_at": ends_at}]) == 1


def sessions_at_provider(sids: Sequence[str]) -> sa.ColumnElement[bool]:
    """Sessions that came from these sessions of a provider."""
    return sessions.c.provider_sid.in_(sids)


def drop_what_ran_out(unit: Unit) -> int:
    """Lets go of what was begun and not answered, and of tokens nobody can send again."""
    return sum(
        unit.connection.execute(sa.delete(table).where(table.c.ends_at <= unit.now)).rowcount
        for table in (begun, logout_tokens)
    )
