"""Looking at who waits and who could be offered, and proposing one to three peers for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from chassis import clocks, working_days
from chassis.errors import Fault, NotFound
from chassis.sealing import Ring
from chassis.unit import Unit
from contracts import needs as codes
from contracts.matching import MatchProposed
from services.matching import store
from services.matching.actions import releasing, telling
from services.matching.actions.peers import ABOUT_CLASS
from services.matching.domain import moves, pair, points
from services.matching.domain.shortlist import Lists, Shortlist, shortlist
from services.matching.policy import Policy

# Changes whenever a rule or the way points are reckoned does; kept with every proposal.
RULES_VERSION = "2026-11-1"
# Why a peer is not offered to the same person again by itself.
NOT_AGAIN = ("person_not_this_time", "taster_not_agreed", "swap")


@cache
def lists() -> Lists:
    """The network's code lists as the rules need them."""
    return Lists(
        parents={code: parent for code, (_, parent) in codes.THEMES.items()},
        themes={code: words for code, (words, _) in codes.THEMES.items()},
        times=codes.TIMES,
        areas=codes.AREAS,
        languages=codes.LANGUAGES,
    )


def weights(policy: Policy) -> points.Weights:
    """The policy's numbers that points run on."""
    return points.Weights(
        experience=policy.experience_points,
        times=policy.times_points,
        place=policy.place_points,
        no_wish=policy.no_wish_points,
        remote=policy.remote_points,
        pooled_under=policy.pooled_under_count,
        least_rarity=policy.least_rarity,
    )


# ---- one person and the whole pool ----


@dataclass(frozen=True)
class Looked:
    """One person's wait and the peers of the network as the store has them, still sealed."""

    row: Any
    peers: Sequence[Any]
    used: Mapping[str, int]
    brakes: Mapping[str, frozenset[str]]
    not_again: frozenset[str]

    def tokens(self) -> list[str | None]:
        """All that must be opened, so that its keys come in one batch."""
        return [self.row.needs, self.row.safety, *(peer.about for peer in self.peers)]


def look(unit: Unit, referral_id: str, peer_ids: Sequence[str] | None = None) -> Looked:
    """Reads what a shortlist is made of; with `peer_ids` of those peers alone."""
    row = store.one_waiting(unit.scope, unit, referral_id)
    peers = store.peers_listed(unit.scope, unit, peer_ids)
    subjects = {peer.peer_id for peer in peers} | {peer.partner_id for peer in peers}
    return Looked(
        row=row,
        peers=peers,
        used=store.places_used(unit.scope, unit, peer_ids),
        brakes=store.brakes_on(unit, subjects | {row.person_id}),
        not_again=frozenset(store.not_again(unit.scope, unit, referral_id, NOT_AGAIN)),
    )


def read_person(looked: Looked, ring: Ring, asker_id: str) -> pair.Person:
    """Opens what a match has to fit; for someone who must not be told of this person there is nothing here."""
    needs = ring.open(looked.row.needs, owner_id=looked.row.person_id)
    safety = ring.open(looked.row.safety, owner_id=looked.row.person_id)
    if not needs or asker_id in (safety or {}).get("conflicts", ()):
        raise NotFound()
    return pair.person_of(looked.row.referral_id, needs, safety or {}, looked.not_again, lists().parents)


def read_peers(looked: Looked, ring: Ring) -> list[pair.Peer]:
    """Opens what each peer says of themselves."""
    return [_read_peer(row, looked, ring) for row in looked.peers]


def _read_peer(row: Any, looked: Looked, ring: Ring) -> pair.Peer:
    about = (ring.open(row.about, owner_id=row.peer_id) or {}) if row.about else {}
    own, nothing = looked.brakes.get(row.peer_id, frozenset()), frozenset[str]()
    return pair.Peer(
        peer_id=row.peer_id,
        partner_id=row.partner_id,
        places=row.places,
        used=looked.used.get(row.peer_id, 0),
        **{name: frozenset(row.limits.get(name, ())) for name in ("areas", "modes", "times", "languages", "age_bands")},
        gender=about.get("gender", ""),
        not_taken=frozenset(about.get("not_taken", ())),
        entries=tuple((theme, level) for theme, level in about.get("entries", ())),
        is_cleared=bool(row.is_cleared) and "peer_held_back" not in own,
        is_paused=row.is_paused,
        is_suspended="partner_suspended" in looked.brakes.get(row.partner_id, nothing),
    )


def shortlist_of(looked: Looked, ring: Ring, asker_id: str, policy: Policy) -> Shortlist:
    """Ranks the whole pool for one person who waits; refuses for someone nothing is offered for."""
    person = read_person(looked, ring, asker_id)
    moves.check_may_offer(looked.brakes.get(looked.row.person_id, frozenset()), moves.WAITING)
    return shortlist(person, read_peers(looked, ring), lists(), weights(policy), policy.shortlist_length)


