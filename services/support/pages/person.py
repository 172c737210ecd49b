"""The person's own screen: their peer, what comes next, and a way to stop or to have someone else."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, request

from chassis.web import door, here
from chassis.web.forms import read_form
from chassis.web.look import page
from services.support import domain, schemas
from services.support.actions import asking, ending
from services.support.pages import showing

blueprint = Blueprint("support_person_pages", __name__)


@blueprint.get("/my/support")
@door("support.own")
def mine() -> Any:
    """Where the person's support stands."""
    return showing.show_mine()


@blueprint.get("/my/support/change")
@door("support.own")
def change_asked() -> Any:
    """Someone else, or to stop: no reason is asked."""
    return _change()


def _change(status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        seen = asking.see_own(unit)
    if seen is None or seen.row.state not in domain.LIVE:
        return redirect("/my/support", 303)
    form = request.form if faults else {}
    return page("support/change.jinja", title="Something else", status=status, form=form, **showing.shown(seen, faults))


@blueprint.post("/my/support/<uuid:support_id>/ending")
@door("support.end")
def change(support_id: Any) -> Any:
    """Ends the support as the person says; asking for someone else keeps their place."""
    given, faults = read_form(schemas.ChangeSchema(), request.form)
    if faults:
        return _change(422, faults)
    is_swap = given["want"] == "someone_else"
    how = {"ending": domain.SWAP if is_swap else "early_by_choice", "agreed_by": domain.PERSON, "wants_return": is_swap}
    return showing.do(str(support_id), "ended", partial(ending.end, support_id=str(support_id), **how))
