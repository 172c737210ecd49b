"""How we reach you: everybody's own page for where they are written to, which way, and when not."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, request

from chassis.errors import Invalid
from chassis.web import door, here
from chassis.web.forms import Faults, faults_of, read_form
from chassis.web.look import page
from services.partners.actions import reaching as actions
from services.partners.domain import notices as rules
from services.partners.schemas import notices as schemas

blueprint = Blueprint("reaching_pages", __name__)
AT = "/partners/how-we-reach-you"
HOURS = {str(hour): f"{hour:02}:00" for hour in range(24)}


@blueprint.get(AT)
@door("reach.own")
def shown() -> Any:
    """What whoever asks said of themselves, or what holds until they do."""
    with here().reading() as unit:
        account, reach = actions.own(unit)
    ring = here().vault.ring([actions.token_of(account, reach)])
    reader = actions.read(here().policy, account, reach, ring)
    form = {
        "email": reader.addresses.get(rules.EMAIL, ""), "phone": reader.addresses.get(rules.SMS, ""),
        "channel": reach.channel if reach else rules.EMAIL, "quiet_from": str(reader.reach.quiet_from),
        "quiet_until": str(reader.reach.quiet_until), "is_discreet": "yes" if reader.is_discreet else "no",
    }  # fmt: skip
    return _form(form, is_saved=request.args.get("saved") == "yes")


@blueprint.post(AT)
@door("reach.own")
def change() -> Any:
    """Keeps what they say now."""
    asked, faults = read_form(schemas.ReachSchema(), request.form)
    if not faults:
        ring = here().vault.make(g.who.id, [actions.CLASS])
        try:
            with here().writing(ring) as unit:
                actions.change(unit, asked)
        except Invalid as refused:
            here().note_refusal(refused)
            return _form(request.form, 422, faults_of(refused))
        return redirect(f"{AT}?saved=yes", 303)
    return _form(request.form, 422, faults)


def _form(form: Any, status: int = 200, faults: Faults | None = None, *, is_saved: bool = False) -> Any:
    return page("partners/reach.jinja", title="How we reach you", status=status, form=form, faults=faults or {},
        at=AT, hours=HOURS, ways=schemas.CHANNEL_WORDS, is_saved=is_saved)  # fmt: skip
