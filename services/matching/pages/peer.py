"""A peer's own screens: what they take, what they have lived through, and the people they are asked about."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid
from chassis.web import door, here
from chassis.web.forms import faults_of, form_values, read_form
from chassis.web.look import page
from contracts.matching import PEER_ANSWERS, PERSON_ANSWERS
from services.matching import routes, schemas, store
from services.matching.actions import answering, peers
from services.matching.domain import moves
from services.matching.pages import wording

blueprint = Blueprint("matching_peer_pages", __name__)


# ---- limits and experience ----


@blueprint.get("/peers/me")
@door("peer.own_limits")
def limits() -> Any:
    """What the peer takes, and their break."""
    return _limits()


def _limits(status: int = 200, faults: Any = None) -> Any:
    row, about = routes.own_row()
    form = request.form if faults else routes.limits_of(row, about)
    return page(
        "matching/limits.jinja", title="Your limits", status=status, row=row, form=form, faults=faults or {},
        lists=wording.LISTS, most_places=here().policy.most_places, entry_count=len(about.get("entries", ())),
    )  # fmt: skip


@blueprint.post("/peers/me/limits")
@door("peer.own_limits")
def save_limits() -> Any:
    """Keeps what the peer takes."""
    given, faults = read_form(schemas.LimitsSchema(), request.form)
    if faults:
        return _limits(422, faults)
    try:
        with here().writing(routes.own_ring()) as unit:
            peers.set_limits(unit, given)
    except Invalid as refused:
        here().note_refusal(refused)
        return _limits(422, faults_of(refused))
    return redirect("/peers/me", 303)


@blueprint.get("/peers/me/experience")
@door("peer.own_limits")
def experience() -> Any:
    """What the peer has lived through, each entry with its level."""
    _, about = routes.own_row()
    form = {f"level.{theme}": level for theme, level in about.get("entries", ())}
    return _experience(form)


def _experience(form: Any, status: int = 200, faults: Any = None) -> Any:
    return page(
        "matching/experience.jinja", title="What you have lived through", status=status, form=form, faults=faults or {},
        lists=wording.LISTS, levels=wording.LEVELS,
    )  # fmt: skip


@blueprint.post("/peers/me/experience")
@door("peer.own_limits")
def save_experience() -> Any:
    """Keeps the entries; a theme left blank is taken out."""
    chosen = {name.removeprefix("level."): level for name, level in form_values(request.form).items()}
    faults = schemas.ExperienceSchema().validate({"entries": [{"theme": t, "level": v} for t, v in chosen.items()]})
    if faults:
        return _experience(request.form, 422, {"": "Choose one of the levels for each theme, or leave it blank."})
    with here().writing(routes.own_ring()) as unit:
        peers.set_experience(unit, [{"theme": theme, "level": level} for theme, level in chosen.items()])
    return redirect("/peers/me", 303)


@blueprint.post("/peers/me/pause")
@door("peer.own_limits")
def pause() -> Any:
    """One button: a break, without a reason."""
    with here().writing() as unit:
        peers.pause(unit)
    return redirect("/peers/me", 303)


@blueprint.post("/peers/me/resumption")
@door("peer.own_limits")
def resume() -> Any:
    """One button: back from the break."""
    with here().writing() as unit:
        peers.resume(unit)
    return redirect("/peers/me", 303)


# ---- offers ----


@blueprint.get("/matching/offers")
@door("match.answer_as_peer")
def offers() -> Any:
    """The people the peer is asked about, or is about to meet; every person shown is one audit row."""
    with here().writing() as unit:
        rows = store.offers_to(unit.scope, unit, unit.who.id)
        brakes = store.brakes_on(unit, {row.person_id for row in rows})
        rows = [row for row in rows if not brakes.get(row.person_id, frozenset()) & moves.NOT_OFFERED]
        for row in rows:
            unit.disclose(row.person_id, record=row.match_id)
    ring = here().vault.ring([token for row in rows for token in (row.called, row.needs)])
    shown = [(row, ring.open_text(row.called), ring.open(row.needs) or {}) for row in rows]
    return page("matching/offers.jinja", title="Your offers", shown=shown, lists=wording.LISTS, words=wording.words)


@blueprint.post("/matching/offers/<uuid:match_id>/answer")
@door("match.answer_as_peer")
def answer(match_id: Any) -> Any:
    """Whether they could be this person's peer."""
    said = _one_of(PEER_ANSWERS)
    with here().writing() as unit:
        answering.record_answer(unit, str(match_id), unit.who.id, "peer", said, answering.OWN_PAGE)
    return redirect("/matching/offers", 303)


@blueprint.post("/matching/offers/<uuid:match_id>/taster")
@door("match.answer_as_peer")
def taster(match_id: Any) -> Any:
    """One button: we have met."""
    with here().writing() as unit:
        answering.record_taster(unit, str(match_id), unit.who.id)
    return redirect("/matching/offers", 303)


@blueprint.post("/matching/offers/<uuid:match_id>/agreement")
@door("match.answer_as_peer")
def agreement(match_id: Any) -> Any:
    """What the peer says after the taster."""
    says = _one_of(PERSON_ANSWERS) == "yes"
    with here().writing() as unit:
        answering.answer_after_taster(unit, str(match_id), answering.OWN_PAGE, peer_says=says)
    return redirect("/matching/offers", 303)


def _one_of(answers: tuple[str, ...]) -> str:
    said = request.form.get("answer", "")
    if said not in answers:
        raise Invalid("Choose one of the answers.")
    return said
