"""What the API and the screens both ask, with every key fetched outside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import g

from chassis.access import Principal, service_scope
from chassis.granted import OwnerForgotten
from chassis.once import Answer, answered_once
from chassis.sealing import REDACTED, Ring, TokenBroken, is_token
from chassis.unit import Unit
from chassis.web import here
from contracts.roles import PEER, REFERRER
from services.supervision import schemas, store
from services.supervision.actions import concerns, standing
from services.supervision.domain.concerns import is_late

WORDS_CLASS = "worry"
# What somebody is whose record is shown.
_PERSON, _PEER = "person", "peer"


# ---- peers


def team_rows(unit: Unit, rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Peers as their supervisor, or the network lead, sees them; no person they support is in it."""
    rows = list(rows)
    planned = store.planned_sessions(unit.scope, unit, [row.peer_id for row in rows])
    return [_team_row(unit, row, planned.get(row.peer_id, [])) for row in rows]


def _team_row(unit: Unit, row: Any, planned: list[Any]) -> dict[str, Any]:
    names = ("peer_id", "partner_id", "supervisor_id", "standing")
    return {
        **{name: getattr(row, name) for name in names},
        # During a break nothing is due, and nothing more is said.
        "next_due_at": None if row.is_paused else row.due_at,
        "is_overdue": standing.is_overdue(row, row.due_at, unit.now),
        "planned": planned,
    }


def peer_answer(unit: Unit, row: Any) -> dict[str, Any]:
    """One peer with what new matches need of them, and what is lacking."""
    names = ("conduct_accepted_on", "check_valid_until", "training_valid_until")
    needed = {name: getattr(row, name) for name in names}
    return {**team_rows(unit, [row])[0], **needed, "lacking": list(standing.lacking(unit, row))}


# ---- worries


def raised_by(who: Principal) -> str:
    """As what somebody raises a worry."""
    if who.kind == "person":
        return "person"
    return "peer" if PEER in who.roles else "referrer" if REFERRER in who.roles else "staff"


def the_concern_raised(door: str, key: str | None, body: bytes, asked: Mapping[str, Any]) -> Any:
    """Takes a worry in, once per key when there is one; a worry is never refused for want of a key.

    Gives what whoever raised it may know.
    """
    house = here()
    about, about_id, sealed_for = _whom(asked["about"], asked["about_id"])
    owner_id, ring = _ring_for(sealed_for)

    def work(unit: Unit) -> Answer:
        raised = concerns.Raised(
            concern_id=unit.ids.new(),
            level=asked["level"],
            about=about,
            about_id=about_id,
            raised_by=raised_by(unit.who),
            raised_by_id=unit.who.id,
            raised_at=unit.now,
            words=unit.ring.seal(owner_id, WORDS_CLASS, asked["words"]),
        )
        concerns.raise_concern(unit, raised)
        return Answer(201, {}, raised.concern_id)

    answer = answered_once(
        house, door=door, asker=g.who.id, key=key or house.ids.new(), body=body, keys=lambda: ring, work=work
    )
    with house.reading() as unit:
        return store.concern_raised(unit.scope, unit, str(answer.record))


def _whom(about: str, about_id: str | None) -> tuple[str, str | None, list[str]]:
    """Whom a worry is about, filled in where it is plain, and for whom its words may be sealed, best first."""
    who: Principal = g.who
    with here().reading() as unit:
        if who.kind == "person" and about_id is None:
            own = {"person": who.id, "peer": store.peer_of_person(unit.scope, unit, who.id)}
            about_id = own.get(about)
        whole = service_scope(unit.service)
        is_known = about == "person" and about_id and store.person(whole, unit, about_id) is not None
    return about, about_id, [about_id, who.id] if is_known and about_id else [who.id]


def _ring_for(owner_ids: list[str]) -> tuple[str, Ring]:
    for owner_id in owner_ids[:-1]:
        try:
            return owner_id, here().vault.make(owner_id, [WORDS_CLASS])
        except OwnerForgotten:
            continue
    return owner_ids[-1], here().vault.make(owner_ids[-1], [WORDS_CLASS])


def concern_row(row: Any, now: datetime) -> dict[str, Any]:
    """A worry without its words."""
    names = schemas.ConcernRowSchema._declared_fields.keys() - {"is_late"}
    is_late_now = is_late(row.state, row.acknowledge_by, now)
    return {**{name: getattr(row, name) for name in names}, "is_late": is_late_now}


def disclose_concerns(unit: Unit, rows: Iterable[Any]) -> None:
    """Puts on record whom the worries of a list are about; nobody whom one is about learns of it by fact."""
    for row in rows:
        if row.about_id and row.about in (_PERSON, _PEER):
            unit.disclose(row.about_id, record=row.concern_id, kind=row.about, is_opened=False, is_told=False)


def disclose_opened(unit: Unit, row: Any) -> None:
    """Puts on record that a worry was opened with its words; nobody whom it is about learns of it by fact."""
    unit.note("worry.open", subject=row.about_id, kind=row.about, record=row.concern_id)


def disclose_peers(unit: Unit, rows: Iterable[Any], *, is_opened: bool = False) -> None:
    """Puts on record that peers are shown, in a list or one alone."""
    for row in rows:
        unit.disclose(row.peer_id, record=row.peer_id, kind=_PEER, is_opened=is_opened)


def opened_words(row: Any) -> str | None:
    """The words of a worry for its owner; None when whoever they are about was forgotten, or they cannot be read."""
    if not is_token(row.words, WORDS_CLASS):
        return None
    try:
        found = here().vault.ring([row.words]).open(row.words)
    except TokenBroken:
        return None
    return None if found is REDACTED else str(found)
