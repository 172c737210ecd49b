"""JSON in and out of the partners room."""

from __future__ import annotations

from typing import Any

from flask import g, request

from chassis.once import Answer, answered_once
from chassis.sealing import Ring
from chassis.web import ApiBlueprint, door, here
from chassis.web.api import idempotency_key
from contracts import marks
from services.partners import store
from services.partners.actions import accounts as of_accounts
from services.partners.actions import organisations as actions
from services.partners.actions.signing_in import settled_email
from services.partners.schemas import AccountSchema, AskingSchema, JoinSchema, OpenSchema, PartnerSchema

blueprint = ApiBlueprint(
    "partners", __name__, url_prefix="/api/v1/partners", description="Partner organisations and their accounts"
)


def join_once(door_name: str, key: str, body: bytes, asked: dict[str, Any]) -> Answer:
    """Takes an organisation in by any door, once per key."""
    return answered_once(
        here(), door=f"join/{door_name}", asker=g.who.id, key=key, body=body, keys=lambda: Ring({}),
        work=lambda unit: actions.join_network(unit, asked),
    )  # fmt: skip


def open_once(door_name: str, key: str, body: bytes, partner_id: str, asked: dict[str, Any]) -> Answer:
    """Asks for an account by any door, once per key; the key of the new account is made before the transaction."""
    house = here()
    account_id = house.ids.new()
    login = house.ids.named("login", settled_email(asked["email"])) if asked["email"] else None
    return answered_once(
        house, door=f"account/{door_name}/{partner_id}", asker=g.who.id, key=key, body=body,
        keys=lambda: house.vault.make(account_id, of_accounts.CLASSES).joined(
            house.vault.make(marks.OWNER, [marks.CLASS])
        ),
        work=lambda unit: of_accounts.ask_to_open(unit, partner_id, account_id, **asked, login=login),
    )  # fmt: skip


def partner_answer(row: Any) -> dict[str, Any]:
    """A partner as the API gives it."""
    names = PartnerSchema._declared_fields.keys() - {"agreement"}
    agreement = {"starts_on": row.starts_on, "ends_on": row.ends_on}
    return {**{name: getattr(row, name) for name in names}, "agreement": agreement}


@blueprint.post("")
@door("partner.join")
@blueprint.arguments(JoinSchema)
@blueprint.response(201, PartnerSchema)
def join(asked: dict[str, Any]) -> Any:
    """Take an organisation in. `Idempotency-Key` is required: send it again and the first answer comes back."""
    answer = join_once("api", idempotency_key(), request.get_data(), asked)
    return PartnerSchema().load(answer.body), 201, {"Location": f"/api/v1/partners/{answer.record}"}


@blueprint.get("")
@door("partner.list")
@blueprint.response(200, PartnerSchema(many=True))
def listed() -> Any:
    """The partners you may see, by name."""
    with here().reading() as unit:
        return [partner_answer(row) for row in actions.see_partners(unit)]


@blueprint.get("/<uuid:partner_id>")
@door("partner.list")
@blueprint.response(200, PartnerSchema)
def shown(partner_id: Any) -> Any:
    """One partner."""
    with here().reading() as unit:
        return partner_answer(actions.see_partner(unit, str(partner_id)))


@blueprint.post("/<uuid:partner_id>/accounts")
@door("account.open")
@blueprint.arguments(OpenSchema)
@blueprint.response(202, AskingSchema)
def open_account(asked: dict[str, Any], partner_id: Any) -> Any:
    """Ask for an account at a partner; another person confirms it. `Idempotency-Key` is required."""
    answer = open_once("api", idempotency_key(), request.get_data(), str(partner_id), asked)
    return AskingSchema().load(answer.body)


@blueprint.get("/<uuid:partner_id>/accounts")
@door("account.list")
@blueprint.response(200, AccountSchema(many=True))
def accounts(partner_id: Any) -> Any:
    """A partner's accounts and their roles, in the order they were opened."""
    with here().writing() as unit:
        actions.see_partner(unit, str(partner_id))
        names = AccountSchema._declared_fields
        rows = store.accounts_listed(unit.scope, unit, str(partner_id))
        of_accounts.disclose_peers(unit, rows)
        return [{name: getattr(row, name) for name in names} for row in rows]


@blueprint.post("/<uuid:partner_id>/accounts/<uuid:account_id>/closure")
@door("account.close")
@blueprint.response(204)
def close_account(partner_id: Any, account_id: Any) -> None:
    """Close an account: nothing its owner holds opens a door any more, in any room, within seconds."""
    with here().writing() as unit:
        of_accounts.disable(unit, str(account_id))


@blueprint.delete("/<uuid:partner_id>/accounts/<uuid:account_id>/closure")
@door("account.close")
@blueprint.response(204)
def reopen_account(partner_id: Any, account_id: Any) -> None:
    """Open a closed account again."""
    with here().writing() as unit:
        of_accounts.restore(unit, str(account_id))


@blueprint.post("/<uuid:partner_id>/suspension")
@door("partner.suspend")
@blueprint.response(200, PartnerSchema)
def suspend(partner_id: Any) -> Any:
    """Suspend a partner: it sends and sees nothing, in any room, until it is resumed."""
    with here().writing() as unit:
        actions.suspend_partner(unit, str(partner_id))
        return partner_answer(store.partner(unit.scope, unit, str(partner_id)))


@blueprint.delete("/<uuid:partner_id>/suspension")
@door("partner.suspend")
@blueprint.response(200, PartnerSchema)
def resume(partner_id: Any) -> Any:
    """Let a suspended partner work again."""
    with here().writing() as unit:
        actions.resume_partner(unit, str(partner_id))
        return partner_answer(store.partner(unit.scope, unit, str(partner_id)))
