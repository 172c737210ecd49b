"""JSON in and out: people who wait, shortlists, and matches."""

from __future__ import annotations

from typing import Any

from chassis.web import ApiBlueprint, door, here
from services.matching import schemas, store
from services.matching.actions import answering
from services.matching.domain.shortlist import DO_NOT_ASSUME, Card
from services.matching.routes.asking import (
    check_may_know,
    disclose_match,
    heed_brakes,
    match_answer,
    the_board,
    the_proposal,
    the_shortlist,
)

blueprint = ApiBlueprint(
    "matches", __name__, url_prefix="/api/v1/matches", description="People who wait, shortlists, and matches"
)


@blueprint.get("/waiting")
@door("board.read")
@blueprint.arguments(schemas.BoardQuery, location="query")
@blueprint.response(200, schemas.WaitingSchema(many=True))
def waiting(query: dict[str, str]) -> Any:
    """Who waits for a match, longest wait first. A protected person has no area here and is in no area's list."""
    now = here().clock.now()
    return [
        {
            "referral_id": one.row.referral_id,
            "person_id": one.row.person_id,
            "partner_id": one.row.partner_id,
            "received_at": one.row.received_at,
            "waiting_days": (now - one.row.received_at).days,
            "state": one.row.state,
            "area": one.area,
            "is_protected": one.is_protected,
            "match_id": one.match_id,
        }
        for one in the_board(query["area"])
    ]


@blueprint.get("/shortlist/<uuid:referral_id>")
@door("board.read")
@blueprint.response(200, schemas.ShortlistSchema)
def shortlist(referral_id: Any) -> Any:
    """Who could be offered to one person, with reasons in plain words from what peers show."""
    _, found = the_shortlist(str(referral_id))
    return {
        "referral_id": str(referral_id),
        "cards": [_card(card) for card in found.cards],
        "ask_first": [_card(card) for card in found.to_ask],
        "excluded": [{"rule": one.code, "says": one.says, "count": one.count} for one in found.excluded],
        "more_count": found.more_count,
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "peer_id": card.peer_id,
        "reasons": [{"strength": reason.strength, "says": reason.says} for reason in card.reasons],
        "shares": list(card.shares),
        "to_ask": [rule.asks for rule in card.to_ask],
        "please": DO_NOT_ASSUME,
    }


@blueprint.post("")
@door("match.propose")
@blueprint.arguments(schemas.ProposalSchema)
@blueprint.response(201, schemas.MatchSchema)
def propose(asked: dict[str, Any]) -> Any:
    """Offer one to three peers for a person. Each peer is asked first; a person has one open match at a time."""
    match_id = the_proposal(**asked)
    with here().reading() as unit:
        return match_answer(unit, match_id), 201, {"Location": f"/api/v1/matches/{match_id}"}


@blueprint.get("/<uuid:match_id>")
@door("board.read")
@blueprint.response(200, schemas.MatchSchema)
def shown(match_id: Any) -> Any:
    """One match and where it stands."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        row = store.match(unit.scope, unit, str(match_id))
        heed_brakes(unit, row.person_id)
        disclose_match(unit, row, store.options_of(unit.scope, unit, [str(match_id)]))
        return match_answer(unit, str(match_id))


@blueprint.post("/<uuid:match_id>/answers")
@door("match.record_answer")
@blueprint.arguments(schemas.AnswerSchema)
@blueprint.response(201, schemas.MatchSchema)
def answer(given: dict[str, str], match_id: Any) -> Any:
    """Record what a peer (`could`, `not_this_time`) or the person (`yes`, `not_this_time`) told you of one option."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.record_answer(unit, str(match_id), **given)
        return match_answer(unit, str(match_id))


@blueprint.post("/<uuid:match_id>/taster")
@door("match.record_answer")
@blueprint.arguments(schemas.TasterSchema)
@blueprint.response(201, schemas.MatchSchema)
def taster(given: dict[str, Any], match_id: Any) -> Any:
    """Record that person and chosen peer met once to see how it feels."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.record_taster(unit, str(match_id), **given)
        return match_answer(unit, str(match_id))


@blueprint.post("/<uuid:match_id>/agreement")
@door("match.record_answer")
@blueprint.arguments(schemas.AgreementSchema)
@blueprint.response(201, schemas.MatchSchema)
def agreement(given: dict[str, Any], match_id: Any) -> Any:
    """Record what both said after the taster: two yeses agree the match, else the person waits on."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.answer_after_taster(
            unit, str(match_id), given["how"], person_says=given["person_yes"], peer_says=given["peer_yes"]
        )
        return match_answer(unit, str(match_id))
