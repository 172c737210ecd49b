"""Two people: what gives rights is kept until another confirms or refuses it, or its days are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import second
from chassis.unit import Unit
from contracts.confirmations import ConfirmationAsked, ConfirmationSettled
from services.partners import store
from services.partners.domain import askings as rules

_SHOWN = ("asking_id", "partner_id", "what", "asked_at", "ends_at", "state", "words")
_OF_SYSTEM = ("name", "purpose", "way", "networks", "days", "keys")


def ask(
    unit: Unit, what: str, partner_id: str, about_id: str, details: Mapping[str, Any], words: str
) -> dict[str, Any]:
    """Keeps what somebody asks and tells that it waits; gives it as it is kept. Refuses what is asked already."""
    role = str(details.get("role", ""))
    asked = second.ask(
        unit, what, partner_id, about_id, details, words, days=unit.policy.asking_days, same=role,
        let_go=lambda unit, row: tell_settled(unit, row, second.RAN_OUT),
    )  # fmt: skip
    fact = ConfirmationAsked(
        asking_id=asked["asking_id"], kind=what, asked_at=unit.now, ends_at=asked["ends_at"],
        partner_id=partner_id if rules.may_lead_settle(_roles(details)) else None,
    )  # fmt: skip
    unit.state(_stream(asked["asking_id"]), fact)
    return asked


def tell_settled(unit: Unit, row: Any, ending: str) -> None:
    """States that an asking waits no more."""
    fact = ConfirmationSettled(asking_id=row.asking_id, kind=row.what, ending=ending, settled_at=unit.now)
    unit.state(_stream(row.asking_id), fact)


def _stream(asking_id: str) -> str:
    return f"partners/confirmation/{asking_id}"


def as_shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """An asking as it is shown: what will be done, to whom or to which system, and until when it waits."""
    shown, details = {name: row[name] for name in _SHOWN}, row["details"]
    if row["what"] not in rules.OF_SYSTEMS:
        return {**shown, "account_id": row["about_id"], "roles": _roles(details), "system_id": None, "system": None}
    system = {name: details[name] for name in _OF_SYSTEM}
    return {**shown, "account_id": None, "roles": [], "system_id": row["about_id"], "system": system}


def _roles(details: Mapping[str, Any]) -> list[str]:
    return details.get("roles") or [details[name] for name in ("role",) if name in details]


def one(unit: Unit, partner_id: str, asking_id: str) -> Any:
    """One asking within reach."""
    return second.one(unit.scope, unit, asking_id, partner_id)


def listed(unit: Unit, partner_id: str | None = None) -> Sequence[Any]:
    """What waits for a second person, of one partner or of all within reach; NotFound for a partner outside it."""
    if partner_id is not None:
        store.partner(unit.scope, unit, partner_id)
    return second.listed(unit.scope, unit, partner_id)
