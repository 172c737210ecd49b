"""A private link: what opens there asks for the word a person chose, and only a button sent begins anything.

A program that follows links in letters does nothing by it. The address is a secret (chassis/web/where.py): it stands in
no other address, no log line, no audit row, and no page is told it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from chassis.errors import Refused
from chassis.web import PUBLIC, door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from contracts.roles import OWN_PAGES
from services.partners import schemas
from services.partners.actions import links
from services.partners.domain import links as rules
from services.partners.pages.signing_in import let_in, shown, tell_of_ends

blueprint = Blueprint("partners_links", __name__)
# Where somebody goes on to, by what their passes are for.
_ON_TO = {True: "/my/referral", False: "/my/referral/standing"}


@blueprint.get("/l/<token>")
@door(PUBLIC)
def ask(token: str) -> Any:
    """Asks for the word; a link that is good no more says the same whyever that is."""
    with here().reading(whole=True) as unit:
        found = links.look(unit, token)
    return _ask(found)


def _ask(found: links.Found | None, status: int = 200, faults: Faults | None = None) -> Any:
    if found is None:
        return _silent(page("partners/link_over.jinja", title="This link does not work", status=404))
    title = "Your private page" if not found.asks else "Your word, please"
    return _silent(
        page("partners/link.jinja", title=title, status=status, asks=found.asks, form={}, faults=faults or {})
    )


def _silent(answer: Response) -> Response:
    """No machine that reads the web keeps it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@blueprint.post("/l/<token>")
@door(PUBLIC)
def open_it(token: str) -> Any:
    """Goes on with the word, or without."""
    house = here()
    with house.reading(whole=True) as unit:
        found = links.look(unit, token)
    if found is None:
        return _ask(None)
    given, faults = read_form(schemas.LinkWordSchema(), request.form, beside=["without"])
    if faults:
        return _ask(found, 422, faults)
    if not found.asks or "without" in request.form:
        with house.writing(whole=True) as unit:
            session = links.open_without_word(unit, token, replaces=shown())
        return _go_on(session)
    if not given["word"]:
        return _ask(found, 422, {"word": "Enter your word, or go on without it."})
    address = house.ids.named("link_address", request.remote_addr or "")
    is_right = links.is_word(house, found, given["word"])
    try:
        with house.writing(whole=True) as unit:
            if is_right:
                session = links.open_with_word(unit, token, address, replaces=shown())
            else:
                links.count_wrong_word(unit, token, address)
    except rules.LinkRests as refused:
        return _refused(found, refused)
    return _go_on(session) if is_right else _refused(found, rules.WordRefused())


def _refused(found: links.Found, refused: Refused) -> Any:
    return _ask(found, refused.status, {"word": faults_of(refused)[""]})


def _go_on(session: str | None) -> Any:
    if session is None:
        return _ask(None)
    tell_of_ends()
    return _silent(let_in(session, lambda who: _ON_TO[who.only == OWN_PAGES]))
