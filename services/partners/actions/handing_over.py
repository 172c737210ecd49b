"""Everything somebody has in hand becomes another's of the same partner."""

from __future__ import annotations

from typing import Any

from chassis.errors import NotFound
from chassis.unit import Unit
from contracts.partners import ItemsHandedOver
from services.partners import store
from services.partners.actions import accounts, roles
from services.partners.domain import accounts as of_accounts
from services.partners.domain import handover as rules


def hand_over(unit: Unit, partner_id: str, account_id: str, to_id: str) -> None:
    """States that everything of one account is another's; the rooms that keep clocks re-own them when they hear it.

    Refuses (CannotTakeOver) somebody of another partner, without an open account, or without a role for what there is.
    """
    roles.account_at(unit, partner_id, account_id)
    to = _somebody(unit, to_id)
    is_fit = to is not None and to.partner_id == partner_id and to.state == of_accounts.ACTIVE
    in_hand = store.in_hand_of(unit.scope, unit, account_id)
    rules.check_may_take(account_id, to_id, is_fit=is_fit, held=to.roles if to else (), in_hand=in_hand)
    fact = ItemsHandedOver(from_id=account_id, to_id=to_id, partner_id=partner_id, handed_over_at=unit.now)
    unit.state(accounts.account_stream(account_id), fact, requires=[unit.at(accounts.account_stream(to_id))])
    unit.note("handover.make", subject=account_id, record=to_id)


def _somebody(unit: Unit, account_id: str) -> Any:
    try:
        return store.account(unit.scope, unit, account_id)
    except NotFound:
        return None
