"""Roles: a further one is asked by one person and confirmed by another; one ends at once, by one."""

from __future__ import annotations

from typing import Any

from chassis.once import Answer
from chassis.unit import Unit
from contracts.partners import RoleEnded, RoleGranted
from services.partners import store
from services.partners.actions import accounts, askings, sessions
from services.partners.actions.organisations import as_kept, is_network
from services.partners.domain import accounts as rules
from services.partners.domain import askings as of_askings
from services.partners.domain import sessions as of_sessions


def ask_role(unit: Unit, partner_id: str, account_id: str, role: str, words: str) -> Answer:
    """Asks that somebody gets a further role; nothing changes until another person confirms it.

    Refuses one's own account, a role one may not give, one they hold, and a closed account.
    """
    row = account_at(unit, partner_id, account_id)
    rules.check_may_change(unit.who.id, account_id)
    rules.check_roles([role], is_network=is_network(unit))
    rules.roles_with(row.state, row.roles, role)
    asked = askings.ask(unit, of_askings.GRANT_ROLE, partner_id, account_id, {"role": role}, words)
    return Answer(202, as_kept(askings.as_shown(asked)), asked["asking_id"])


def grant(unit: Unit, asking: Any) -> None:
    """Gives the role that was asked for; whoever confirms it could have given it too."""
    role = asking.details["role"]
    row = account_at(unit, asking.partner_id, asking.about_id)
    rules.check_roles([role], is_network=is_network(unit))
    held = rules.roles_with(row.state, row.roles, role)
    store.change_account(unit, row, roles=list(held))
    fact = RoleGranted(
        account_id=row.account_id, partner_id=row.partner_id, called=row.called, role=role, roles=held,
        granted_at=unit.now,
    )  # fmt: skip
    unit.state(accounts.account_stream(row.account_id), fact)
    factor = store.second_factor_of(sessions.whole(unit), unit, row.account_id)
    if of_sessions.needs_second_factor([role]) and (factor is None or factor.confirmed_at is None):
        # They came in by a password alone, and this role asks for more.
        sessions.end_all(unit, row.account_id, of_sessions.ACCOUNT)
    unit.note("role.grant", subject=row.account_id, record=row.account_id)


def end_role(unit: Unit, partner_id: str, account_id: str, role: str) -> None:
    """Ends a role at once: no pass given before is good any more, in any room.

    Refuses one's own account, a role beyond one's reach, one they do not hold, and their only one.
    """
    row = account_at(unit, partner_id, account_id)
    rules.check_may_change(unit.who.id, account_id)
    rules.check_roles([role], is_network=is_network(unit))
    kept = rules.roles_without(row.roles, role)
    fact = RoleEnded(account_id=account_id, partner_id=partner_id, role=role, roles=kept, ended_at=unit.now)
    place = unit.state(accounts.account_stream(account_id), fact)
    store.change_account(unit, row, roles=list(kept), passes_from=int(place.rpartition("@")[2]))
    unit.note("role.end", subject=account_id, record=account_id)


def account_at(unit: Unit, partner_id: str, account_id: str) -> Any:
    """One account of one partner; NotFound when it is another's."""
    row = store.account(unit.scope, unit, account_id)
    store.partner(unit.scope, unit, partner_id)
    return row if row.partner_id == partner_id else accounts.not_here()
