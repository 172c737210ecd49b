"""Signing in and out by an identity provider: off to it, back from it, and what it says when it signs somebody out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request

from chassis.access import PUBLIC
from chassis.errors import Malformed, NotFound, Refused, Retry
from chassis.ids import new_token
from chassis.web import door, here
from chassis.web.look import page
from chassis.web.passes import begun_shown, put_begun, session_shown
from chassis.web.where import our_path
from services.partners.actions import by_provider, signing_in
from services.partners.domain import provider as rules
from services.partners.pages.signing_in import let_in, tell_of_ends
from services.partners.provider import Provider

blueprint = Blueprint("partners_provider", __name__)

# Longest value of an answer that is looked at (characters).
_LONGEST = 4096


def _provider() -> Provider:
    """The provider that signs people in here; without one there are no such doors."""
    found: Provider | None = current_app.extensions.get("provider")
    if found is None:
        raise NotFound()
    return found


# ---- off to it


@blueprint.get("/sign-in/provider")
@door(PUBLIC)
def go() -> Any:
    """Sends a browser to the provider, to come back to where it was going."""
    return _begin(our_path(request.args.get("to")), "")


@blueprint.get("/sign-in/invitation/<token>/provider")
@door(PUBLIC)
def go_invited(token: str) -> Any:
    """Sends whoever was invited to the provider, to be linked to their account when they come back."""
    _provider()
    with here().reading(whole=True) as unit:
        if signing_in.invited(unit, token) is None:
            return page("partners/invitation_over.jinja", title="This invitation is over", status=404)
    return _begin("/work", token)


def _begin(going_to: str, invitation: str) -> Any:
    provider, house, browser = _provider(), here(), new_token()
    address = house.ids.named("address", request.remote_addr or "")
    try:
        # Outside every transaction: nobody waits for the provider with the records in hand.
        provider.look()
        with house.writing(whole=True) as unit:
            begun = by_provider.begin(unit, browser, address=address, going_to=going_to, invitation=invitation)
            seconds = unit.policy.begun_minutes * 60
        to = provider.address(state=begun.state, nonce=begun.nonce, verifier=begun.verifier)
    except (Refused, Retry) as trouble:
        return _not_in(trouble)
    answer = redirect(to, 303)
    put_begun(answer, browser, seconds, is_secure=house.settings.is_secure)  # type: ignore[arg-type]
    return answer


# ---- back from it


@blueprint.get("/sign-in/provider/answer")
@door(PUBLIC)
def answered() -> Any:
    """Takes the provider's answer: whoever it is of, and is linked to an account of ours, is signed in."""
    provider, house = _provider(), here()
    browser = begun_shown(request, is_secure=house.settings.is_secure)
    known, shown = None, ""
    try:
        with house.writing(whole=True) as unit:
            begun = by_provider.take(unit, browser, _given("state"))
        provider.check_answer(_given("iss") if "iss" in request.args else None)
        if "error" in request.args or not _given("code"):
            raise rules.SignInStopped()
        identity = provider.identity(_given("code"), nonce=begun.nonce, verifier=begun.verifier)
        known, shown = by_provider.known_by(house.ids, provider.issuer, identity), identity.shown
        replaces = session_shown(request, is_secure=house.settings.is_secure)
        with house.writing(whole=True) as unit:
            session = by_provider.come_in(unit, known, begun, replaces=replaces)
    except (Refused, Retry) as trouble:
        return _not_in(trouble, known, shown)
    tell_of_ends()
    answer = let_in(session, begun.going_to)
    put_begun(answer, "", 0, is_secure=house.settings.is_secure)
    return answer


def _given(name: str) -> str:
    """One value of the answer; refuses one that stands there twice or is longer than any provider's."""
    found = request.args.getlist(name)
    if len(found) > 1 or any(len(text) > _LONGEST for text in found):
        raise Malformed()
    return found[0] if found else ""


def _not_in(trouble: Refused | Retry, known: by_provider.Known | None = None, shown: str = "") -> Response:
    """The page for whoever does not come in: what happened, what to do, and who the provider says they are."""
    house = here()
    if isinstance(trouble, Refused):
        with house.writing(whole=True) as unit:
            by_provider.note_refused(unit, known, trouble)
    status = trouble.status if isinstance(trouble, Refused) else 503
    answer = page(
        "partners/not_signed_in.jinja", title="You are not signed in", status=status, says=trouble.says, shown=shown
    )
    if status == 503:
        answer.headers["Retry-After"] = "60"
    put_begun(answer, "", 0, is_secure=house.settings.is_secure)
    return answer


# ---- out


@blueprint.post("/sign-in/provider/logout")
@door(PUBLIC)
def signed_out_there() -> Any:
    """Ends, in every room, the sessions of whoever the provider signed out; the provider itself knocks here."""
    provider, house = _provider(), here()
    try:
        logout = provider.logout(request.form.get("logout_token", ""))
        with house.writing(whole=True) as unit:
            by_provider.sign_out(unit, house.ids, provider.issuer, logout)
    except (rules.AnswerRefused, rules.ProviderAway) as trouble:
        with house.writing(whole=True) as unit:
            by_provider.note_logout_refused(unit, trouble)
        return _to_provider(jsonify(error="invalid_request"), 400)
    tell_of_ends()
    return _to_provider(Response(), 200)


def _to_provider(answer: Response, status: int) -> Response:
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/sign-in/out")
@door(PUBLIC)
def signed_out_here() -> Any:
    """Says that somebody is signed out here, and offers to sign out at the provider too where it has a page for it."""
    provider = _provider()
    return page("partners/signed_out.jinja", title="You are signed out", end=provider.end_address())
