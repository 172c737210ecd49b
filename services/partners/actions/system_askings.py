"""Systems and their keys are asked for by one and confirmed by another; an API key is shown to whoever asked alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import second
from chassis.errors import NotFound
from chassis.once import Answer
from chassis.unit import Unit
from services.partners.actions import askings, systems
from services.partners.actions.organisations import as_kept
from services.partners.domain import askings as of_askings
from services.partners.domain import systems as rules

# ---- asking


def ask_to_register(unit: Unit, partner_id: str, system_id: str, asked: Mapping[str, Any]) -> Answer:
    """Asks that a system is registered, with its public keys or so that an API key may be fetched for it.

    `asked` is what RegisterSchema loaded. Refuses what `systems.register` refuses, now and again when it is confirmed.
    """
    networks, public = systems.check_registering(unit, partner_id, asked)
    details = {
        "name": asked["name"], "purpose": asked["purpose"], "way": asked["way"], "networks": networks,
        **_keys(public), "days": systems.days_of(unit, asked["days"]) if asked["way"] == rules.API_KEY else None,
    }  # fmt: skip
    return _ask(unit, of_askings.REGISTER_SYSTEM, partner_id, system_id, details, asked["words"])


def ask_to_add_keys(unit: Unit, partner_id: str, system_id: str, key_set: Any, words: str) -> Answer:
    """Asks that public keys are added to a system; they wait in the asking, and are public anyhow."""
    row, public = systems.check_adding(unit, partner_id, system_id, key_set)
    details = {**_of(row), **_keys(public), "days": None}
    return _ask(unit, of_askings.ADD_KEYS, partner_id, system_id, details, words)


def ask_for_api_key(unit: Unit, partner_id: str, system_id: str, days: int | None, words: str) -> Answer:
    """Asks for another API key; it is not made before it is fetched, so nothing secret waits."""
    row = systems.check_may_get_api_key(unit, partner_id, system_id)
    details = {**_of(row), **_keys([]), "days": systems.days_of(unit, days)}
    return _ask(unit, of_askings.ADD_API_KEY, partner_id, system_id, details, words)


def _ask(unit: Unit, what: str, partner_id: str, system_id: str, details: Mapping[str, Any], words: str) -> Answer:
    asked = askings.ask(unit, what, partner_id, system_id, details, words)
    return Answer(202, as_kept(askings.as_shown(asked)), asked["asking_id"])


def _of(row: Any) -> dict[str, Any]:
    return {"name": row.name, "purpose": row.purpose, "way": row.way, "networks": row.networks}


def _keys(public: Sequence[rules.PublicKey]) -> dict[str, Any]:
    """The keys as they will be kept, and as two people compare them: by id and by what RFC 7638 makes of each."""
    prints = [{"key": key.key_id, "print": systems.key_of(key.parts).thumbprint()} for key in public]
    return {"jwks": {"keys": [{**key.parts, "kid": key.key_id} for key in public]}, "keys": prints}


def waiting(unit: Unit, partner_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is asked about a partner's systems and waits for a second person, and the API keys one may fetch oneself."""
    asked = [row for row in askings.listed(unit, partner_id) if row.what in of_askings.OF_SYSTEMS]
    confirmed = second.to_carry_out(unit.scope, unit, partner_id, of_askings.OF_SYSTEMS, unit.who.id)
    return (
        [askings.as_shown(row._mapping) for row in asked],
        [askings.as_shown(row._mapping) for row in confirmed if gives_api_key(row)],
    )


# ---- confirmed


def register(unit: Unit, asking: Any) -> None:
    """Registers the system that was asked for."""
    systems.register(unit, asking.partner_id, asking.about_id, asking.details, by=asking.asked_by)


def add_keys(unit: Unit, asking: Any) -> None:
    """Adds the public keys that were asked for."""
    systems.add_keys(unit, asking.partner_id, asking.about_id, asking.details["jwks"], by=asking.asked_by)


def allow_api_key(unit: Unit, asking: Any) -> None:
    """Lets whoever asked fetch the API key; refuses where the system can get none any more."""
    systems.check_may_get_api_key(unit, asking.partner_id, asking.about_id)


# ---- fetched


def gives_api_key(asking: Any) -> bool:
    """Whether confirming an asking lets an API key be fetched."""
    return asking.what in of_askings.OF_SYSTEMS and asking.details["way"] == rules.API_KEY


def may_fetch(unit: Unit, asking: Any) -> bool:
    """Whether whoever looks may fetch the API key of an asking now."""
    is_theirs = gives_api_key(asking) and asking.asked_by == unit.who.id and asking.state == second.CONFIRMED
    return is_theirs and unit.now < second.carried_out_by(asking)


def fetch(unit: Unit, partner_id: str, asking_id: str) -> tuple[dict[str, Any], str]:
    """Makes the API key that was asked for and confirmed; gives its system, and the key, which is kept nowhere.

    Refuses whoever did not ask for it (KeyOfAnother), a second time (KeyFetched), and what is not confirmed or was too
    long ago (NotConfirmed). NotFound for an asking that gives none.
    """
    row = askings.one(unit, partner_id, asking_id)
    if not gives_api_key(row):
        raise NotFound()
    if row.asked_by != unit.who.id:
        raise of_askings.KeyOfAnother()
    if row.state == second.DONE:
        raise of_askings.KeyFetched()
    second.carry_out(unit, asking_id, row.what, row.about_id)
    systems.check_may_get_api_key(unit, partner_id, row.about_id)
    made = systems.new_api_key()
    systems.add_api_key(unit, row.about_id, made, row.details["days"])
    return systems.see(unit, partner_id, row.about_id), made.text
