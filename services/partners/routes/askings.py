"""Roles and what waits for a second person, as JSON: asked, confirmed, refused; a role ended."""

from __future__ import annotations

from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners.actions import askings, handing_over, roles, settling
from services.partners.schemas import AskingSchema, HandOverSchema, RoleSchema

blueprint = ApiBlueprint(
    "askings", __name__, url_prefix="/api/v1/partners", description="Roles, and what waits for a second person"
)


def ask_role_once(
    door_name: str, key: str, body: bytes, partner_id: str, account_id: str, asked: dict[str, Any]
) -> Answer:
    """Asks for a role by any door, once per key."""
    return answered_once(
        here(), door=f"role/{door_name}/{account_id}", asker=g.who.id, key=key, body=body, keys=lambda: Ring({}),
        work=lambda unit: roles.ask_role(unit, partner_id, account_id, **asked),
    )  # fmt: skip


@blueprint.post("/<uuid:partner_id>/accounts/<uuid:account_id>/roles")
@door("role.ask")
@blueprint.arguments(RoleSchema)
@blueprint.response(202, AskingSchema)
def ask_role(asked: dict[str, Any], partner_id: Any, account_id: Any) -> Any:
    """Ask that somebody gets a further role; another person confirms it. `Idempotency-Key` is required."""
    key, body = idempotency_key(), request.get_data()
    return AskingSchema().load(ask_role_once("api", key, body, str(partner_id), str(account_id), asked).body)


@blueprint.delete("/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>")
@door("role.end")
@blueprint.response(204)
def end_role(partner_id: Any, account_id: Any, role: str) -> None:
    """End a role at once: no pass given before is good any more, in any room, within seconds."""
    with here().writing() as unit:
        roles.end_role(unit, str(partner_id), str(account_id), role)


@blueprint.post("/<uuid:partner_id>/accounts/<uuid:account_id>/handover")
@door("handover.make")
@blueprint.arguments(HandOverSchema)
@blueprint.response(204)
def hand_over(asked: dict[str, str], partner_id: Any, account_id: Any) -> None:
    """Hand everything somebody has in hand to another of the same partner: worries, sessions, peers to supervise."""
    with here().writing() as unit:
        handing_over.hand_over(unit, str(partner_id), str(account_id), asked["to_id"])


@blueprint.get("/<uuid:partner_id>/askings")
@door("asking.list")
@blueprint.response(200, AskingSchema(many=True))
def listed(partner_id: Any) -> Any:
    """What waits at a partner for a second person, the oldest first."""
    with here().reading() as unit:
        return [askings.as_shown(row._mapping) for row in askings.listed(unit, str(partner_id))]


@blueprint.post("/<uuid:partner_id>/askings/<uuid:asking_id>/confirmation")
@door("asking.settle")
@blueprint.response(201, AskingSchema)
def confirm(partner_id: Any, asking_id: Any) -> Any:
    """Confirm what somebody else asked: it is done. An API key is then fetched by whoever asked for it."""
    with here().writing() as unit:
        return askings.as_shown(settling.confirm(unit, str(partner_id), str(asking_id))._mapping)


@blueprint.post("/<uuid:partner_id>/askings/<uuid:asking_id>/refusal")
@door("asking.settle")
@blueprint.response(204)
def refuse(partner_id: Any, asking_id: Any) -> None:
    """Refuse what somebody else asked: nothing of it is done."""
    with here().writing() as unit:
        settling.refuse(unit, str(partner_id), str(asking_id))
