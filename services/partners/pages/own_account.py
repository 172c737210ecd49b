"""Your account: everybody's own password, second factor, recovery codes and sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request

from chassis.errors import Invalid
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from services.partners.actions import by_provider, proving, signing_in
from services.partners.actions import own_account as actions
from services.partners.domain import passwords
from services.partners.domain import sessions as rules
from services.partners.pages import signing_in as sign_in
from services.partners.schemas import own_account as schemas

blueprint = Blueprint("own_account_pages", __name__)
AT = "/partners/your-account"
PASSWORD, FACTOR, CODES = f"{AT}/password", f"{AT}/second-factor", f"{AT}/recovery-codes"
SAID = {"password": "Your password is changed, and every other session has ended.", "session": "Ended."}


@blueprint.get(AT)
@door("account.own")
def shown() -> Any:
    """How whoever asks signs in, and where they are signed in now."""
    return _shown()


def _shown(status: int = 200, faults: Faults | None = None) -> Any:
    with here().reading() as unit:
        known, living = actions.own(unit), actions.own_sessions(unit)
    return page(
        "partners/your_account.jinja", title="Your account", status=status, faults=faults or {}, form=request.form,
        at=AT, known=known, living=living, this=g.who.session, others=actions.OTHERS,
        said=SAID.get(request.args.get("said", ""), ""),
    )  # fmt: skip


# ---- a password


@blueprint.get(PASSWORD)
@door("account.own")
def password() -> Any:
    """Asks for the password they have, and the one they want."""
    return _ask_password()


def _ask_password(status: int = 200, faults: Faults | None = None) -> Any:
    with here().reading() as unit:
        known = actions.own(unit)
    return page(
        "partners/own_password.jinja", title="Change your password", status=status, faults=faults or {}, at=AT,
        known=known, least=passwords.LEAST, action=PASSWORD,
    )  # fmt: skip


@blueprint.post(PASSWORD)
@door("account.own")
def change_password() -> Any:
    """Sets another password: every session ends, and this browser gets a new one."""
    known, asked = _known()
    given, faults = read_form(schemas.OwnPasswordSchema(), request.form)
    if faults:
        return _ask_password(422, faults)
    house = here()
    if not proving.is_password(known.password, given["password"]):
        return _ask_password(422, _count(known, asked))
    try:
        chosen = proving.check_new_password(given["new_password"], sign_in.words_about(known.account))
    except Invalid as refused:
        house.note_refusal(refused)
        return _ask_password(422, {"new_password": faults_of(refused)["password"]})
    hashed = proving.hash_password(chosen)
    try:
        with house.writing() as unit:
            by_provider.check_password_allowed(unit, g.who.id, has_provider=bool(house.settings.oidc))
            token = actions.change_password(unit, known, hashed)
    except rules.ProofRefused as refused:
        return _ask_password(422, faults_of(refused))
    sign_in.tell_of_ends()
    return sign_in.let_in(token, f"{AT}?said=password")


def _known() -> tuple[actions.Own, signing_in.Asked]:
    """What they sign in with, and how their tries are counted; refuses whoever has no password, or tried too often."""
    house = here()
    with house.reading() as unit:
        known = actions.own(unit)
        asked = signing_in.Asked(known.login or "", house.ids.named("address", request.remote_addr or ""))
        actions.check_has_password(known, asked, unit)
    return known, asked


def _count(known: actions.Own, asked: signing_in.Asked) -> Faults:
    """Counts a try that failed, as one to sign in is counted, and gives what is said of it."""
    refused = rules.ProofRefused()
    here().note_refusal(refused)
    with here().writing() as unit:
        signing_in.fail(unit, asked, known.account.account_id)
    return faults_of(refused)


# ---- a second factor


@blueprint.get(FACTOR)
@door("account.own")
def factor() -> Any:
    """Asks for the password, and a code where they have one, before an app is set up."""
    return _ask_proof(FACTOR)


@blueprint.get(CODES)
@door("account.own")
def recovery_codes() -> Any:
    """Asks for password and code before new recovery codes are made."""
    return _ask_proof(CODES)


def _ask_proof(action: str, status: int = 200, faults: Faults | None = None) -> Any:
    with here().reading() as unit:
        known = actions.own(unit)
    title = "New recovery codes" if action == CODES else "Set up an app for codes"
    return page(
        "partners/proof.jinja", title=title, status=status, faults=faults or {}, at=AT, known=known, action=action,
        is_codes=action == CODES,
    )  # fmt: skip


def _proven(action: str, work: Any, then: Any) -> Any:
    """Does `work` for whoever shows password and code; what fails is counted."""
    known, asked = _known()
    given, faults = read_form(schemas.ProofSchema(), request.form)
    if faults:
        return _ask_proof(action, 422, faults)
    if not proving.is_password(known.password, given["password"]):
        return _ask_proof(action, 422, _count(known, asked))
    sealed = known.factor.secret if known.has_factor else None
    secret = here().vault.ring([sealed]).open(sealed) if sealed else None
    try:
        with here().writing() as unit:
            done = work(unit, known, given["code"], secret)
    except rules.ProofRefused:
        return _ask_proof(action, 422, _count(known, asked))
    return then(done)


@blueprint.post(FACTOR)
@door("account.own")
def set_up_factor() -> Any:
    """Shows a new secret for an app; it counts from the first right code on (`/sign-in/factor`)."""
    return _proven(FACTOR, actions.begin_factor, lambda token: sign_in.ask_factor(token, AT))


@blueprint.post(CODES)
@door("account.own")
def renew_codes() -> Any:
    """Shows new recovery codes, once."""
    return _proven(
        CODES, actions.renew_recovery_codes,
        lambda codes: page("partners/recovery_codes.jinja", title="Keep these codes", codes=codes, to=AT),
    )  # fmt: skip


# ---- sessions


@blueprint.post(f"{AT}/sessions")
@door("account.own")
def end_sessions() -> Any:
    """Ends one session, or all but this one, for whoever shows their password again, where they have one."""
    given, faults = read_form(schemas.EndSessionSchema(), request.form)
    if faults:
        return _shown(422, faults)
    with here().reading() as unit:
        has_password = actions.own(unit).password is not None
    if has_password:
        known, asked = _known()
        if not proving.is_password(known.password, given["password"]):
            return _shown(422, _count(known, asked))
    with here().writing() as unit:
        actions.end_sessions(unit, given["session"])
    sign_in.tell_of_ends()
    return redirect(f"{AT}?said=session", 303)
