"""JSON in and out: worries, for whoever raises one and for whoever owns one."""

from __future__ import annotations

from typing import Any

from flask import request

from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.supervision import schemas, store
from services.supervision.actions import concerns
from services.supervision.routes.asking import (
    concern_row,
    disclose_concerns,
    disclose_opened,
    opened_words,
    the_concern_raised,
)

blueprint = ApiBlueprint("concerns", __name__, url_prefix="/api/v1/concerns", description="Worries, and who owns them")

FIRST_999 = "If anyone is in danger now, call 999 first. "
IN_HAND = "It is in hand. Somebody answers by the time given here."


@blueprint.post("")
@door("worry.raise")
@blueprint.arguments(schemas.ConcernSchema)
@blueprint.response(201, schemas.ReceiptSchema)
def raised(asked: dict[str, Any]) -> Any:
    """Raise a worry. With an `Idempotency-Key`, sending it again raises no second one; without one it is taken too."""
    key = idempotency_key() if "Idempotency-Key" in request.headers else None
    row = the_concern_raised("api", key, request.get_data(), asked)
    says = (FIRST_999 if row.level == 4 else "") + IN_HAND
    return {**row._mapping, "says": says}, 201


@blueprint.get("")
@door("worry.handle")
@blueprint.response(200, schemas.ConcernRowSchema(many=True))
def listed() -> Any:
    """The open worries you own, not yet taken up first."""
    with here().writing() as unit:
        rows = store.concerns_open(unit.scope, unit)
        disclose_concerns(unit, rows)
        return [concern_row(row, unit.now) for row in rows]


@blueprint.get("/unowned")
@door("worry.unowned")
@blueprint.response(200, schemas.ConcernRowSchema(many=True))
def unowned() -> Any:
    """The worries nobody may own yet. They need somebody: an account in one of the roles that answer worries."""
    with here().writing() as unit:
        rows = store.concerns_unowned(unit.scope, unit)
        disclose_concerns(unit, rows)
        return [concern_row(row, unit.now) for row in rows]


@blueprint.get("/<uuid:concern_id>")
@door("worry.handle")
@blueprint.response(200, schemas.OpenedConcernSchema)
def opened(concern_id: Any) -> Any:
    """A worry you own, with its words; each opening is audited."""
    with here().writing() as unit:
        row = store.concern(unit.scope, unit, str(concern_id))
        disclose_opened(unit, row)
        now = unit.now
    return {**concern_row(row, now), "words": opened_words(row)}


@blueprint.post("/<uuid:concern_id>/acknowledgement")
@door("worry.handle")
@blueprint.response(200, schemas.ConcernRowSchema)
def acknowledge(concern_id: Any) -> Any:
    """Say that you have read a worry and take it up."""
    with here().writing() as unit:
        concerns.acknowledge(unit, str(concern_id))
        return concern_row(store.concern(unit.scope, unit, str(concern_id)), unit.now)


@blueprint.post("/<uuid:concern_id>/handing-on")
@door("worry.handle")
@blueprint.arguments(schemas.HandOnSchema)
@blueprint.response(204)
def hand_on(given: dict[str, str], concern_id: Any) -> None:
    """Give a worry to another account that may own it. Its clock starts again, and you no longer see it."""
    with here().writing() as unit:
        concerns.hand_on(unit, str(concern_id), given["owner_id"])


@blueprint.post("/<uuid:concern_id>/closing")
@door("worry.handle")
@blueprint.arguments(schemas.CloseSchema)
@blueprint.response(200, schemas.ConcernRowSchema)
def close(given: dict[str, str], concern_id: Any) -> Any:
    """Bring a worry you have taken up to its end."""
    with here().writing() as unit:
        concerns.close(unit, str(concern_id), given["code"])
        return concern_row(store.concern(unit.scope, unit, str(concern_id)), unit.now)
