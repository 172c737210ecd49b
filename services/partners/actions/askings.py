"""Two people: what gives rights is kept until another confirms or refuses it, or its days are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import second
from chassis.unit import Unit
from services.partners import store


def ask(
    unit: Unit, what: str, partner_id: str, about_id: str, details: Mapping[str, Any], words: str
) -> dict[str, Any]:
    """Keeps what somebody asks; gives it as it is shown. Refuses what is asked already (AlreadyAsked)."""
    role = str(details.get("role", ""))
    return second.ask(unit, what, partner_id, about_id, details, words, days=unit.policy.asking_days, same=role)


def one(unit: Unit, partner_id: str, asking_id: str) -> Any:
    """One asking within reach."""
    return second.one(unit.scope, unit, asking_id, partner_id)


def listed(unit: Unit, partner_id: str | None = None) -> Sequence[Any]:
    """What waits for a second person, of one partner or of all within reach; NotFound for a partner outside it."""
    if partner_id is not None:
        store.partner(unit.scope, unit, partner_id)
    return second.listed(unit.scope, unit, partner_id)
