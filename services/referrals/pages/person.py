"""The person's own screen: where things stand, in plain words, and a way to stop."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect

from chassis.access import may
from chassis.web import door, here
from chassis.web.look import page
from services.referrals import domain, store
from services.referrals.actions import protecting
from services.referrals.pages import wording

blueprint = Blueprint("referrals_person_pages", __name__)


@blueprint.get("/my/referral")
@door("my.referral")
def mine() -> Any:
    """Where the person's referrals stand."""
    with here().reading() as unit:
        rows = store.of_person(unit.scope, unit, unit.who.id)
        partners = store.partner_names(unit.scope, unit)
        shown = [(row, domain.is_late(row.reply_due_at, row.decision_due_at, unit.now)) for row in rows]
    return page(
        "referrals/mine.jinja", title="Your referral", rows=shown, partners=partners, stages=domain.STAGES,
        ended=domain.ENDED,
    )  # fmt: skip


@blueprint.get("/my/referral/standing")
@door("my.standing")
def standing() -> Any:
    """Where things stand for whoever has the link and not the word: no name, no place, no time."""
    with here().reading() as unit:
        rows = store.of_person(unit.scope, unit, unit.who.id)
        may_stop = any(row.state not in domain.ENDED and row.consent_state == domain.GIVEN for row in rows)
    return page(
        "referrals/standing.jinja", title="Where things stand", rows=rows, says=wording.STANDING, may_stop=may_stop
    )


@blueprint.get("/my/referral/withdrawal")
@door("consent.withdraw")
def withdrawal_asked() -> Any:
    """Says what it means to stop, before it is done."""
    return page("referrals/stop.jinja", title="Do you want to stop?", back=_where_it_stands())


@blueprint.post("/my/referral/withdrawal")
@door("consent.withdraw")
def withdraw() -> Any:
    """The person takes their consent back."""
    with here().writing() as unit:
        protecting.withdraw_consent(unit, unit.who.id)
    # Where things stand may not be shown just now; that it was heard is said all the same.
    return redirect(_where_it_stands() if here().watch.is_up_to_date() else "/my/referral/withdrawal/heard", 303)


def _where_it_stands() -> str:
    """Where whoever looks may see how things stand."""
    return "/my/referral" if may(here().rules, g.who, "my.referral") else "/my/referral/standing"


@blueprint.get("/my/referral/withdrawal/heard")
@door("consent.withdraw")
def heard() -> Any:
    """Says that everything stops from now on; it names nobody and nothing."""
    return page("referrals/heard.jinja", title="You have stopped")