def propose(unit: Unit, looked: Looked, peer_ids: Sequence[str], has_asked: bool) -> str:
    """Offers one to three peers for a person; each is asked first whether they could. Gives the match's id.

    `looked` is the pool read and unlocked before; the peers named are read again here and put through every rule.
    `has_asked` says that what was not known of a pair has been asked. The ring seals for the person.
    """
    fresh = look(unit, looked.row.referral_id, peer_ids)
    row = store.one_waiting(unit.scope, unit, looked.row.referral_id, to_change=True)
    person = read_person(fresh, unit.ring, unit.who.id)
    moves.check_may_offer(fresh.brakes.get(row.person_id, frozenset()), row.state)
    chosen = {peer.peer_id: peer for peer in read_peers(fresh, unit.ring)}
    asked = _check_peers(person, chosen, peer_ids, has_asked)
    match_id = unit.ids.new()
    answer_by = working_days.after(unit.now, unit.policy.answer_working_days)
    pool = read_peers(looked, unit.ring)
    snapshot = _snapshot(unit, person, chosen, pool, asked)
    store.change_waiting(unit, row.referral_id, [moves.WAITING], state=moves.OFFERED)
    _keep_match(
        unit,
        row,
        match_id,
        answer_by,
        asked,
        unit.ring.seal(row.person_id, ABOUT_CLASS, snapshot, field="snapshot"),
        peer_ids,
    )
    clocks.start(unit, releasing.PEER_ANSWER, match_id, answer_by)
    fact = MatchProposed(
        match_id=match_id,
        referral_id=row.referral_id,
        person_id=row.person_id,
        peer_ids=tuple(peer_ids),
        proposed_at=unit.now,
        answer_by=answer_by,
    )
    releasing.state(unit, store.match(unit.scope, unit, match_id), fact)
    for peer_id in peer_ids:
        telling.tell(unit, peer_id, "offer")
    unit.note("match.propose", subject=row.person_id, record=match_id)
    return match_id


def _check_peers(
    person: pair.Person, chosen: Mapping[str, pair.Peer], peer_ids: Sequence[str], has_asked: bool
) -> list[str]:
    faults, to_ask = [], []
    for number, peer_id in enumerate(peer_ids):
        if peer_id not in chosen:
            faults.append(Fault(f"peer_ids.{number}", "There is no such peer."))
            continue
        found = pair.standing(person, chosen[peer_id])
        if not found.fits:
            says = sorted({rule.says for rule in found.excluded_by})
            faults.append(Fault(f"peer_ids.{number}", f"This peer cannot be offered: {'; '.join(says).lower()}."))
        to_ask += [rule for rule in found.to_ask if rule not in to_ask]
    if faults:
        raise moves.PeerDoesNotFit("One of these peers cannot be offered.", tuple(faults))
    if person.read_safety_note:
        to_ask.append(pair.SAFETY_NOTE)
    if to_ask and not has_asked:
        raise moves.AskFirst(
            f"Something is not known yet. {'. '.join(rule.asks for rule in to_ask)}. Then say that you have."
        )
    return [rule.code for rule in to_ask]


def _snapshot(
    unit: Unit, person: pair.Person, chosen: Mapping[str, pair.Peer], pool: Sequence[pair.Peer], asked: Sequence[str]
) -> dict[str, Any]:
    numbers, parents = weights(unit.policy), lists().parents
    rare = points.rarity(pool, parents, numbers)
    return {
        "rules": RULES_VERSION,
        "policy": asdict(unit.policy),
        "asked": list(asked),
        "points": {
            peer_id: points.pair_points(person, peer, rare, parents, numbers) for peer_id, peer in chosen.items()
        },
    }


def _keep_match(
    unit: Unit,
    row: Any,
    match_id: str,
    answer_by: datetime,
    asked: Sequence[str],
    snapshot: str,
    peer_ids: Sequence[str],
) -> None:
    match = {
        "match_id": match_id,
        "referral_id": row.referral_id,
        "person_id": row.person_id,
        "state": moves.ASKING,
        "proposed_at": unit.now,
        "proposed_by": unit.who.id,
        "answer_by": answer_by,
        "asked_about": list(asked),
        "snapshot": snapshot,
    }
    store.add(unit, store.matches, match)
    rows = [
        {"match_id": match_id, "peer_id": peer_id, "place": place, "state": moves.ASKED}
        for place, peer_id in enumerate(peer_ids)
    ]
    store.add(unit, store.options, *rows)


# ---- the board ----


@dataclass(frozen=True)
class BoardLooked:
    """Everyone who waits or is being asked for, still sealed."""

    rows: Sequence[Any]
    brakes: Mapping[str, frozenset[str]]
    open_matches: Mapping[str, str]

    def tokens(self) -> list[str | None]:
        """All that must be opened, so that its keys come in one batch."""
        return [token for row in self.rows for token in (row.needs, row.safety, row.called)]


@dataclass(frozen=True)
class BoardRow:
    """One person on the board; a protected person's area is never given."""

    row: Any
    area: str
    is_protected: bool
    match_id: str | None


def look_at_board(unit: Unit) -> BoardLooked:
    """Reads who waits, longest wait first."""
    rows = store.people_waiting(unit.scope, unit, [moves.WAITING, moves.OFFERED])
    brakes = store.brakes_on(unit, {row.person_id for row in rows})
    return BoardLooked(rows, brakes, store.open_matches_by_referral(unit.scope, unit))


def board(looked: BoardLooked, ring: Ring, asker_id: str, area: str = "") -> list[BoardRow]:
    """Who waits, longest first, of one area when given.

    Left out are people who took their consent back, people of whom the asker must not be told, and, when an area is
    asked for, everyone who is protected.
    """
    shown = []
    for row in looked.rows:
        needs, safety = ring.open(row.needs, owner_id=row.person_id), ring.open(row.safety, owner_id=row.person_id)
        brakes = looked.brakes.get(row.person_id, frozenset())
        if not needs or brakes & moves.GONE_FOR_GOOD or asker_id in (safety or {}).get("conflicts", ()):
            continue
        is_protected = "protected" in brakes
        found = "" if is_protected else needs.get("area") or ""
        if area and (is_protected or found != area):
            continue
        shown.append(BoardRow(row, found, is_protected, looked.open_matches.get(row.referral_id)))
    return shown
