"""The shortlist a coordinator sees: peers in order with reasons from what they show, and how many each rule excludes.

Nothing here but the order may depend on an entry below *shown* (rules.md, characteristic 1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .pair import REMOTE, RULES, SAFETY_NOTE, SHOWN, Parents, Peer, Person, Rule, broader, standing
from .points import Weights, in_order, pair_points, rarity

STRONG, SOME, LITTLE = "strong", "some", "little"
NOTHING_SHOWN = "Nothing they show here is the same. That does not mean nothing is."
NO_WISH = "The person ranked no experience, so everyone counts alike."
DO_NOT_ASSUME = "Please do not assume that the same thing felt the same, or that either of them wants to talk about it."


@dataclass(frozen=True)
class Lists:
    """The network's code lists in words, and which theme is broader than which."""

    parents: Parents
    themes: Mapping[str, str]
    times: Mapping[str, str]
    areas: Mapping[str, str]
    languages: Mapping[str, str]


@dataclass(frozen=True)
class Reason:
    """One reason for a pair: `strength` is strong, some or little, never a number."""

    strength: str
    says: str


@dataclass(frozen=True)
class Card:
    """One peer on a shortlist; `shares` are the themes they show."""

    peer_id: str
    reasons: tuple[Reason, ...]
    shares: tuple[str, ...]
    to_ask: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Excluded:
    """How many peers one rule excludes."""

    code: str
    says: str
    count: int


@dataclass(frozen=True)
class Shortlist:
    """Who could be offered (`cards`), who only after a question (`to_ask`), and how many each rule excludes."""

    cards: tuple[Card, ...]
    to_ask: tuple[Card, ...]
    excluded: tuple[Excluded, ...]
    more_count: int


def shortlist(person: Person, peers: Sequence[Peer], lists: Lists, weights: Weights, length: int) -> Shortlist:
    """Ranks the peers for one person; at most `length` cards of each kind."""
    rare = rarity(peers, lists.parents, weights)
    counted: Counter[str] = Counter()
    fitting: list[tuple[Peer, int]] = []
    asks: dict[str, tuple[Rule, ...]] = {}
    for peer in peers:
        found = standing(person, peer)
        if not found.fits:
            counted.update({rule.code for rule in found.excluded_by})
            continue
        fitting.append((peer, pair_points(person, peer, rare, lists.parents, weights)))
        asks[peer.peer_id] = (SAFETY_NOTE, *found.to_ask) if person.read_safety_note else found.to_ask
    cards = [
        Card(peer.peer_id, reasons(person, peer, lists), shown(peer, lists), asks[peer.peer_id])
        for peer in in_order(person, fitting)
    ]
    ready = [card for card in cards if not card.to_ask]
    unsure = [card for card in cards if card.to_ask]
    more = max(0, len(ready) - length) + max(0, len(unsure) - length)
    return Shortlist(tuple(ready[:length]), tuple(unsure[:length]), _counted(counted), more)


def _counted(counted: Mapping[str, int]) -> tuple[Excluded, ...]:
    words = {rule.code: rule.says for rule in RULES}
    return tuple(Excluded(code, says, counted[code]) for code, says in words.items() if counted.get(code))


def shown(peer: Peer, lists: Lists) -> tuple[str, ...]:
    """The themes a peer shows, in the order of the list."""
    themes = peer.themes_at(SHOWN)
    return tuple(theme for theme in lists.themes if theme in themes)


def reasons(person: Person, peer: Peer, lists: Lists) -> tuple[Reason, ...]:
    """Why this pair, in plain words; from shown entries, limits and needs alone."""
    found = (
        _experience(person, peer, lists),
        _times(person, peer, lists),
        _way(person, peer, lists),
        _language(person, peer, lists),
    )
    return tuple(reason for reason in found if reason)


def _experience(person: Person, peer: Peer, lists: Lists) -> Reason | None:
    if not person.themes:
        return Reason(SOME, NO_WISH)
    shows = peer.themes_at(SHOWN)
    same = [theme for theme in person.themes if theme in shows]
    if same:
        strength = STRONG if person.themes[0] in same or len(same) > 1 else SOME
        return Reason(strength, f"Has been through this too: {_words(same, lists.themes)}.")
    near = [theme for theme in lists.themes if theme in shows and _is_near(theme, person, lists.parents)]
    if near:
        return Reason(LITTLE, f"Has been through something close: {_words(near, lists.themes)}.")
    return Reason(LITTLE, NOTHING_SHOWN)


def _is_near(theme: str, person: Person, parents: Parents) -> bool:
    around = broader([theme], parents) | {theme}
    return bool(around & (person.broader | frozenset(person.themes)))


def _times(person: Person, peer: Peer, lists: Lists) -> Reason | None:
    both = [time for time in lists.times if time in person.times & peer.times]
    if not both:
        return None
    strength = STRONG if len(both) == len(person.times) else SOME
    return Reason(strength, f"Free at the same times: {_words(both, lists.times)}.")


def _way(person: Person, peer: Peer, lists: Lists) -> Reason | None:
    ways = person.ways & peer.modes
    if "in_person" in ways and person.area and person.area in peer.areas:
        return Reason(STRONG, f"Can meet in person in {lists.areas.get(person.area, person.area)}.")
    if ways & REMOTE:
        both = " or ".join(way for way in ("phone", "video") if way in ways)
        return Reason(SOME if person.mode == "any" else STRONG, f"Can talk by {both}.")
    return None


def _language(person: Person, peer: Peer, lists: Lists) -> Reason | None:
    both = [code for code in lists.languages if code in person.languages & peer.languages and code != "en"]
    if both:
        return Reason(STRONG, f"Both speak {_words(both, lists.languages)}.")
    if person.interpreter and not person.languages & peer.languages:
        return Reason(LITTLE, "They would speak through an interpreter.")
    return None


def _words(codes: Iterable[str], words: Mapping[str, str]) -> str:
    return ", ".join(words.get(code, code) for code in codes)
