"""A partner's systems: what each is for, how it signs in, its keys, and closing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, redirect, request

from chassis.errors import Refused
from chassis.ids import new_token
from chassis.once import Answer
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from services.partners import store
from services.partners.actions import system_askings
from services.partners.actions import systems as actions
from services.partners.domain import systems as rules
from services.partners.pages.organisations import WHAT, sent_body
from services.partners.routes import systems as routes
from services.partners.routes import tokens
from services.partners.schemas import systems as schemas

blueprint = Blueprint("partners_systems", __name__)
WORDS = {"ways": schemas.WAY_WORDS, "states": rules.STATES}
Done = TypeVar("Done")


def _try(work: Callable[[], Done]) -> tuple[Done | None, Faults, int]:
    """What an action gives, or its refusal as words beside the fields, and the status of the page that shows them."""
    try:
        return work(), {}, 200
    except Refused as refused:
        if refused.status not in {409, 422}:
            raise
        here().note_refusal(refused)
        return None, faults_of(refused), refused.status


# ---- the list, and a new one


@blueprint.get("/partners/<uuid:partner_id>/systems")
@door("system.list")
def listed(partner_id: Any) -> Any:
    """The systems of one partner."""
    with here().reading() as unit:
        partner = store.partner(unit.scope, unit, str(partner_id))
        systems = actions.see_all(unit, str(partner_id))
        waiting, to_fetch = system_askings.waiting(unit, str(partner_id))
    return page(
        "partners/systems.jinja", title=f"Systems of {partner.name}", partner=partner, systems=systems, words=WORDS,
        waiting=waiting, to_fetch=to_fetch, what=WHAT,
    )  # fmt: skip


@blueprint.get("/partners/<uuid:partner_id>/systems/new")
@door("system.register")
def new(partner_id: Any) -> Any:
    """The empty form."""
    return _form(str(partner_id), new_token())


def _form(partner_id: str, key: str, status: int = 200, faults: Faults | None = None) -> Any:
    with here().reading() as unit:
        partner = store.partner(unit.scope, unit, partner_id)
        days = (unit.policy.api_key_days, unit.policy.longest_api_key_days)
    return page(
        "partners/system_new.jinja", title="Register a system", status=status, partner=partner, words=WORDS, key=key,
        days=days, form=request.form, faults=faults or {},
    )  # fmt: skip


@blueprint.post("/partners/<uuid:partner_id>/systems/new")
@door("system.register")
def register(partner_id: Any) -> Any:
    """Asks that a system is registered; the same form sent twice asks once."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.RegisterSchema(), request.form, beside=["key"])
    status = 422
    if not faults:
        answer, faults, status = _try(lambda: routes.register_once("web", key, sent_body(), str(partner_id), asked))
        if answer:
            return _asked(str(partner_id), answer)
    return _form(str(partner_id), key, status, faults)


def _asked(partner_id: str, answer: Answer) -> Any:
    """What was asked waits on a page of its own."""
    return redirect(f"/partners/{partner_id}/askings/{answer.record}", 303)


def _after(partner_id: str, system_id: str) -> Any:
    return redirect(f"/partners/{partner_id}/systems/{system_id}", 303)


@blueprint.post("/partners/<uuid:partner_id>/askings/<uuid:asking_id>/api-key")
@door("system.register")
def fetch_api_key(partner_id: Any, asking_id: Any) -> Any:
    """Shows the API key somebody asked for and another confirmed, once, to whoever asked."""
    with here().writing() as unit:
        system, api_key = system_askings.fetch(unit, str(partner_id), str(asking_id))
    back = f"/partners/{partner_id}/systems/{system['system_id']}"
    return page("partners/api_key.jinja", title="The new API key", api_key=api_key, back=back)


# ---- one system


@blueprint.get("/partners/<uuid:partner_id>/systems/<uuid:system_id>")
@door("system.list")
def shown(partner_id: Any, system_id: Any) -> Any:
    """One system: what it is for, its keys, and what can be done."""
    return _shown(str(partner_id), str(system_id))


def _shown(partner_id: str, system_id: str, status: int = 200, faults: Faults | None = None) -> Any:
    house = here()
    with house.reading() as unit:
        system = actions.see(unit, partner_id, system_id)
        days, now = (unit.policy.api_key_days, unit.policy.longest_api_key_days), unit.now
    typed = request.form if faults else {"networks": "\n".join(system["networks"])}
    return page(
        "partners/system.jinja", title=system["name"], status=status, system=system, words=WORDS, days=days, now=now,
        most_keys=rules.MOST_KEYS, key=request.form.get("key") or new_token(), form=typed, faults=faults or {},
        address=f"{house.settings.our_origin}{tokens.PATH}",
    )  # fmt: skip


@blueprint.post("/partners/<uuid:partner_id>/systems/<uuid:system_id>/keys")
@door("system.register")
def add_keys(partner_id: Any, system_id: Any) -> Any:
    """Asks that a public key that was pasted is added."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.KeysSchema(), request.form, beside=["key"])
    status, at = 422, (str(partner_id), str(system_id))
    if not faults:
        answer, faults, status = _try(lambda: routes.add_keys_once("web", key, sent_body(), *at, asked))
        if answer:
            return _asked(str(partner_id), answer)
    return _shown(*at, status, faults)


@blueprint.post("/partners/<uuid:partner_id>/systems/<uuid:system_id>/api-keys")
@door("system.register")
def add_api_key(partner_id: Any, system_id: Any) -> Any:
    """Asks for another API key."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.ApiKeySchema(), request.form, beside=["key"])
    status, at = 422, (str(partner_id), str(system_id))
    if not faults:
        answer, faults, status = _try(lambda: routes.add_api_key_once("web", key, sent_body(), *at, asked))
        if answer:
            return _asked(str(partner_id), answer)
    return _shown(*at, status, faults)


@blueprint.post("/partners/<uuid:partner_id>/systems/<uuid:system_id>/revocations")
@door("system.register")
def revoke_key(partner_id: Any, system_id: Any) -> Any:
    """Revokes a key."""
    with here().writing() as unit:
        actions.revoke_key(unit, str(partner_id), str(system_id), request.form.get("name", ""))
    return _after(str(partner_id), str(system_id))


@blueprint.post("/partners/<uuid:partner_id>/systems/<uuid:system_id>/networks")
@door("system.register")
def limit_to(partner_id: Any, system_id: Any) -> Any:
    """Says from which addresses it may sign in."""
    asked, faults = read_form(schemas.NetworksSchema(), request.form)
    status = 422
    if not faults:
        _, faults, status = _try(lambda: _limit(str(partner_id), str(system_id), asked["networks"]))
        if not faults:
            return _after(str(partner_id), str(system_id))
    return _shown(str(partner_id), str(system_id), status, faults)


def _limit(partner_id: str, system_id: str, networks: list[str]) -> None:
    with here().writing() as unit:
        actions.limit_to(unit, partner_id, system_id, networks)


@blueprint.post("/partners/<uuid:partner_id>/systems/<uuid:system_id>/closure")
@door("system.close")
def close(partner_id: Any, system_id: Any) -> Any:
    """Closes a system, or opens it again."""
    with here().writing() as unit:
        if request.form.get("close") == "yes":
            actions.close(unit, str(partner_id), str(system_id))
        else:
            actions.reopen(unit, str(partner_id), str(system_id))
    return _after(str(partner_id), str(system_id))
