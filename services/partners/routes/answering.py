"""The critical questions, as JSON: answered, and what was answered last."""

from __future__ import annotations

from typing import Any

from flask import g, request

from chassis.errors import NotFound
from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners.actions import answering as actions
from services.partners.schemas import AnsweredSchema, SetupSchema

blueprint = ApiBlueprint(
    "setup", __name__, url_prefix="/api/v1/partners", description="What a partner is asked before it refers anybody"
)


def answer_once(door_name: str, key: str, body: bytes, partner_id: str, asked: dict[str, Any]) -> Answer:
    """Keeps the answers by any door, once per key."""
    return answered_once(
        here(), door=f"setup/{door_name}/{partner_id}", asker=g.who.id, key=key, body=body, keys=lambda: Ring({}),
        work=lambda unit: actions.answer(unit, partner_id, asked),
    )  # fmt: skip


@blueprint.post("/<uuid:partner_id>/answers")
@door("setup.answer")
@blueprint.arguments(SetupSchema)
@blueprint.response(201, AnsweredSchema)
def answer(asked: dict[str, Any], partner_id: Any) -> Any:
    """Answer the questions, for the first time or anew. `Idempotency-Key` is required."""
    return answer_once("api", idempotency_key(), request.get_data(), str(partner_id), asked).body


@blueprint.get("/<uuid:partner_id>/answers")
@door("setup.answer")
@blueprint.response(200, AnsweredSchema)
def answers(partner_id: Any) -> Any:
    """What the partner answered last; 404 before it has."""
    with here().reading() as unit:
        row = actions.newest(unit, str(partner_id))
        if row is None:
            raise NotFound()
        return {"partner_id": row.partner_id, "number": row.number, "answers": row.answers}
