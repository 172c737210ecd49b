"""The partners, and one partner with its people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Fault, Invalid
from chassis.ids import new_token
from chassis.once import Answer
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from contracts.needs import AREAS
from contracts.roles import ROLES
from contracts.setup import QUESTIONS
from services.partners import schemas, store
from services.partners.actions import accounts as of_accounts
from services.partners.actions import askings as of_askings
from services.partners.actions import organisations as actions
from services.partners.domain import accounts as of_roles
from services.partners.domain import askings
from services.partners.domain import organisations as domain
from services.partners.routes import agreements as of_agreements
from services.partners.routes import organisations as routes

blueprint = Blueprint("partners_pages", __name__)
WORDS = {"kinds": schemas.KIND_WORDS, "areas": AREAS, "states": domain.STATES}
# What waits for a second person, in words.
WHAT = {
    askings.OPEN_ACCOUNT: "Open an account",
    askings.GRANT_ROLE: "Give a further role",
    askings.RESET_FACTOR: "Have them set up another app for codes",
    askings.REGISTER_SYSTEM: "Register a system",
    askings.ADD_KEYS: "Add a public key to a system",
    askings.ADD_API_KEY: "Make an API key for a system",
}


@blueprint.get("/partners")
@door("partner.list")
def listed() -> Any:
    """The partners whoever asks may see."""
    with here().reading() as unit:
        rows = actions.see_partners(unit)
    return page("partners/list.jinja", title="Partners", rows=rows, words=WORDS)


# ---- a new partner ----


@blueprint.get("/partners/new")
@door("partner.join")
def new() -> Any:
    """The empty form."""
    return _form_to_join(new_token())


@blueprint.post("/partners/new")
@door("partner.join")
def join() -> Any:
    """Takes an organisation in; the same form sent twice makes one partner."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.JoinSchema(), request.form, beside=["key"])
    if not faults:
        answer, faults = once(lambda: routes.join_once("web", key, sent_body(), asked))
        if answer:
            return redirect(f"/partners/{answer.record}", 303)
    return _form_to_join(key, 422, faults)


def _form_to_join(key: str, status: int = 200, faults: Faults | None = None) -> Any:
    return page(
        "partners/new.jinja", title="Add a partner", status=status, words=WORDS, key=key, form=request.form,
        faults=faults or {},
    )  # fmt: skip


def once(work: Callable[[], Answer]) -> tuple[Answer | None, Faults]:
    try:
        return work(), {}
    except Invalid as refused:
        here().note_refusal(refused)
        return None, faults_of(refused)


def sent_body() -> bytes:
    """What a form says, in one order and without its key: what a repeat is compared by."""
    pairs = sorted((name, value) for name, values in request.form.lists() for value in values if name != "key")
    return repr(pairs).encode()


# ---- one partner ----


@blueprint.get("/partners/<uuid:partner_id>")
@door("partner.list")
def shown(partner_id: Any) -> Any:
    """One partner: its facts, its people, and what can be done."""
    return _shown(str(partner_id))


def _shown(partner_id: str, status: int = 200, faults: Faults | None = None) -> Any:
    with here().writing() as unit:
        row = actions.see_partner(unit, partner_id)
        accounts = store.accounts_listed(unit.scope, unit, partner_id)
        of_accounts.disclose_peers(unit, accounts)
        gives = of_roles.STAFF if actions.is_network(unit) else of_roles.GIVEN_BY_PARTNERS
        has_ended = not actions.standing(row).is_covered(actions.today(unit))
        signed = store.agreements_listed(unit.scope, unit, partner_id)
        waiting = of_askings.listed(unit, partner_id)
        is_answered = bool(store.setups_listed(unit.scope, unit, partner_id))
    ring = here().vault.ring(account.called for account in accounts)
    people = [(ring.open_text(account.called), account) for account in accounts]
    return page(
        "partners/one.jinja", title=row.name, status=status, row=row, people=people, words=WORDS, has_ended=has_ended,
        signed=signed, waiting=waiting, what=WHAT, is_answered=is_answered, question_count=len(QUESTIONS),
        roles={role: role_words(role) for role in ROLES if role in gives}, role_words=role_words,
        key=request.form.get("key") or new_token(), form=request.form, faults=faults or {},
    )  # fmt: skip


def said(schema: Any) -> Any:
    """What a button says; whatever else was sent is refused, and nothing is undone by saying nothing."""
    given, faults = read_form(schema, request.form)
    if faults:
        raise Invalid(faults=tuple(Fault(where, says) for where, says in faults.items()))
    return given


def role_words(role: str) -> str:
    """A role as a page says it."""
    return role.replace("_", " ").capitalize()


@blueprint.post("/partners/<uuid:partner_id>/accounts")
@door("account.open")
def open_account(partner_id: Any) -> Any:
    """Asks for an account; the same form sent twice asks once."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.OpenSchema(), request.form, beside=["key"])
    if not faults:
        answer, faults = once(lambda: routes.open_once("web", key, sent_body(), str(partner_id), asked))
        if answer:
            return redirect(f"/partners/{partner_id}", 303)
    return _shown(str(partner_id), 422, faults)


@blueprint.post("/partners/<uuid:partner_id>/agreements")
@door("agreement.sign")
def sign_agreement(partner_id: Any) -> Any:
    """Keeps a further agreement; the same form sent twice keeps one."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.AgreementSchema(), request.form, beside=["key"])
    if not faults:
        answer, faults = once(lambda: of_agreements.sign_once("web", key, sent_body(), str(partner_id), asked))
        if answer:
            return redirect(f"/partners/{partner_id}", 303)
    return _shown(str(partner_id), 422, faults)


@blueprint.post("/partners/<uuid:partner_id>/suspension")
@door("partner.suspend")
def suspend(partner_id: Any) -> Any:
    """Suspends a partner, or resumes it."""
    given = said(schemas.SuspendSchema())
    with here().writing() as unit:
        if given["suspend"]:
            actions.suspend_partner(unit, str(partner_id))
        else:
            actions.resume_partner(unit, str(partner_id))
    return redirect(f"/partners/{partner_id}", 303)
