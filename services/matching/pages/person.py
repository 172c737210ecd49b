"""The person's own screen: short profiles of peers who could, a choice without a reason, what follows a taster."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid
from chassis.events.brakes import FENCED
from chassis.web import door, here
from chassis.web.look import page
from services.matching import schemas, store
from services.matching.actions import answering
from services.matching.domain import moves, pair
from services.matching.pages import wording

blueprint = Blueprint("matching_person_pages", __name__)


@blueprint.get("/my/match")
@door("match.answer_as_person")
def mine() -> Any:
    """Where the person's match stands; a protected person is shown no peer, place or time. A peer is an audit row."""
    with here().writing() as unit:
        row = store.latest_match_of_person(unit.scope, unit, unit.who.id)
        options = store.options_of(unit.scope, unit, [row.match_id]) if row else []
        # Someone protected reads the same as someone nothing is known of: who is not accepted, declined, or not there.
        waits = store.people_waiting(unit.scope, unit, (moves.WAITING, moves.OFFERED, moves.MATCHED))
        is_known = bool(waits) or (row is not None and row.state == moves.ENDED)
        is_shown = is_known and not unit.braked(unit.who.id) & {*moves.NOT_OFFERED, FENCED}
        if not is_shown:
            row, options = None, []
        known = [one for one in options if one.state in moves.USES_A_PLACE]
        for one in known:
            unit.disclose(one.peer_id, record=one.match_id, kind="peer")
    ring = here().vault.ring([token for one in known for token in (one.called, one.about)])
    profiles = [{"option": one, "called": ring.open_text(one.called), "shows": _shows(ring, one)} for one in known]
    asked_count = sum(one.state == moves.ASKED for one in options)
    return page(
        "matching/mine.jinja", title="Your match", row=row, profiles=profiles, asked_count=asked_count,
        lists=wording.LISTS, words=wording.words, is_shown=is_shown, is_waiting=bool(waits),
    )  # fmt: skip


def _shows(ring: Any, option: Any) -> list[str]:
    about = (ring.open(option.about, owner_id=option.peer_id) or {}) if option.about else {}
    return [theme for theme, level in about.get("entries", ()) if level in pair.SHOWN]


@blueprint.post("/my/match/<uuid:match_id>/choice")
@door("match.answer_as_person")
def choose(match_id: Any) -> Any:
    """Chooses one peer."""
    peer_id = request.form.get("peer_id", "")
    faults = schemas.PeerChoiceSchema().validate({"peer_id": peer_id})
    if faults:
        raise Invalid("Choose one of the peers shown.")
    with here().writing() as unit:
        answering.record_answer(unit, str(match_id), peer_id, "person", "yes", answering.OWN_PAGE)
    return redirect("/my/match", 303)


@blueprint.post("/my/match/<uuid:match_id>/not-this-time")
@door("match.answer_as_person")
def decline(match_id: Any) -> Any:
    """Chooses nobody, without a reason, and waits on."""
    with here().writing() as unit:
        answering.decline_all(unit, str(match_id))
    return redirect("/my/match", 303)


@blueprint.post("/my/match/<uuid:match_id>/agreement")
@door("match.answer_as_person")
def agree(match_id: Any) -> Any:
    """Says yes after the taster."""
    with here().writing() as unit:
        answering.answer_after_taster(unit, str(match_id), answering.OWN_PAGE, person_says=True)
    return redirect("/my/match", 303)
