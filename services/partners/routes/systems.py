"""A partner's systems, as JSON: asked for with their keys, limited to addresses, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners.actions import system_askings
from services.partners.actions import systems as actions
from services.partners.schemas import AskingSchema
from services.partners.schemas.systems import (
    ApiKeySchema,
    FetchedSchema,
    KeysSchema,
    NetworksSchema,
    RegisterSchema,
    RevokeSchema,
    SystemSchema,
)

blueprint = ApiBlueprint(
    "systems", __name__, url_prefix="/api/v1/partners", description="Systems of partners, and how they sign in"
)


def _once(door_name: str, key: str, body: bytes, work: Callable[[Unit], Answer]) -> Answer:
    return answered_once(
        here(), door=door_name, asker=g.who.id, key=key, body=body, keys=lambda: Ring({}), work=work
    )  # fmt: skip


def register_once(door_name: str, key: str, body: bytes, partner_id: str, asked: Mapping[str, Any]) -> Answer:
    """Asks by any door that a system is registered, once per key."""
    system_id = here().ids.new()
    return _once(
        f"system/{door_name}/{partner_id}", key, body,
        lambda unit: system_askings.ask_to_register(unit, partner_id, system_id, asked),
    )  # fmt: skip


def add_api_key_once(
    door_name: str, key: str, body: bytes, partner_id: str, system_id: str, asked: Mapping[str, Any]
) -> Answer:
    """Asks by any door for another API key of a system, once per key."""
    return _once(
        f"api key/{door_name}/{system_id}", key, body,
        lambda unit: system_askings.ask_for_api_key(unit, partner_id, system_id, asked["days"], asked["words"]),
    )  # fmt: skip


def add_keys_once(
    door_name: str, key: str, body: bytes, partner_id: str, system_id: str, asked: Mapping[str, Any]
) -> Answer:
    """Asks by any door that public keys are added to a system, once per key."""
    return _once(
        f"keys/{door_name}/{system_id}", key, body,
        lambda unit: system_askings.ask_to_add_keys(unit, partner_id, system_id, asked["jwks"], asked["words"]),
    )  # fmt: skip


@blueprint.post("/<uuid:partner_id>/systems")
@door("system.register")
@blueprint.arguments(RegisterSchema)
@blueprint.response(202, AskingSchema)
def register(asked: dict[str, Any], partner_id: Any) -> Any:
    """Ask that a system is registered; another person confirms it. `Idempotency-Key` is required."""
    key, body = idempotency_key(), request.get_data()
    return AskingSchema().load(register_once("api", key, body, str(partner_id), asked).body)


@blueprint.get("/<uuid:partner_id>/systems")
@door("system.list")
@blueprint.response(200, SystemSchema(many=True))
def listed(partner_id: Any) -> Any:
    """A partner's systems with their keys that are good, in the order they were registered."""
    with here().reading() as unit:
        return actions.see_all(unit, str(partner_id))


@blueprint.get("/<uuid:partner_id>/systems/<uuid:system_id>")
@door("system.list")
@blueprint.response(200, SystemSchema)
def shown(partner_id: Any, system_id: Any) -> Any:
    """One system with its keys that are good."""
    with here().reading() as unit:
        return actions.see(unit, str(partner_id), str(system_id))


@blueprint.post("/<uuid:partner_id>/systems/<uuid:system_id>/keys")
@door("system.register")
@blueprint.arguments(KeysSchema)
@blueprint.response(202, AskingSchema)
def add_keys(asked: dict[str, Any], partner_id: Any, system_id: Any) -> Any:
    """Ask for the next public key, before the one in use ends; another person confirms it.

    `Idempotency-Key` is required.
    """
    key, body = idempotency_key(), request.get_data()
    return AskingSchema().load(add_keys_once("api", key, body, str(partner_id), str(system_id), asked).body)


@blueprint.post("/<uuid:partner_id>/systems/<uuid:system_id>/api-keys")
@door("system.register")
@blueprint.arguments(ApiKeySchema)
@blueprint.response(202, AskingSchema)
def add_api_key(asked: dict[str, Any], partner_id: Any, system_id: Any) -> Any:
    """Ask for another API key; the one before stays good. Another person confirms it, and then you fetch it.

    `Idempotency-Key` is required.
    """
    key, body = idempotency_key(), request.get_data()
    return AskingSchema().load(add_api_key_once("api", key, body, str(partner_id), str(system_id), asked).body)


@blueprint.post("/<uuid:partner_id>/askings/<uuid:asking_id>/api-key")
@door("system.register")
@blueprint.response(201, FetchedSchema)
def fetch_api_key(partner_id: Any, asking_id: Any) -> Any:
    """Fetch the API key you asked for, once another person has confirmed it: it is made now and given once."""
    with here().writing() as unit:
        system, api_key = system_askings.fetch(unit, str(partner_id), str(asking_id))
    return {**system, "api_key": api_key}


@blueprint.post("/<uuid:partner_id>/systems/<uuid:system_id>/revocations")
@door("system.register")
@blueprint.arguments(RevokeSchema)
@blueprint.response(204)
def revoke_key(asked: dict[str, Any], partner_id: Any, system_id: Any) -> None:
    """Revoke a key by its id or prefix: it opens nothing any more, nor does any pass given before, within seconds."""
    with here().writing() as unit:
        actions.revoke_key(unit, str(partner_id), str(system_id), asked["key"])


@blueprint.put("/<uuid:partner_id>/systems/<uuid:system_id>/networks")
@door("system.register")
@blueprint.arguments(NetworksSchema)
@blueprint.response(204)
def limit_to(asked: dict[str, Any], partner_id: Any, system_id: Any) -> None:
    """Say from which addresses a system may sign in; an empty list means any."""
    with here().writing() as unit:
        actions.limit_to(unit, str(partner_id), str(system_id), asked["networks"])


@blueprint.post("/<uuid:partner_id>/systems/<uuid:system_id>/closure")
@door("system.close")
@blueprint.response(204)
def close(partner_id: Any, system_id: Any) -> None:
    """Close a system: nothing it holds opens a door any more, in any room, within seconds."""
    with here().writing() as unit:
        actions.close(unit, str(partner_id), str(system_id))


@blueprint.delete("/<uuid:partner_id>/systems/<uuid:system_id>/closure")
@door("system.close")
@blueprint.response(204)
def reopen(partner_id: Any, system_id: Any) -> None:
    """Open a closed system again."""
    with here().writing() as unit:
        actions.reopen(unit, str(partner_id), str(system_id))
