"""JSON in and out of the matching room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from chassis.unit import Unit
from chassis.web import ApiBlueprint, door, here

from . import schemas, store
from .actions import answering, proposing
from .actions import peers as own
from .domain.shortlist import DO_NOT_ASSUME, Card, Shortlist

matches = ApiBlueprint(
    "matches", __name__, url_prefix="/api/v1/matches", description="People who wait, shortlists, and matches"
)
peers = ApiBlueprint("peers", __name__, url_prefix="/api/v1/peers", description="Peers and what they say they take")

# A break and being held back are a peer's own business: others learn no more than this.
_PRIVATE_CODES = ("peer_paused", "peer_held_back")


def code_told(code: str | None) -> str | None:
    """The code of a release as others may learn it."""
    return "not_available" if code in _PRIVATE_CODES else code


# ---- what API and pages both ask ----


def the_board(area: str) -> list[proposing.BoardRow]:
    """Who waits, longest first; every person shown is one audit row."""
    with here().reading() as unit:
        looked = proposing.look_at_board(unit)
    rows = proposing.board(looked, here().vault.ring(looked.tokens()), g.who.id, area)
    with here().writing() as unit:
        for found in rows:
            unit.note("person.seen", subject=found.row.person_id, record=found.row.referral_id)
    return rows


def the_shortlist(referral_id: str) -> tuple[proposing.Looked, Shortlist]:
    """The shortlist for one person; the person shown is one audit row."""
    with here().reading() as unit:
        looked = proposing.look(unit, referral_id)
    ring = here().vault.ring(looked.tokens())
    found = proposing.shortlist_of(looked, ring, g.who.id, here().policy)
    with here().writing() as unit:
        unit.note("person.seen", subject=looked.row.person_id, record=referral_id)
    return looked, found


def the_proposal(referral_id: str, peer_ids: list[str], has_asked: bool) -> str:
    """Proposes, with every key fetched before the transaction; gives the match's id."""
    with here().reading() as unit:
        looked = proposing.look(unit, referral_id)
    vault = here().vault
    ring = vault.ring(looked.tokens()).joined(vault.make(looked.row.person_id, [own.ABOUT_CLASS]))
    with here().writing(ring) as unit:
        return proposing.propose(unit, looked, peer_ids, has_asked)


def check_may_know(match_id: str) -> None:
    """Answers as if there were no match to whoever must not be told of its person."""
    with here().reading() as unit:
        row = store.match(unit.scope, unit, match_id)
        looked = proposing.look(unit, row.referral_id, [])
    proposing.read_person(looked, here().vault.ring(looked.tokens()), g.who.id)


def match_answer(unit: Unit, match_id: str) -> dict[str, Any]:
    """A match as the API gives it."""
    row = store.match(unit.scope, unit, match_id)
    options = store.options_of(unit.scope, unit, [match_id])
    names = schemas.MatchSchema._declared_fields.keys() - {"options", "code"}
    return {
        **{name: getattr(row, name) for name in names},
        "code": code_told(row.code),
        "options": [
            {
                **{name: getattr(one, name) for name in schemas.OptionSchema._declared_fields},
                "code": code_told(one.code),
            }
            for one in options
        ],
    }


# ---- matches ----


@matches.get("/waiting")
@door("board.read")
@matches.arguments(schemas.BoardQuery, location="query")
@matches.response(200, schemas.WaitingSchema(many=True))
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


@matches.get("/shortlist/<uuid:referral_id>")
@door("board.read")
@matches.response(200, schemas.ShortlistSchema)
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


@matches.post("")
@door("match.propose")
@matches.arguments(schemas.ProposalSchema)
@matches.response(201, schemas.MatchSchema)
def propose(asked: dict[str, Any]) -> Any:
    """Offer one to three peers for a person. Each peer is asked first; a person has one open match at a time."""
    match_id = the_proposal(**asked)
    with here().reading() as unit:
        return match_answer(unit, match_id), 201, {"Location": f"/api/v1/matches/{match_id}"}


@matches.get("/<uuid:match_id>")
@door("board.read")
@matches.response(200, schemas.MatchSchema)
def shown(match_id: Any) -> Any:
    """One match and where it stands."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answer = match_answer(unit, str(match_id))
        unit.note("person.seen", subject=answer["person_id"], record=str(match_id))
        return answer


@matches.post("/<uuid:match_id>/answers")
@door("match.record_answer")
@matches.arguments(schemas.AnswerSchema)
@matches.response(201, schemas.MatchSchema)
def answer(given: dict[str, str], match_id: Any) -> Any:
    """Record what a peer (`could`, `not_this_time`) or the person (`yes`, `not_this_time`) told you of one option."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.record_answer(unit, str(match_id), **given)
        return match_answer(unit, str(match_id))


