"""Coming in and going out: password and code, invitations, renewing a pass, and being somebody made up in a demo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request

from chassis.access import PUBLIC, Principal
from chassis.errors import Invalid, NotFound, NotSignedIn, Refused
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from chassis.web.passes import put_pass, put_session, session_shown, take_all
from chassis.web.where import our_path
from services.partners import schemas
from services.partners.actions import by_provider, demo, proving, sessions, signing_in
from services.partners.domain import passwords
from services.partners.domain import sessions as rules
from services.partners.domain.second_factors import CodeRefused
from services.partners.pages.square import square

blueprint = Blueprint("partners_sign_in", __name__)


def tell_of_ends() -> None:
    """Has every room told at once of sessions that ended, this one first."""
    here().entry.forget_held()
    current_app.extensions["signaller"].wake()


def shown() -> str:
    """The session this browser shows, or nothing."""
    return session_shown(request, is_secure=here().settings.is_secure)


def _provider_name() -> str:
    """The words on the button of the identity provider, or nothing when there is none."""
    settings = here().settings
    return settings.oidc.name if settings.oidc else ""


def _give_pass(answer: Response, signed: sessions.SignedIn) -> Response:
    minter = current_app.extensions["minter"]
    token = minter.mint(signed.who, called=signed.called, until=signed.until, rests_at=signed.rests_at)
    put_pass(answer, token, is_secure=here().settings.is_secure)
    return answer


def let_in(token: str, to: str | Callable[[Principal], str]) -> Response:
    """The answer to whoever has a new session: session and pass, and on to where they were going, or belong."""
    with here().writing(whole=True) as unit:
        signed = sessions.current(unit, token)
    if signed is None:
        raise rules.SignInRefused()
    answer: Any = redirect(to if isinstance(to, str) else to(signed.who), 303)
    put_session(answer, token, is_secure=here().settings.is_secure)
    return _give_pass(answer, signed)


# ---- with a password


@blueprint.get("/sign-in")
@door(PUBLIC)
def sign_in() -> Any:
    """Whoever has a session gets a new pass and goes on; everybody else is asked who they are."""
    to = our_path(request.args.get("to"))
    with here().writing(whole=True) as unit:
        signed = sessions.current(unit, shown())
    if signed is not None:
        return _give_pass(redirect(to, 303), signed)  # type: ignore[arg-type]
    if here().settings.demo:
        return redirect("/demo", 303)
    return _ask(to)


def _ask(to: str, status: int = 200, faults: Faults | None = None) -> Any:
    return page(
        "partners/sign_in.jinja", title="Sign in", status=status, to=to, form={"email": request.form.get("email", "")},
        faults=faults or {}, oidc=_provider_name(),
    )  # fmt: skip


@blueprint.post("/sign-in")
@door(PUBLIC)
def give_password() -> Any:
    """Compares the password outside every transaction; which part was wrong is not said."""
    to = our_path(request.form.get("to"))
    given, faults = read_form(schemas.SignInSchema(), request.form, beside=["to"])
    if faults:
        return _ask(to, 422, faults)
    house = here()
    asked = signing_in.asked_by(house.ids, given["email"], request.remote_addr or "")
    with house.reading(whole=True) as unit:
        known = signing_in.look(unit, asked)
    is_right = proving.is_password(known.password, given["password"])
    with house.writing(whole=True) as unit:
        if not is_right:
            signing_in.fail(unit, asked, known.account_id)
        else:
            by_provider.check_password_allowed(unit, known.account_id or "", has_provider=bool(_provider_name()))
            kind, token = signing_in.password_was_right(unit, asked, known, replaces=shown())
    if not is_right:
        return _ask(to, 401, {"": rules.SignInRefused.says})
    return _next(kind, token, to)


def _next(kind: str, token: str, to: str) -> Any:
    if kind == "session":
        return let_in(token, to)
    return _ask_code(token, to) if kind == "code" else ask_factor(token, to)


# ---- with a code


def _ask_code(token: str, to: str, status: int = 200, faults: Faults | None = None) -> Any:
    return page(
        "partners/code.jinja", title="Enter your code", status=status, to=to, token=token, form={}, faults=faults or {}
    )


@blueprint.post("/sign-in/code")
@door(PUBLIC)
def give_code() -> Any:
    """The second step: the code an app shows, or a recovery code."""
    to, token = our_path(request.form.get("to")), request.form.get("token", "")
    given, faults = read_form(schemas.CodeSchema(), request.form, beside=["to", "token"])
    if faults:
        return _ask_code(token, to, 422, faults)
    return _count_failures(
        token,
        lambda secret: lambda unit: signing_in.take_code(unit, token, given["code"], secret, replaces=shown()),
        lambda session: let_in(session, to),
        lambda found: _ask_code(token, to, 401, {"code": found.says}),
    )


def _count_failures(
    token: str, work: Callable[[Any], Callable[[Any], Any]], then: Callable[[Any], Any], again: Callable[[Refused], Any]
) -> Any:
    """Does one try with what is known of whoever holds `token`; one that fails is counted apart."""
    house = here()
    with house.reading(whole=True) as unit:
        known = signing_in.holder(unit, token)
    asked = signing_in.Asked(known.login or "", house.ids.named("address", request.remote_addr or ""))
    with house.reading(whole=True) as unit:
        proving.check_tries(unit, asked.login, asked.address)
    secret = house.vault.ring([known.factor]).open(known.factor) if known.factor else None
    try:
        with house.writing(whole=True) as unit:
            done = work(secret)(unit)
    except (rules.SignInRefused, CodeRefused) as refused:
        with house.writing(whole=True) as unit:
            signing_in.fail(unit, asked, known.account_id)
        return again(refused)
    return then(done)


# ---- setting up a second factor


def ask_factor(token: str, to: str) -> Any:
    """A new secret for an app, kept sealed; shown once, here."""
    house, secret = here(), proving.new_totp_secret()
    with house.reading(whole=True) as unit:
        account_id = signing_in.holder(unit, token).account_id
    ring = house.vault.make(account_id, ["second_factor"])
    with house.writing(ring, whole=True) as unit:
        account = signing_in.begin_factor(unit, token, secret)
    if account is None:
        raise rules.TryRanOut()
    called = house.vault.ring([account.called]).open_text(account.called)
    return _show_factor(token, to, secret, called)


def _show_factor(token: str, to: str, secret: str, called: str, status: int = 200, faults: Faults | None = None) -> Any:
    address = proving.totp_address(secret, called)
    return page(
        "partners/factor.jinja", title="Set up a code for signing in", status=status, to=to, token=token, form={},
        faults=faults or {}, secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        square=square(address), called=called,
    )  # fmt: skip


@blueprint.post("/sign-in/factor")
@door(PUBLIC)
def confirm_factor() -> Any:
    """The app gives the right codes: recovery codes are shown, once, and the session begins."""
    to, token = our_path(request.form.get("to")), request.form.get("token", "")
    given, faults = read_form(schemas.CodeSchema(), request.form, beside=["to", "token"])
    house = here()
    with house.reading(whole=True) as unit:
        known = signing_in.holder(unit, token)
    ring = house.vault.ring([known.factor, known.called])
    secret, called = ring.open_text(known.factor), ring.open_text(known.called)
    if faults:
        return _show_factor(token, to, secret, called, 422, faults)

    def show_codes(done: tuple[str, list[str]]) -> Any:
        session, codes = done
        with house.writing(whole=True) as unit:
            signed = sessions.current(unit, session)
        if signed is None:
            raise rules.SignInRefused()
        tell_of_ends()
        made = page("partners/recovery_codes.jinja", title="Keep these codes", codes=codes, to=to)
        answer = current_app.make_response(made)
        put_session(answer, session, is_secure=house.settings.is_secure)
        return _give_pass(answer, signed)

    return _count_failures(
        token,
        lambda opened: lambda unit: signing_in.confirm_factor(unit, token, given["code"], opened, replaces=shown()),
        show_codes,
        lambda found: _show_factor(token, to, secret, called, 422, faults_of(found)),
    )


# ---- an invitation


@blueprint.get("/sign-in/invitation/<token>")
@door(PUBLIC)
def invitation(token: str) -> Any:
    """Whoever was invited chooses a password."""
    with here().reading(whole=True) as unit:
        account = signing_in.invited(unit, token)
    return _ask_password(token, account)


def _ask_password(token: str, account: Any, status: int = 200, faults: Faults | None = None) -> Any:
    if account is None:
        return page("partners/invitation_over.jinja", title="This invitation is over", status=404)
    called = here().vault.ring([account.called]).open_text(account.called)
    oidc = _provider_name()
    with here().reading(whole=True) as unit:
        has_passwords = by_provider.is_password_allowed(unit, account.account_id, has_provider=bool(oidc))
    return page(
        "partners/invitation.jinja", title="Choose how you sign in" if oidc else "Choose a password", status=status,
        token=token, called=called, form={}, faults=faults or {}, least=passwords.LEAST, oidc=oidc,
        passwords=has_passwords,
    )  # fmt: skip


def words_about(account: Any) -> list[str]:
    """Words of somebody that whoever knows them would try first: how they are called, and their address."""
    ring = here().vault.ring([account.called, account.contact])
    contact = ring.open(account.contact) if account.contact else {}
    return [ring.open_text(account.called), *str((contact or {}).get("email", "")).partition("@")[::2]]


@blueprint.post("/sign-in/invitation/<token>")
@door(PUBLIC)
def accept_invitation(token: str) -> Any:
    """Sets the password, and goes on to the second factor where one is needed."""
    house = here()
    with house.reading(whole=True) as unit:
        account = signing_in.invited(unit, token)
    given, faults = read_form(schemas.PasswordSchema(), request.form)
    if account is None or faults:
        return _ask_password(token, account, 422, faults)
    try:
        password = proving.check_new_password(given["password"], words_about(account))
    except Invalid as refused:
        return _ask_password(token, account, 422, faults_of(refused))
    hashed = proving.hash_password(password)
    with house.writing(whole=True) as unit:
        by_provider.check_password_allowed(unit, account.account_id, has_provider=bool(_provider_name()))
        kind, then = signing_in.choose_password(unit, token, hashed)
    return _next(kind, then, "/work")


# ---- going out, and staying


@blueprint.post("/sign-out")
@door(PUBLIC)
def sign_out() -> Any:
    """Ends the session, in every room."""
    with here().writing(whole=True) as unit:
        has_ended = sessions.end_one(unit, shown(), rules.SIGNED_OUT) if shown() else False
    if has_ended:
        tell_of_ends()
    answer = redirect("/sign-in/out" if _provider_name() else "/", 303)
    take_all(answer, is_secure=here().settings.is_secure)  # type: ignore[arg-type]
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/sign-in/stay")
@door(PUBLIC)
def stay() -> Any:
    """Somebody is still there: a new pass without leaving the page."""
    with here().writing(whole=True) as unit:
        signed = sessions.current(unit, shown())
    if signed is None:
        raise NotSignedIn()
    left = int((signed.rests_at - here().clock.now()).total_seconds())
    return _give_pass(jsonify(rests_in=left), signed)


@blueprint.get("/sign-in/done")
@door(PUBLIC)
def done() -> Any:
    """Where somebody lands who signed in beside a form that waits in another tab."""
    return page("partners/done.jinja", title="You are signed in")


# ---- in a demo


@blueprint.post("/sign-in/demo")
@door(PUBLIC)
def become() -> Any:
    """Signs in as somebody made up; outside demo mode there is no such door."""
    if not here().settings.demo:
        raise NotFound()
    given, faults = read_form(schemas.BecomeSchema(), request.form)
    if faults:
        raise Invalid("Choose one of the people on the page.")
    with here().writing(whole=True) as unit:
        token = demo.become(unit, given["kind"], given["id"], given["called"], replaces=shown())
    tell_of_ends()
    return let_in(token, "/work")
