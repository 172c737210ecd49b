"""What is there in demo mode only: being somebody made up, and one system for each made-up partner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.sealing import is_token, read_token
from chassis.unit import Unit
from services.partners import store
from services.partners.actions import organisations, sessions, systems
from services.partners.domain import systems as rules

_SYSTEM = {
    "name": "Demo system",
    "purpose": "Sends made-up people; its key is printed at the start.",
    "way": rules.API_KEY,
    "networks": (),
}


def become(unit: Unit, kind: str, who_id: str, called: str | None, *, replaces: str) -> str:
    """Begins a session as a made-up account or person; NotFound for an account that is not there."""
    if called and not (is_token(called, "called") and read_token(called)[1] == who_id):
        called = None
    if kind == "account":
        store.account(sessions.whole(unit), unit, who_id)
    unit.note("demo.become", subject=who_id)
    return sessions.begin(unit, kind, who_id, replaces=replaces, called=called)


def systems_of_partners(unit: Unit, secret: str) -> list[tuple[str, str]]:
    """Each partner at work by name, and the API key of its made-up system, which is registered where it is missing.

    The same `secret` gives the same keys at every start; one that somebody revoked is followed by the next.
    """
    return [
        (partner.name, _key_of(unit, partner, secret))
        for partner in store.partners_listed(unit.scope, unit)
        if rules.may_sign_in(rules.ACTIVE, organisations.standing(partner), organisations.today(unit))
    ]


def _key_of(unit: Unit, partner: Any, secret: str) -> str:
    number = 0
    while True:
        key = systems.derived_api_key(secret, f"{partner.partner_id}/{number}")
        row = store.api_key_by_prefix(unit.scope, unit, key.prefix)
        if row is None:
            system_id = unit.ids.new()
            systems.register(unit, partner.partner_id, system_id, _SYSTEM, by=unit.who.id)
            systems.add_api_key(unit, system_id, key, None)
            return key.text
        if row.revoked_at is None and store.system_by_id(unit.scope, unit, row.system_id).state == rules.ACTIVE:
            ends_at = unit.now + timedelta(days=unit.policy.longest_api_key_days)
            store.extend_api_key(unit, key.prefix, ends_at)
            return key.text
        number += 1
