"""Screens for peers and coordinators: the people supported, one support, two taps after a meeting, start, ending."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid, NotFound
from chassis.sealing import Ring
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.support import domain, schemas
from services.support.actions import asking, changing, ending, meeting, starting
from services.support.pages import showing, wording

blueprint = Blueprint("support_peer_pages", __name__)


@blueprint.get("/support")
@door("support.list")
def listed() -> Any:
    """The people a peer supports, or the supports of the network; every person shown is one audit row."""
    is_over = request.args.get("show") == "ended"
    with here().writing() as unit:
        rows = asking.see_all(unit, (domain.ENDED,) if is_over else domain.LIVE)
        is_network = unit.scope.reach == "network"
    ring = here().vault.ring(token for seen in rows for token in (seen.row.person_called, seen.row.peer_called))
    shown = [
        (seen, ring.open_text(seen.row.person_called, "Someone"), ring.open_text(seen.row.peer_called, "Their peer"))
        for seen in rows
    ]
    title = "Support" if is_network else "People you support"
    return page(
        "support/list.jinja",
        title=title,
        shown=shown,
        is_network=is_network,
        is_over=is_over,
        wording=wording,
        notice=showing.notice(),
    )


@blueprint.get("/support/<uuid:support_id>")
@door("support.list")
def one(support_id: Any) -> Any:
    """One support."""
    return showing.show_one(str(support_id))


@blueprint.post("/support/<uuid:support_id>/start")
@door("support.start")
def start(support_id: Any) -> Any:
    """Begins with the end date the pair agreed."""
    given, faults = read_form(schemas.StartFormSchema(), request.form)
    if faults:
        return showing.show_one(str(support_id), 422, faults)
    return showing.do(str(support_id), "started", partial(starting.start, support_id=str(support_id), **given))


# ---- after a meeting: the first tap says whether, the second how, and that is all ----


@blueprint.get("/support/<uuid:support_id>/contact")
@door("contact.record")
def second_tap(support_id: Any) -> Any:
    """The second tap: one button for each way of being in touch. All else sits behind "add more"."""
    return _second_tap(str(support_id), request.args)


def _second_tap(support_id: str, asked: Any, status: int = 200, faults: Any = None) -> Any:
    kind = asked.get("kind", "")
    with here().writing() as unit:
        seen = asking.see_whole(unit, support_id)
        domain.check_move(seen.row.state, "contact")
    if seen.side != domain.PEER or kind not in wording.KINDS:
        raise NotFound()
    to_record = seen.to_record
    meeting_id = to_record.meeting_id if to_record and asked.get("meeting_id") == to_record.meeting_id else ""
    return page(
        "support/contact.jinja", title=wording.KINDS[kind], status=status, kind=kind, meeting_id=meeting_id,
        planned=to_record if meeting_id else None, form=asked if faults else {}, **showing.shown(seen, faults),
    )  # fmt: skip


@blueprint.post("/support/<uuid:support_id>/contacts")
@door("contact.record")
def contact(support_id: Any) -> Any:
    """Records the contact; the same form sent twice records it once."""
    given, faults = read_form(schemas.ContactSchema(), request.form, beside=("key",))
    if faults:
        return _second_tap(str(support_id), request.form, 422, faults)
    work = partial(meeting.record_contact, support_id=str(support_id), asked=given)
    keys = partial(changing.notes_ring, here(), str(support_id)) if given["note"] else partial(Ring, {})
    try:
        showing.make("contact", str(support_id), work, keys)
    except Invalid as refused:
        here().note_refusal(refused)
        return _second_tap(str(support_id), request.form, 422, faults_of(refused))
    return redirect(f"/support/{support_id}?done=recorded", 303)


# ---- the ending ----


@blueprint.get("/support/<uuid:support_id>/ending")
@door("support.end")
def ending_asked(support_id: Any) -> Any:
    """How it ends, with the connections that are alive in sight."""
    return _ending(str(support_id))


def _ending(support_id: str, status: int = 200, faults: Any = None) -> Any:
    with here().writing() as unit:
        seen = asking.see(unit, support_id)
        domain.check_move(seen.row.state, "end")
    if seen.side == domain.PERSON:
        raise NotFound()
    form = request.form if faults else {}
    return page("support/ending.jinja", title="End support", status=status, form=form, **showing.shown(seen, faults))


@blueprint.post("/support/<uuid:support_id>/ending")
@door("support.end")
def end(support_id: Any) -> Any:
    """Ends the support."""
    given, faults = read_form(schemas.EndingSchema(), request.form)
    if faults:
        return _ending(str(support_id), 422, faults)
    work = partial(ending.end, support_id=str(support_id), **given)
    # Not back to the support itself: once it has ended it may be shown no more.
    again = partial(_ending, str(support_id), 422)
    return showing.do(str(support_id), "ended", work, again=again, then="/support")
