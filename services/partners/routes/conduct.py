"""The code of conduct, as JSON: published, read by anybody, accepted."""

from __future__ import annotations

from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.web import PUBLIC, ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from services.partners import store
from services.partners.actions import conduct as actions
from services.partners.schemas import AcceptSchema, ConductSchema, PublishSchema

blueprint = ApiBlueprint(
    "conduct", __name__, url_prefix="/api/v1/partners/conduct", description="The code of conduct, by versions"
)


def publish_once(door_name: str, key: str, body: bytes, asked: dict[str, Any]) -> Answer:
    """Publishes a version by any door, once per key."""
    return answered_once(
        here(), door=f"conduct/{door_name}", asker=g.who.id, key=key, body=body, keys=lambda: Ring({}),
        work=lambda unit: actions.publish(unit, **asked),
    )  # fmt: skip


@blueprint.get("")
@door(PUBLIC)
@blueprint.response(200, ConductSchema(many=True))
def versions() -> Any:
    """Every version, the newest first."""
    with here().reading() as unit:
        rows = store.conduct_versions(unit.scope, unit)
        return [{name: getattr(row, name) for name in ConductSchema._declared_fields} for row in rows]


@blueprint.post("")
@door("conduct.publish")
@blueprint.arguments(PublishSchema)
@blueprint.response(201, ConductSchema)
def publish(asked: dict[str, Any]) -> Any:
    """Publish the next version. `Idempotency-Key` is required."""
    return ConductSchema().load(publish_once("api", idempotency_key(), request.get_data(), asked).body)


@blueprint.post("/acceptance")
@door("conduct.accept")
@blueprint.arguments(AcceptSchema)
@blueprint.response(204)
def accept(asked: dict[str, Any]) -> None:
    """Accept the newest version, yourself."""
    with here().writing() as unit:
        actions.accept(unit, asked["version"])
