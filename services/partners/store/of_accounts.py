"""Accounts, and how their owners show who they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.access import Principal, Scope
from chassis.errors import NotFound
from chassis.rows import insert_or_ignore
from chassis.unit import Unit

from .of_organisations import within
from .of_systems import held_system
from .tables import accounts, partners, passwords, recovery_codes, second_factors, sessions


def accounts_listed(scope: Scope, unit: Unit, partner_id: str) -> Sequence[Any]:
    """A partner's accounts in the order they were opened, without those that are only asked for."""
    theirs = (accounts.c.partner_id == partner_id, accounts.c.state != "asked")
    query = within(scope, sa.select(accounts), accounts).where(*theirs)
    return unit.connection.execute(query.order_by(accounts.c.opened_at, accounts.c.account_id)).all()


def account(scope: Scope, unit: Unit, account_id: str) -> Any:
    """One account; NotFound when it is not there or not within reach. `own` reaches one's own alone."""
    query = sa.select(accounts).where(accounts.c.account_id == account_id)
    if scope.reach == "own":
        query = query.where(accounts.c.account_id == (scope.own_id or ""))
    else:
        query = within(scope, query, accounts)
    row = unit.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def add_account(unit: Unit, **row: Any) -> bool:
    """Adds an account; false when its login is taken."""
    return insert_or_ignore(unit.connection, accounts, [row]) == 1


def change_account(unit: Unit, row: Any, **columns: Any) -> bool:
    """Changes an account that is still at the state it was read at; false when somebody was faster."""
    same = (
        accounts.c.account_id == row.account_id,
        accounts.c.partner_id == row.partner_id,
        accounts.c.state == row.state,
    )
    return unit.connection.execute(sa.update(accounts).where(*same).values(**columns)).rowcount == 1


def drop_account(unit: Unit, partner_id: str, account_id: str) -> None:
    """Takes an account away that was asked for and never opened."""
    same = (accounts.c.account_id == account_id, accounts.c.partner_id == partner_id, accounts.c.state == "asked")
    unit.connection.execute(sa.delete(accounts).where(*same))


def account_by_login(scope: Scope, unit: Unit, login: str) -> Any:
    """The account that signs in with this, or None; asked on the room's own behalf, before anybody is somebody."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(sa.select(accounts).where(accounts.c.login == login)).one_or_none()


def held_on(scope: Scope, connection: sa.Connection, who: Principal) -> dict[str, int]:
    """What holds somebody back, as this room's own records say: it needs no fact to know it."""
    held: dict[str, int] = {}
    if scope.reach != "network":
        return held
    if who.kind == "account":
        query = sa.select(accounts.c.state, accounts.c.passes_from).where(accounts.c.account_id == who.id)
        row = connection.execute(query).one_or_none()
        if row is not None:
            held["passes"] = row.passes_from
        if row is not None and row.state == "disabled":
            held["account"] = 1
    if who.kind == "system":
        held |= held_system(scope, connection, who.id)
    if who.session:
        ended = sa.select(sessions.c.ended_at).where(sessions.c.handle == who.session)
        row = connection.execute(ended).one_or_none()
        if row is None or row.ended_at is not None:
            held["account"] = 1
    if who.partner_id:
        state = sa.select(partners.c.state).where(partners.c.partner_id == who.partner_id)
        if connection.execute(state).scalar_one_or_none() == "suspended":
            held["partner"] = 1
    return held


# ---- what they know and have


def password_of(scope: Scope, unit: Unit, account_id: str) -> str | None:
    """The hash of an account's password, or None."""
    if scope.reach != "network":
        return None
    found: str | None = unit.connection.execute(
        sa.select(passwords.c.hash).where(passwords.c.account_id == account_id)
    ).scalar_one_or_none()
    return found


def put_password(unit: Unit, account_id: str, hashed: str) -> None:
    """Keeps the hash of a password in place of the one before."""
    unit.put(passwords, {"account_id": account_id, "hash": hashed, "set_at": unit.now})


def change_password(unit: Unit, account_id: str, was: str, hashed: str) -> bool:
    """Keeps the hash of a new password; false when `was` is the one that is kept no more."""
    same = (passwords.c.account_id == account_id, passwords.c.hash == was)
    change = sa.update(passwords).where(*same).values(hash=hashed, set_at=unit.now)
    return unit.connection.execute(change).rowcount == 1


def second_factor_of(scope: Scope, unit: Unit, account_id: str) -> Any:
    """The second factor of an account, or None."""
    if scope.reach != "network":
        return None
    return unit.connection.execute(
        sa.select(second_factors).where(second_factors.c.account_id == account_id)
    ).one_or_none()


def put_second_factor(unit: Unit, account_id: str, secret: str) -> None:
    """Keeps the sealed secret of a second factor that is not confirmed yet; one that is stays good until then."""
    row = {"account_id": account_id, "secret": None, "next_secret": secret, "confirmed_at": None, "last_step": 0}
    if insert_or_ignore(unit.connection, second_factors, [row]) != 1:
        change = sa.update(second_factors).where(second_factors.c.account_id == account_id)
        unit.connection.execute(change.values(next_secret=secret))


def confirm_second_factor(unit: Unit, account_id: str, secret: str, step: int) -> bool:
    """Puts the sealed secret that waited in place of the one before; false when it waits no more."""
    same = (second_factors.c.account_id == account_id, second_factors.c.next_secret == secret)
    change = {"secret": secret, "next_secret": None, "confirmed_at": unit.now, "last_step": step}
    return unit.connection.execute(sa.update(second_factors).where(*same).values(**change)).rowcount == 1


def drop_second_factor(unit: Unit, account_id: str) -> None:
    """Takes the secret and the recovery codes of an account away; that a code is asked of it stays."""
    change = sa.update(second_factors).where(second_factors.c.account_id == account_id)
    unit.connection.execute(change.values(secret=None, next_secret=None))
    unit.connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))


def use_step(unit: Unit, account_id: str, step: int) -> bool:
    """Uses up a step; false when it, or a later one, was used by somebody faster."""
    same = (second_factors.c.account_id == account_id, second_factors.c.last_step < step)
    return unit.connection.execute(sa.update(second_factors).where(*same).values(last_step=step)).rowcount == 1


def put_recovery_codes(unit: Unit, account_id: str, hashes: Sequence[str]) -> None:
    """Keeps the hashes of new recovery codes; those before are good no more."""
    unit.connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    rows = [{"account_id": account_id, "hash": hashed, "used_at": None} for hashed in hashes]
    unit.connection.execute(sa.insert(recovery_codes), rows)


def use_recovery_code(unit: Unit, account_id: str, hashed: str) -> bool:
    """Uses up a recovery code; false when there is none such, or it was used."""
    same = (
        recovery_codes.c.account_id == account_id,
        recovery_codes.c.hash == hashed,
        recovery_codes.c.used_at.is_(None),
    )
    changed = unit.connection.execute(sa.update(recovery_codes).where(*same).values(used_at=unit.now))
    return changed.rowcount == 1


def recovery_codes_left(scope: Scope, unit: Unit, account_id: str) -> int:
    """How many recovery codes of an account are good."""
    if scope.reach != "network":
        return 0
    left = (recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None))
    return int(unit.connection.execute(sa.select(sa.func.count()).where(*left)).scalar_one())
