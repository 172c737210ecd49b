"""A partner's systems, as JSON: registered, given keys, limited to addresses, closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners.actions import systems as actions
from services.partners.domain import systems as rules
from services.partners.schemas import (
    ApiKeySchema,
    KeysSchema,
    NetworksSchema,
    RegisteredSchema,
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


def register_once(
    door_name: str, key: str, body: bytes, partner_id: str, asked: Mapping[str, Any]
) -> tuple[Answer, str | None]:
    """Registers a system by any door, once per key; gives its API key too, the first time alone."""
    made = actions.new_api_key() if asked["way"] == rules.API_KEY else None
    system_id = here().ids.new()
    answer = _once(
        f"system/{door_name}/{partner_id}", key, body,
        lambda unit: actions.register(unit, partner_id, system_id, asked, made),
    )  # fmt: skip
    return answer, _shown_once(answer, made)


def add_api_key_once(
    door_name: str, key: str, body: bytes, partner_id: str, system_id: str, days: int | None
) -> tuple[Answer, str | None]:
    """Gives a system another API key by any door, once per key; the key itself the first time alone."""
    made = actions.new_api_key()
    answer = _once(
        f"api key/{door_name}/{system_id}", key, body,
        lambda unit: actions.add_api_key(unit, partner_id, system_id, made, days),
    )  # fmt: skip
    return answer, _shown_once(answer, made)


def add_keys_once(door_name: str, key: str, body: bytes, partner_id: str, system_id: str, key_set: Any) -> Answer:
    """Adds public keys to a system by any door, once per key."""
    return _once(
        f"keys/{door_name}/{system_id}", key, body,
        lambda unit: actions.add_keys(unit, partner_id, system_id, key_set),
    )  # fmt: skip


def _shown_once(answer: Answer, made: actions.NewApiKey | None) -> str | None:
    # A repeat is answered from what was kept, and the secret is kept nowhere.
    return None if answer.is_repeat or made is None else made.text


@blueprint.post("/<uuid:partner_id>/systems")
@door("system.register")
@blueprint.arguments(RegisterSchema)
@blueprint.response(201, RegisteredSchema)
def register(asked: dict[str, Any], partner_id: Any) -> Any:
    """Register a system. `Idempotency-Key` is required; an API key is given the first time and never again."""
    answer, key = register_once("api", idempotency_key(), request.get_data(), str(partner_id), asked)
    headers = {"Location": f"/api/v1/partners/{partner_id}/systems/{answer.record}"}
    return {**SystemSchema().load(answer.body), "api_key": key}, 201, headers


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
@blueprint.response(201, SystemSchema)
def add_keys(asked: dict[str, Any], partner_id: Any, system_id: Any) -> Any:
    """Add a public key, so that the next is known before the one in use ends. `Idempotency-Key` is required."""
    key, body = idempotency_key(), request.get_data()
    answer = add_keys_once("api", key, body, str(partner_id), str(system_id), asked["jwks"])
    return SystemSchema().load(answer.body)


@blueprint.post("/<uuid:partner_id>/systems/<uuid:system_id>/api-keys")
@door("system.register")
@blueprint.arguments(ApiKeySchema)
@blueprint.response(201, RegisteredSchema)
def add_api_key(asked: dict[str, Any], partner_id: Any, system_id: Any) -> Any:
    """Make another API key; the one before stays good. `Idempotency-Key` is required; the key is given once."""
    key, body = idempotency_key(), request.get_data()
    answer, made = add_api_key_once("api", key, body, str(partner_id), str(system_id), asked["days"])
    return {**SystemSchema().load(answer.body), "api_key": made}


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
