"""Agreements of a partner, as JSON: signed, and listed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners.actions import organisations as actions
from services.partners.schemas import AgreementSchema, SignedSchema

blueprint = ApiBlueprint(
    "agreements", __name__, url_prefix="/api/v1/partners", description="Data-sharing agreements of partners"
)


def sign_once(door_name: str, key: str, body: bytes, partner_id: str, asked: dict[str, date]) -> Answer:
    """Keeps an agreement by any door, once per key."""
    return answered_once(
        here(), door=f"agreement/{door_name}/{partner_id}", asker=g.who.id, key=key, body=body, keys=lambda: Ring({}),
        work=lambda unit: actions.sign_agreement(unit, partner_id, asked),
    )  # fmt: skip


@blueprint.post("/<uuid:partner_id>/agreements")
@door("agreement.sign")
@blueprint.arguments(AgreementSchema)
@blueprint.response(201, SignedSchema)
def sign(asked: dict[str, date], partner_id: Any) -> Any:
    """Sign a further agreement. `Idempotency-Key` is required; it may overlap others, and counts from its first day."""
    answer = sign_once("api", idempotency_key(), request.get_data(), str(partner_id), asked)
    return SignedSchema().load(answer.body)


@blueprint.get("/<uuid:partner_id>/agreements")
@door("partner.list")
@blueprint.response(200, SignedSchema(many=True))
def agreements(partner_id: Any) -> Any:
    """A partner's agreements, the one signed last first."""
    with here().reading() as unit:
        rows = actions.see_agreements(unit, str(partner_id))
        return [{name: getattr(row, name) for name in SignedSchema._declared_fields} for row in rows]
