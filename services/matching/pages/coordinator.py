"""A coordinator's screens: who waits, the shortlist for one person, one match, and the peers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from chassis.errors import Invalid
from chassis.web import door, here
from chassis.web.forms import faults_of, read_form
from chassis.web.look import page
from services.matching import routes, schemas, store
from services.matching.actions import answering, peers
from services.matching.domain import moves, pair
from services.matching.domain.shortlist import DO_NOT_ASSUME
from services.matching.pages import wording

blueprint = Blueprint("matching_pages", __name__)


@blueprint.get("/matching")
@door("board.read")
def board() -> Any:
    """Who waits, longest wait first, of one area when asked for."""
    area = request.args.get("area", "")
    if area not in wording.LISTS["areas"]:
        area = ""
    rows = routes.the_board(area)
    ring = here().vault.ring(one.row.called for one in rows)
    shown = [(one, ring.open_text(one.row.called)) for one in rows]
    return page("matching/board.jinja", title="Waiting for a match", shown=shown, area=area, lists=wording.LISTS)


# ---- one person's shortlist ----


@blueprint.get("/matching/<uuid:referral_id>")
@door("board.read")
def shortlist(referral_id: Any) -> Any:
    """Who could be offered to one person, and why."""
    return _shortlist(str(referral_id))


def _shortlist(referral_id: str, status: int = 200, faults: Any = None) -> Any:
    looked, found = routes.the_shortlist(referral_id)
    row = looked.row
    with here().reading() as unit:
        partners = store.partner_names(unit.scope, unit)
        open_match = store.open_matches_by_referral(unit.scope, unit).get(referral_id)
    ring = here().vault.ring([row.called, row.needs, *(peer.called for peer in looked.peers)])
    known = {peer.peer_id: (ring.open_text(peer.called), partners.get(peer.partner_id, "")) for peer in looked.peers}
    return page(
        "matching/shortlist.jinja", title="Shortlist", status=status, row=row,
        called=ring.open_text(row.called),
        needs=ring.open(row.needs), found=found, known=known, open_match=open_match,
        can_propose=row.state == moves.WAITING,
        please=DO_NOT_ASSUME, lists=wording.LISTS, words=wording.words, strengths=wording.STRENGTHS,
        form=request.form, faults=faults or {},
    )  # fmt: skip


@blueprint.post("/matching/<uuid:referral_id>/proposals")
@door("match.propose")
def propose(referral_id: Any) -> Any:
    """Offers the peers that were ticked."""
    given, faults = read_form(schemas.OfferFormSchema(), request.form)
    if faults:
        return _shortlist(str(referral_id), 422, faults)
    try:
        match_id = routes.the_proposal(str(referral_id), **given)
    except Invalid as refused:
        here().note_refusal(refused)
        return _shortlist(str(referral_id), 422, faults_of(refused))
    return redirect(f"/matching/match/{match_id}", 303)


# ---- one match ----


@blueprint.get("/matching/match/<uuid:match_id>")
@door("board.read")
def match(match_id: Any) -> Any:
    """One match: where it stands, and what can be recorded now."""
    return _match(str(match_id))


def _match(match_id: str, status: int = 200, faults: Any = None) -> Any:
    routes.check_may_know(match_id)
    with here().writing() as unit:
        row = store.match(unit.scope, unit, match_id)
        routes.heed_brakes(unit, row.person_id)
        options = store.options_of(unit.scope, unit, [match_id])
        called = store.one_waiting(unit.scope, unit, row.referral_id).called
        partners = store.partner_names(unit.scope, unit)
        routes.disclose_match(unit, row, options)
    ring = here().vault.ring([called, *(one.called for one in options)])
    names = {one.peer_id: ring.open_text(one.called) for one in options}
    still_open = {
        one.peer_id: names[one.peer_id]
        for one in options
        if one.state in moves.OPEN_OPTIONS and row.state in moves.STILL_OPEN
    }
    return page(
        "matching/match.jinja", title="Match", status=status, row=row, options=options, called=ring.open_text(called),
        names=names, partners=partners, still_open=still_open, code_told=routes.code_told, wording=wording,
        form=request.form, faults=faults or {},
    )  # fmt: skip


@blueprint.post("/matching/match/<uuid:match_id>/answers")
@door("match.record_answer")
def answer(match_id: Any) -> Any:
    """Records what one side said of one option."""
    given, faults = read_form(schemas.AnswerFormSchema(), request.form)
    if faults:
        return _match(str(match_id), 422, faults)
    side, said = given.pop("said").split(" ")
    return _record(
        str(match_id), lambda unit: answering.record_answer(unit, str(match_id), side=side, answer=said, **given)
    )


@blueprint.post("/matching/match/<uuid:match_id>/taster")
@door("match.record_answer")
def taster(match_id: Any) -> Any:
    """Records that the taster was held."""
    given, faults = read_form(schemas.TasterSchema(), request.form)
    if faults:
        return _match(str(match_id), 422, faults)
    return _record(str(match_id), lambda unit: answering.record_taster(unit, str(match_id), **given))


@blueprint.post("/matching/match/<uuid:match_id>/agreement")
@door("match.record_answer")
def agreement(match_id: Any) -> Any:
    """Records what both said after the taster."""
    given, faults = read_form(schemas.AgreementSchema(), request.form)
    if faults:
        return _match(str(match_id), 422, faults)
    both = {"person_says": given["person_yes"], "peer_says": given["peer_yes"]}
    return _record(str(match_id), lambda unit: answering.answer_after_taster(unit, str(match_id), given["how"], **both))


def _record(match_id: str, work: Any) -> Any:
    routes.check_may_know(match_id)
    try:
        with here().writing() as unit:
            work(unit)
    except Invalid as refused:
        here().note_refusal(refused)
        return _match(match_id, 422, faults_of(refused))
    return redirect(f"/matching/match/{match_id}", 303)


# ---- peers ----


@blueprint.get("/peers")
@door("peer.list")
def peers_listed() -> Any:
    """The peers within reach, with what they show openly; why someone is unavailable is never said."""
    with here().writing() as unit:
        rows = store.peers_listed(unit.scope, unit)
        routes.disclose_peers(unit, (row.peer_id for row in rows))
        answers = routes.peer_answers(unit, rows)
        partners = store.partner_names(unit.scope, unit)
    ring = here().vault.ring([token for row in rows for token in (row.called, row.about)])
    shown = [
        (answer, ring.open_text(row.called), _open_themes(ring, row)) for row, answer in zip(rows, answers, strict=True)
    ]
    return page(
        "matching/peers.jinja", title="Peers", shown=shown, partners=partners, wording=wording, words=wording.words
    )


def _open_themes(ring: Any, row: Any) -> list[str]:
    about = (ring.open(row.about, owner_id=row.peer_id) or {}) if row.about else {}
    return [theme for theme, level in about.get("entries", ()) if level == pair.OPEN]


@blueprint.get("/peers/joining")
@door("peer.join")
def joining() -> Any:
    """Accounts with the role peer that have not joined yet."""
    with here().writing() as unit:
        rows = store.accounts_to_join(unit.scope, unit)
        routes.disclose_peers(unit, (row.account_id for row in rows))
    ring = here().vault.ring(row.called for row in rows)
    shown = [(row.account_id, ring.open_text(row.called)) for row in rows]
    return page("matching/joining.jinja", title="New peers", shown=shown)


@blueprint.post("/peers/joining")
@door("peer.join")
def join() -> Any:
    """Makes one of them a peer."""
    given, faults = read_form(schemas.JoinSchema(), request.form)
    if faults:
        raise Invalid(next(iter(faults.values())))
    with here().writing() as unit:
        peers.join(unit, given["account_id"])
    return redirect("/peers/joining", 303)