@matches.post("/<uuid:match_id>/taster")
@door("match.record_answer")
@matches.arguments(schemas.TasterSchema)
@matches.response(201, schemas.MatchSchema)
def taster(given: dict[str, Any], match_id: Any) -> Any:
    """Record that person and chosen peer met once to see how it feels."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.record_taster(unit, str(match_id), **given)
        return match_answer(unit, str(match_id))


@matches.post("/<uuid:match_id>/agreement")
@door("match.record_answer")
@matches.arguments(schemas.AgreementSchema)
@matches.response(201, schemas.MatchSchema)
def agreement(given: dict[str, Any], match_id: Any) -> Any:
    """Record what both said after the taster: two yeses agree the match, else the person waits on."""
    check_may_know(str(match_id))
    with here().writing() as unit:
        answering.answer_after_taster(
            unit, str(match_id), given["how"], person_says=given["person_yes"], peer_says=given["peer_yes"]
        )
        return match_answer(unit, str(match_id))


# ---- peers ----


def peer_answers(unit: Unit, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Peers as others see them; whoever is not available for whatever reason is just that."""
    rows = list(rows)
    used = store.places_used(unit.scope, unit)
    brakes = store.brakes_on(unit, {row.peer_id for row in rows} | {row.partner_id for row in rows})
    return [_peer_answer(row, used.get(row.peer_id, 0), brakes) for row in rows]


def _peer_answer(row: Any, used: int, brakes: Any) -> dict[str, Any]:
    is_braked = "peer_held_back" in brakes.get(row.peer_id, ()) or "partner_suspended" in brakes.get(row.partner_id, ())
    is_out = row.is_paused or not row.is_cleared or is_braked
    return {
        "peer_id": row.peer_id,
        "partner_id": row.partner_id,
        "availability": "unavailable" if is_out else "available" if used < row.places else "full",
        "places": row.places,
        **{name: row.limits.get(name, []) for name in ("areas", "modes", "times", "languages")},
    }


@peers.post("")
@door("peer.join")
@peers.arguments(schemas.JoinSchema)
@peers.response(201, schemas.PeerSchema)
def join(given: dict[str, str]) -> Any:
    """Make an account with the role peer a peer of the network; doing it again changes nothing."""
    with here().writing() as unit:
        return peer_answers(unit, [own.join(unit, given["account_id"])])[0]


@peers.get("")
@door("peer.list")
@peers.response(200, schemas.PeerSchema(many=True))
def listed() -> Any:
    """The peers you may see, in the order they joined."""
    with here().reading() as unit:
        return peer_answers(unit, store.peers_listed(unit.scope, unit))


@peers.get("/me")
@door("peer.own_limits")
@peers.response(200, schemas.OwnPeerSchema)
def me() -> Any:
    """What you said of yourself."""
    row, about = own_row()
    return {
        "peer_id": row.peer_id,
        "is_paused": row.is_paused,
        "limits": limits_of(row, about),
        "entries": [{"theme": theme, "level": level} for theme, level in about.get("entries", [])],
    }


def own_row() -> tuple[Any, dict[str, Any]]:
    """The row of the peer who asks, and what they keep sealed."""
    with here().reading() as unit:
        row = store.peer(unit.scope, unit, unit.who.id)
    about = here().vault.ring([row.about]).open(row.about, owner_id=row.peer_id) if row.about else {}
    return row, about or {}


def limits_of(row: Any, about: dict[str, Any]) -> dict[str, Any]:
    """A peer's limits as their own page shows them."""
    return {
        "places": row.places,
        **{name: row.limits.get(name, []) for name in own.OPEN_LIMITS},
        "gender": about.get("gender", ""),
        "topics_not_taken": about.get("not_taken", []),
    }


def own_ring() -> Any:
    """The key of the peer who asks, made when they have none; NotFound for someone who never joined."""
    with here().reading() as unit:
        store.peer(unit.scope, unit, unit.who.id)
    return here().vault.make(g.who.id, [own.ABOUT_CLASS])


@peers.put("/me/limits")
@door("peer.own_limits")
@peers.arguments(schemas.LimitsSchema)
@peers.response(204)
def limits(given: dict[str, Any]) -> None:
    """Say how many places you offer, where, how, when and in which languages, and which topics you do not take."""
    with here().writing(own_ring()) as unit:
        own.set_limits(unit, given)


@peers.put("/me/experience")
@door("peer.own_limits")
@peers.arguments(schemas.ExperienceSchema)
@peers.response(204)
def experience(given: dict[str, Any]) -> None:
    """Say what you have lived through, each entry at the level you choose for it."""
    with here().writing(own_ring()) as unit:
        own.set_experience(unit, given["entries"])


@peers.post("/me/pause")
@door("peer.own_limits")
@peers.response(204)
def pause() -> None:
    """Take a break. No reason is asked."""
    with here().writing() as unit:
        own.pause(unit)


@peers.post("/me/resumption")
@door("peer.own_limits")
@peers.response(204)
def resumption() -> None:
    """Come back from a break."""
    with here().writing() as unit:
        own.resume(unit)
