"""What person and peer both do from their own screens: plan to meet, keep connections, rest and go on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid
from chassis.sealing import Ring
from chassis.unit import Unit
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.working_days import LONDON
from services.support import schemas
from services.support.actions import changing, connecting, ending, meeting
from services.support.pages import showing

blueprint = Blueprint("support_pair_pages", __name__)


@blueprint.post("/support/<uuid:support_id>/meetings")
@door("meeting.plan")
def plan(support_id: Any) -> Any:
    """Plans the next meeting."""
    given, faults = read_form(schemas.MeetingFormSchema(), request.form, beside=("key",))
    if faults:
        return showing.show_again(str(support_id), faults)
    starts_at = datetime.combine(given["on"], given["at"], LONDON).astimezone(UTC)
    work = partial(meeting.plan_meeting, support_id=str(support_id), starts_at=starts_at, mode=given["mode"])
    try:
        showing.make("plan", str(support_id), work, partial(Ring, {}))
    except Invalid as refused:
        here().note_refusal(refused)
        # The form asks for the moment as a day and a time; what is wrong with it stands at the day.
        return showing.show_again(str(support_id), {"on": faults_of(refused)["starts_at"]})
    return redirect(f"{showing.home(str(support_id))}?done=planned", 303)


@blueprint.post("/support/<uuid:support_id>/connections")
@door("connection.keep")
def find(support_id: Any) -> Any:
    """Keeps a role, group or place."""
    given, faults = read_form(schemas.ConnectionSchema(), request.form, beside=("key",))
    if faults:
        return showing.show_again(str(support_id), faults)
    work = partial(connecting.find_connection, support_id=str(support_id), **given)
    showing.make("connection", str(support_id), work, partial(changing.notes_ring, here(), str(support_id)))
    return redirect(f"{showing.home(str(support_id))}?done=kept", 303)


@blueprint.post("/support/<uuid:support_id>/connections/<uuid:connection_id>/moves")
@door("connection.keep")
def move(support_id: Any, connection_id: Any) -> Any:
    """One button: a connection goes a step on."""
    given, faults = read_form(schemas.MoveSchema(), request.form)
    if faults:
        raise Invalid(next(iter(faults.values())))

    def work(unit: Unit) -> None:
        connecting.move_connection(unit, str(support_id), str(connection_id), given["state"])

    return showing.do(str(support_id), "kept", work)


@blueprint.post("/support/<uuid:support_id>/pause")
@door("support.pause")
def pause(support_id: Any) -> Any:
    """One button: a rest, without a reason."""
    given, faults = read_form(schemas.PauseSchema(), request.form)
    if faults:
        raise Invalid(next(iter(faults.values())))
    return showing.do(str(support_id), "paused", partial(ending.pause, support_id=str(support_id), **given))


@blueprint.post("/support/<uuid:support_id>/resumption")
@door("support.pause")
def resume(support_id: Any) -> Any:
    """One button: on again."""
    return showing.do(str(support_id), "resumed", partial(ending.resume, support_id=str(support_id)))
