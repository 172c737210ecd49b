"""What the API and the screens both ask, with every key fetched outside a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from chassis.errors import NotFound
from chassis.events.brakes import FENCED
from chassis.unit import Unit
from chassis.web import here
from services.matching import schemas, store
from services.matching.actions import peers as own
from services.matching.actions import proposing
from services.matching.domain import moves
from services.matching.domain.shortlist import Shortlist

# A break and being held back are a peer's own business: others learn no more than this.
_PRIVATE_CODES = ("peer_paused", "peer_held_back")


def code_told(code: str | None) -> str | None:
    """The code of a release as others may learn it."""
    return "not_available" if code in _PRIVATE_CODES else code


def the_board(area: str) -> list[proposing.BoardRow]:
    """Who waits, longest first; every person shown is one audit row."""
    with here().reading() as unit:
        looked = proposing.look_at_board(unit)
    rows = proposing.board(looked, here().vault.ring(looked.tokens()), g.who.id, area)
    with here().writing() as unit:
        for found in rows:
            unit.disclose(found.row.person_id, record=found.row.referral_id, is_opened=False)
    return rows


def the_shortlist(referral_id: str) -> tuple[proposing.Looked, Shortlist]:
    """The shortlist for one person; the person is one audit row, and so is each peer on it."""
    with here().reading() as unit:
        looked = proposing.look(unit, referral_id)
    ring = here().vault.ring(looked.tokens())
    found = proposing.shortlist_of(looked, ring, g.who.id, here().policy)
    with here().writing() as unit:
        unit.disclose(looked.row.person_id, record=referral_id)
        for card in (*found.cards, *found.to_ask):
            unit.disclose(card.peer_id, record=referral_id, kind="peer", is_opened=False)
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


def heed_brakes(unit: Unit, person_id: str) -> None:
    """Answers as if there were no match of a person who is protected, took consent back or was forgotten."""
    if unit.braked(person_id) & {*moves.NOT_OFFERED, FENCED}:
        raise NotFound()


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


def disclose_match(unit: Unit, row: Any, options: Iterable[Any]) -> None:
    """Puts on record that a match is shown: its person, and each peer it was offered to."""
    unit.disclose(row.person_id, record=row.match_id)
    for one in options:
        unit.disclose(one.peer_id, record=row.match_id, kind="peer", is_opened=False)


def disclose_peers(unit: Unit, peer_ids: Iterable[str]) -> None:
    """Puts on record that peers are shown in a list."""
    for peer_id in peer_ids:
        unit.disclose(peer_id, record=peer_id, kind="peer", is_opened=False)


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
