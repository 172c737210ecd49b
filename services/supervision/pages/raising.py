"""Where anyone raises a worry: 999 first, then what it is about in their own words, and by when somebody answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request

from chassis.access import Principal
from chassis.ids import new_token
from chassis.unit import Unit
from chassis.web import door, here
from chassis.web.forms import read_form
from chassis.web.look import page
from contracts.roles import PEER, SUPERVISOR
from contracts.worries import ABOUT
from services.supervision import routes, schemas, store
from services.supervision.pages import wording

blueprint = Blueprint("supervision_raising_pages", __name__)


@blueprint.get("/worries/new")
@door("worry.raise")
def new() -> Any:
    """The empty form; another room's screen may say in the address whom it is about."""
    about = request.args.get("about", "")
    chosen = f"{about}/{request.args.get('about_id', '')}" if about in ABOUT else ""
    return _form({"whom": chosen}, {}, new_token())


def _form(form: Any, faults: Any, key: str, status: int = 200) -> Any:
    chosen = form.get("whom", "")
    choices = _choices(g.who, chosen)
    return page(
        "supervision/worries/new.jinja", title="Raise a worry", status=status, form=form, faults=faults, key=key,
        levels=wording.level_choices(here().policy), choices=choices, most=schemas.MOST_WORDS,
    )  # fmt: skip


def _choices(who: Principal, chosen: str) -> dict[str, str]:
    """Whom a worry may be about, as whoever asks knows them; every person named is one audit row."""
    with here().writing() as unit:
        known = _known(unit, who)
    ring = here().vault.ring(token for _, token, _ in known)
    named = {value: words.format(ring.open_text(token)) for value, token, words in known}
    if PEER in who.roles:
        named = {f"peer/{who.id}": "How things are for me", **named}
    if who.kind == "person":
        found = {f"person/{who.id}": "How things are for me", "peer/": "My peer", "partner/": wording.ABOUT["partner"]}
    else:
        found = {**named, **{f"{about}/": _unnamed(about, named) for about in ABOUT}}
    about = chosen.partition("/")[0]
    if about in ABOUT and chosen not in found:
        found = {chosen: f"{wording.ABOUT[about]} you came here from", **found}
    return {**{key: text for key, text in found.items() if key != "other/"}, "other/": wording.ABOUT["other"]}


def _unnamed(about: str, named: dict[str, str]) -> str:
    is_named = any(value.startswith(f"{about}/") for value in named)
    return wording.ABOUT[about].replace("A ", "Another ", 1) if is_named else wording.ABOUT[about]


def _known(unit: Unit, who: Principal) -> list[tuple[str, str, str]]:
    """Values, sealed names and words of those somebody is near to: whom they support, who supervises, their team."""
    found: list[tuple[str, str, str]] = []
    if PEER in who.roles:
        for row in store.walked_beside(unit.scope, unit, who.id):
            # Nobody learns from a fact that somebody thought of raising a worry.
            unit.disclose(row.person_id, record=row.support_id, is_opened=False, is_told=False)
            found.append((f"person/{row.person_id}", row.called, "{}, whom I support"))
        supervisor_id = store.supervisor_of(unit.scope, unit, who.id)
        for account_id, called in store.called_of_accounts(unit.scope, unit, [supervisor_id]).items():
            found.append((f"supervisor/{account_id}", called, "{}, my supervisor"))
    if SUPERVISOR in who.roles:
        team = store.team(unit.scope, unit)
        for row in team:
            unit.disclose(row.peer_id, record=row.peer_id, kind="peer", is_opened=False, is_told=False)
        found += [(f"peer/{row.peer_id}", row.called, "{}, whom I supervise") for row in team]
    return found


@blueprint.post("/worries/new")
@door("worry.raise")
def raise_it() -> Any:
    """Takes the worry in; the same form sent twice raises one."""
    key = request.form.get("key", "") or new_token()
    given, faults = read_form(schemas.ConcernFormSchema(), request.form, beside=["key"])
    if faults:
        return _form(request.form, faults, key, 422)
    body = repr(sorted(given.items(), key=lambda pair: pair[0])).encode()
    row = routes.the_concern_raised("web", key[:100], body, given)
    return redirect(f"/worries/raised/{row.concern_id}", 303)


@blueprint.get("/worries/raised/<uuid:concern_id>")
@door("worry.raise")
def raised(concern_id: Any) -> Any:
    """Says that it is in hand and by when somebody answers; 999 first when someone is in danger."""
    with here().reading() as unit:
        row = store.concern_raised(unit.scope, unit, str(concern_id))
    return page("supervision/worries/raised.jinja", title="Your worry is in hand", row=row)
