"""Whoever lost app and recovery codes: one person asks for another second factor, and a second one confirms it."""

from __future__ import annotations

from typing import Any

from chassis.unit import Unit
from services.partners import store
from services.partners.actions import askings, notices, proving, sessions
from services.partners.actions.organisations import is_network
from services.partners.actions.roles import account_at
from services.partners.domain import accounts as rules
from services.partners.domain import askings as of_askings
from services.partners.domain import second_factors
from services.partners.domain import sessions as of_sessions


def ask_reset(unit: Unit, partner_id: str, account_id: str, words: str) -> str:
    """Asks that somebody sets up another second factor; nothing changes before it is confirmed. Gives the asking's id.

    Refuses one's own account, one whose roles reach beyond what whoever asks may give, a closed one, and one that has
    none.
    """
    row = account_at(unit, partner_id, account_id)
    _check(unit, row)
    asked = askings.ask(unit, of_askings.RESET_FACTOR, partner_id, account_id, {"roles": list(row.roles)}, words)
    return str(asked["asking_id"])


def _check(unit: Unit, row: Any) -> None:
    rules.check_may_change(unit.who.id, row.account_id)
    second_factors.check_may_reset(row.roles, rules.GIVEN_BY_PARTNERS, is_network=is_network(unit))
    if row.state != rules.ACTIVE:
        raise rules.AccountNotOpened() if row.state == rules.ASKED else rules.AccountClosed()
    if not proving.has_factor(store.second_factor_of(sessions.whole(unit), unit, row.account_id)):
        raise second_factors.NoSecondFactor()


def reset(unit: Unit, asking: Any) -> None:
    """Takes app and recovery codes from an account: every session ends, and with the password they set up another."""
    row = account_at(unit, asking.partner_id, asking.about_id)
    _check(unit, row)
    store.drop_second_factor(unit, row.account_id)
    for purpose in (proving.TRY, proving.SETTING_UP):
        store.end_once_only(unit, row.account_id, purpose)
    sessions.end_all(unit, row.account_id, of_sessions.ACCOUNT)
    unit.note("second_factor.reset", subject=row.account_id, record=row.account_id)
    notices.tell_sign_in_changed(unit, row.account_id)
