"""The second person: confirms what another asked, and it is done; or refuses it, and it is let go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis import second
from chassis.unit import Unit
from services.partners.actions import accounts, askings, roles, second_factors, system_askings
from services.partners.domain import askings as rules


def _nothing(_unit: Unit, _asking: Any) -> None:
    """What was only asked leaves nothing behind."""


# what: what confirming it does, and what refusing it takes away
DOES: Mapping[str, tuple[Callable[[Unit, Any], None], Callable[[Unit, Any], None]]] = {
    rules.OPEN_ACCOUNT: (accounts.open_asked, accounts.drop_asked),
    rules.GRANT_ROLE: (roles.grant, _nothing),
    rules.REGISTER_SYSTEM: (system_askings.register, _nothing),
    rules.ADD_KEYS: (system_askings.add_keys, _nothing),
    rules.ADD_API_KEY: (system_askings.allow_api_key, _nothing),
    rules.RESET_FACTOR: (second_factors.reset, _nothing),
}


def confirm(unit: Unit, partner_id: str, asking_id: str) -> Any:
    """Confirms an asking and does what it asks; gives it as it stands then. Twice does it once."""
    row = askings.one(unit, partner_id, asking_id)
    if second.settle(unit, row, second.CONFIRMED):
        DOES[row.what][0](unit, row)
        askings.tell_settled(unit, row, second.CONFIRMED)
    return askings.one(unit, partner_id, asking_id)


def refuse(unit: Unit, partner_id: str, asking_id: str) -> None:
    """Refuses an asking: nothing it asks for is done, and what was kept for it goes."""
    row = askings.one(unit, partner_id, asking_id)
    if second.settle(unit, row, second.REFUSED):
        DOES[row.what][1](unit, row)
        askings.tell_settled(unit, row, second.REFUSED)


def let_run_out(unit: Unit) -> int:
    """Lets go of every asking nobody settled in time."""
    done = 0
    for row in second.over(unit.scope, unit):
        if second.run_out(unit, row):
            DOES[row.what][1](unit, row)
            askings.tell_settled(unit, row, second.RAN_OUT)
            done += 1
    return done
