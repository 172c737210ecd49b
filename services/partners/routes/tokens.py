"""The token door: a system shows who it is and gets a pass; what is said there is said in OAuth's own words."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, request

from chassis.passes import LIFE
from chassis.web import PUBLIC, ApiBlueprint, door, here
from services.partners.actions import tokens
from services.partners.domain import oauth
from services.partners.domain.oauth import TokenRefused
from services.partners.schemas.systems import TokenSchema

blueprint = ApiBlueprint("tokens", __name__, url_prefix="/oauth", description="Systems sign in")
PATH = "/oauth/token"
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FIELDS = (oauth.GRANT_TYPE, oauth.ASSERTION_TYPE, oauth.ASSERTION, oauth.SYSTEM_ID, oauth.SECRET)


@blueprint.post("/token")
@door(PUBLIC)
@blueprint.doc(
    security=[],
    requestBody={
        "required": True,
        "content": {
            oauth.FORM: {
                "schema": {
                    "type": "object", "required": [oauth.GRANT_TYPE],
                    "properties": {name: {"type": "string"} for name in _FIELDS},
                }
            }
        },
    },
)  # fmt: skip
@blueprint.response(200, TokenSchema)
def token() -> Any:
    """Sign in as a system, by a statement signed with a registered key or by an API key. The pass lives ten minutes."""
    try:
        return _sign_in(_asked())
    except TokenRefused as refused:
        return _refusal(refused)


def _asked() -> tokens.Asked:
    """What the form says, each field once."""
    if request.mimetype != oauth.FORM or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise TokenRefused("NotAForm")
    if len(request.get_data(cache=True, parse_form_data=False)) > oauth.MOST_BODY:
        raise TokenRefused("BodyTooLong")
    form = request.form
    if any(len(texts) != 1 for _, texts in form.lists()):
        raise TokenRefused("GivenTwice")
    if not form.get(oauth.GRANT_TYPE):
        raise TokenRefused("NoGrant")
    if form[oauth.GRANT_TYPE] != oauth.GRANT:
        raise TokenRefused("OtherGrant")
    statement, secret = form.get(oauth.ASSERTION, ""), form.get(oauth.SECRET, "")
    if secret and (statement or oauth.ASSERTION_TYPE in form):
        raise TokenRefused("TwoWays")
    if not secret and form.get(oauth.ASSERTION_TYPE) != oauth.KIND:
        raise TokenRefused("OtherKind")
    if not secret and not statement:
        raise TokenRefused("NoAssertion")
    return tokens.Asked(statement, secret, form.get(oauth.SYSTEM_ID, ""), request.remote_addr or "")


def _sign_in(asked: tokens.Asked) -> Response:
    house = here()
    statement = tokens.read_statement(asked.statement) if asked.statement else None
    counted = {house.ids.named("address", asked.address): house.policy.failed_tries_address}
    with house.reading(whole=True) as unit:
        tokens.check_how_often(unit, counted)
        named = tokens.named_by(unit, asked, statement)
        # By system and address: whoever knows a system's id must not be able to lock it out from elsewhere.
        pair = house.ids.named("system", named or "", asked.address)
        if named:
            counted[pair] = house.policy.failed_tries_account
            tokens.check_how_often(unit, counted)
    try:
        shown = _shown(asked, statement)
        with house.writing(whole=True) as unit:
            given = tokens.give(unit, shown, asked.address)
            tokens.came_in(unit, pair)
    except TokenRefused as refused:
        with house.writing(whole=True) as unit:
            tokens.count_failure(unit, counted, named, refused)
        raise
    # Minted after the commit alone: when that fails nobody knows whether the number is used, so there is no pass.
    seconds = int(LIFE.total_seconds())
    if given.until is not None:
        seconds = min(seconds, int((given.until - house.clock.now()).total_seconds()))
    minted = current_app.extensions["minter"].mint(given.who, until=given.until)
    return _answer(200, {"access_token": minted, "token_type": "Bearer", "expires_in": seconds})


def _shown(asked: tokens.Asked, statement: tokens.Statement | None) -> tokens.Shown:
    house = here()
    with house.reading(whole=True) as unit:
        if statement is None:
            shown = tokens.system_of_secret(unit, asked.secret, asked.address)
        else:
            known = tokens.look(unit, statement.who, asked.address)
    if statement is not None:
        # Outside the transaction: a signature takes longer to check than a row to read.
        audience = f"{house.settings.our_origin}{PATH}"
        shown = tokens.check_statement(statement, known, audience, house.clock.now())
    if asked.system_id and asked.system_id != shown.system_id:
        raise TokenRefused("SystemsDiffer")
    return shown


def _refusal(refused: TokenRefused) -> Response:
    answer = _answer(refused.status, {"error": refused.error, "error_description": refused.says})
    if refused.status == 429:
        answer.headers["Retry-After"] = str(here().policy.failed_tries_minutes * 60)
    return answer


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, _NOT_KEPT, content_type="application/json")


def shape_problem(status: int, says: str, _rule: str, _errors: list[dict[str, str]]) -> Response | None:
    """Gives trouble at the token door OAuth's shape; None anywhere else."""
    if request.path.rstrip("/") != PATH:
        return None
    return _answer(status, {"error": oauth.error_of(status), "error_description": says})
