"""One account: its roles, its invitation, its closing; and what waits for a second person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis import second
from chassis.errors import Invalid
from chassis.ids import new_token
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from contracts.roles import ROLES
from services.partners import schemas, store
from services.partners.actions import accounts as of_accounts
from services.partners.actions import askings as of_askings
from services.partners.actions import handing_over, proving, second_factors, sessions, settling, system_askings
from services.partners.actions import organisations as of_partners
from services.partners.actions import roles as of_roles
from services.partners.domain import accounts as rules
from services.partners.domain import askings, handover
from services.partners.pages import organisations
from services.partners.pages.organisations import WHAT, role_words
from services.partners.pages.signing_in import tell_of_ends
from services.partners.routes import askings as routes
from services.partners.schemas.systems import WAY_WORDS

blueprint = Blueprint("accounts_pages", __name__)
STATES = {rules.ASKED: "Waits for a second person", rules.ACTIVE: "Open", rules.DISABLED: "Closed"}


@blueprint.get("/partners/<uuid:partner_id>/accounts/<uuid:account_id>")
@door("account.list")
def shown(partner_id: Any, account_id: Any) -> Any:
    """One account and what can be done about it."""
    return _shown(str(partner_id), str(account_id))


def _shown(partner_id: str, account_id: str, status: int = 200, faults: Faults | None = None) -> Any:
    with here().writing() as unit:
        partner = of_partners.see_partner(unit, partner_id)
        row = of_roles.account_at(unit, partner_id, account_id)
        of_accounts.disclose_peers(unit, [row])
        gives = rules.STAFF if of_partners.is_network(unit) else rules.GIVEN_BY_PARTNERS
        is_own = unit.who.id == account_id
        has_factor = proving.has_factor(store.second_factor_of(sessions.whole(unit), unit, account_id))
        in_hand = handover.in_words(store.in_hand_of(unit.scope, unit, account_id))
        others = [one for one in store.accounts_listed(unit.scope, unit, partner_id) if one.account_id != account_id]
        of_accounts.disclose_peers(unit, others if in_hand else [])
    ring = here().vault.ring(one.called for one in others if in_hand)
    takers = {one.account_id: ring.open_text(one.called) for one in others if in_hand}
    called = here().vault.ring([row.called]).open_text(row.called)
    more = {role: role_words(role) for role in ROLES if role in gives and role not in row.roles}
    return page(
        "partners/account.jinja", title=called, status=status, row=row, partner=partner, states=STATES, more=more,
        gives=gives, is_own=is_own, in_hand=in_hand, takers=takers, role_words=role_words,
        key=request.form.get("key") or new_token(), form=request.form, faults=faults or {}, has_factor=has_factor,
    )  # fmt: skip


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles")
@door("role.ask")
def ask_role(partner_id: Any, account_id: Any) -> Any:
    """Asks for a further role; the same form sent twice asks once."""
    key = request.form.get("key") or new_token()
    asked, faults = read_form(schemas.RoleSchema(), request.form, beside=["key"])
    at = (str(partner_id), str(account_id))
    if not faults:
        body = organisations.sent_body()
        answer, faults = organisations.once(lambda: routes.ask_role_once("web", key, body, *at, asked))
        if answer:
            return redirect(f"/partners/{partner_id}/askings/{answer.record}", 303)
    return _shown(*at, 422, faults)


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/handover")
@door("handover.make")
def hand_over(partner_id: Any, account_id: Any) -> Any:
    """Hands everything somebody has in hand to another."""
    at = (str(partner_id), str(account_id))
    asked, faults = read_form(schemas.HandOverSchema(), request.form)
    if not faults:
        try:
            with here().writing() as unit:
                handing_over.hand_over(unit, *at, asked["to_id"])
        except Invalid as refused:
            here().note_refusal(refused)
            return _shown(*at, 422, faults_of(refused))
        return redirect(f"/partners/{partner_id}/accounts/{account_id}", 303)
    return _shown(*at, 422, faults)


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/reset")
@door("account.reset")
def ask_reset(partner_id: Any, account_id: Any) -> Any:
    """Asks that somebody who lost app and recovery codes sets up another; a second person confirms it."""
    given, faults = read_form(schemas.ResetSchema(), request.form)
    if faults:
        return _shown(str(partner_id), str(account_id), 422, faults)
    with here().writing() as unit:
        asking_id = second_factors.ask_reset(unit, str(partner_id), str(account_id), given["why"])
    return redirect(f"/partners/{partner_id}/askings/{asking_id}", 303)


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/roles/<role>/end")
@door("role.end")
def end_role(partner_id: Any, account_id: Any, role: str) -> Any:
    """Ends a role at once."""
    with here().writing() as unit:
        of_roles.end_role(unit, str(partner_id), str(account_id), role)
    return redirect(f"/partners/{partner_id}/accounts/{account_id}", 303)


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/invitation")
@door("account.open")
def invite(partner_id: Any, account_id: Any) -> Any:
    """Shows the link by which somebody chooses their password, once; whoever invites hands it over themselves."""
    with here().writing() as unit:
        account = of_accounts.account_of(unit, str(account_id))
        token = of_accounts.invite(unit, str(account_id))
        days = unit.policy.invitation_days
    called = here().vault.ring([account.called]).open_text(account.called)
    link = f"{here().settings.our_origin}/sign-in/invitation/{token}"
    return page(
        "partners/invited.jinja",
        title="An invitation",
        called=called,
        link_to_send=link,
        days=days,
        back=f"/partners/{partner_id}/accounts/{account_id}",
    )


@blueprint.post("/partners/<uuid:partner_id>/accounts/<uuid:account_id>/closure")
@door("account.close")
def close(partner_id: Any, account_id: Any) -> Any:
    """Closes an account, or opens it again."""
    given = organisations.said(schemas.CloseSchema())
    with here().writing() as unit:
        if given["close"]:
            of_accounts.disable(unit, str(account_id))
        else:
            of_accounts.restore(unit, str(account_id))
    tell_of_ends()
    return redirect(f"/partners/{partner_id}/accounts/{account_id}", 303)


# ---- what waits for a second person


@blueprint.get("/partners/askings")
@door("asking.list")
def waiting() -> Any:
    """What waits for a second person, wherever whoever asks may settle it."""
    with here().writing() as unit:
        lines = _lines(unit)
    return page("partners/askings.jinja", title="Waiting for a second person", lines=lines, what=WHAT)


def _lines(unit: Any) -> list[dict[str, Any]]:
    partners = {row.partner_id: row.name for row in of_partners.see_partners(unit)}
    return [
        {**of_askings.as_shown(row._mapping), "partner": partners[row.partner_id]}
        for row in of_askings.listed(unit)
        if row.partner_id in partners
    ]


@blueprint.get("/partners/<uuid:partner_id>/askings/<uuid:asking_id>")
@door("asking.list")
def asking(partner_id: Any, asking_id: Any) -> Any:
    """What one person asked: about whom, why, and until when another may confirm it."""
    with here().writing() as unit:
        partner = of_partners.see_partner(unit, str(partner_id))
        row = of_askings.one(unit, str(partner_id), str(asking_id))
        asked = of_askings.as_shown(row._mapping)
        people = [
            one for one in (of_accounts.account_if_there(unit, id_) for id_ in (row.about_id, row.asked_by)) if one
        ]
        of_accounts.disclose_peers(unit, people)
        is_mine = unit.who.id in {row.asked_by, row.about_id}
        is_open = row.state == second.ASKED and row.ends_at > unit.now
        may_fetch = system_askings.may_fetch(unit, row)
        gives_api_key = system_askings.gives_api_key(row)
    ring = here().vault.ring(one.called for one in people)
    names = {one.account_id: ring.open_text(one.called) for one in people}
    return page(
        "partners/asking.jinja", title=WHAT[row.what], partner=partner, asked=asked, about=names.get(row.about_id),
        by=names.get(row.asked_by), is_mine=is_mine, is_open=is_open, may_fetch=may_fetch, gives_api_key=gives_api_key,
        ways=WAY_WORDS,
    )  # fmt: skip


@blueprint.post("/partners/<uuid:partner_id>/askings/<uuid:asking_id>/confirmation")
@door("asking.settle")
def confirm(partner_id: Any, asking_id: Any) -> Any:
    """Does what somebody else asked."""
    with here().writing() as unit:
        row = settling.confirm(unit, str(partner_id), str(asking_id))
    tell_of_ends()
    kind = "systems" if row.what in askings.OF_SYSTEMS else "accounts"
    return redirect(f"/partners/{partner_id}/{kind}/{row.about_id}", 303)


@blueprint.post("/partners/<uuid:partner_id>/askings/<uuid:asking_id>/refusal")
@door("asking.settle")
def refuse(partner_id: Any, asking_id: Any) -> Any:
    """Lets go what somebody else asked."""
    with here().writing() as unit:
        settling.refuse(unit, str(partner_id), str(asking_id))
    return redirect(f"/partners/{partner_id}", 303)
