"""What makes one pair likelier than another, in whole points; waiting and load are never part of it.

After sources.md, Shared experience: a theme weighs what the person ranks it at times how rare it is, and a peer
earns the weights of the themes, and of their broader themes, that both share. Contributions add up exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from .pair import REMOTE, USED_TO_MATCH, Parents, Peer, Person, broader

# How much the person's first, second and further wishes weigh.
_RANKED = (3, 2, 1)


@dataclass(frozen=True)
class Weights:
    """The numbers of the policy that points run on."""

    experience: int
    times: int
    place: int
    no_wish: int
    remote: int
    pooled_under: int
    least_rarity: int


def rarity(peers: Iterable[Peer], parents: Parents, weights: Weights) -> Mapping[str, int]:
    """What each theme adds beyond its broader one, in thousandths of a bit, from what the peers at hand bring.

    Counts below `pooled_under` are all taken as that number, so that rarity never points at one peer.
    """
    counts: dict[str, int] = dict.fromkeys(parents, 0)
    total = 0
    for peer in peers:
        total += 1
        for theme in with_broader(peer.themes_at(USED_TO_MATCH), parents):
            counts[theme] = counts.get(theme, 0) + 1
    whole = max(total, weights.pooled_under)
    known = {theme: log2(whole / max(count, weights.pooled_under)) for theme, count in counts.items()}
    return {
        theme: max(weights.least_rarity, round(1000 * (bits - known.get(parents.get(theme, ""), 0.0))))
        for theme, bits in known.items()
    }


def with_broader(themes: Iterable[str], parents: Parents) -> frozenset[str]:
    """Some themes together with their broader ones."""
    given = frozenset(themes)
    return given | broader(given, parents)


def wishes(person: Person, parents: Parents) -> Mapping[str, int]:
    """How much each theme, and each broader theme, matters to the person; the higher wish wins."""
    found: dict[str, int] = {}
    for rank, theme in enumerate(person.themes):
        importance = _RANKED[min(rank, len(_RANKED) - 1)]
        for one in with_broader([theme], parents):
            found[one] = max(found.get(one, 0), importance)
    return found


def experience_points(person: Person, peer: Peer, rare: Mapping[str, int], parents: Parents, weights: Weights) -> int:
    """Points for shared experience; the same for every peer when the person ranks none."""
    if not person.themes:
        return weights.no_wish
    wanted = {
        theme: importance * rare.get(theme, weights.least_rarity)
        for theme, importance in wishes(person, parents).items()
    }
    whole = sum(wanted.values())
    brings = with_broader(peer.themes_at(USED_TO_MATCH), parents)
    return sum(weight for theme, weight in wanted.items() if theme in brings) * weights.experience // whole


def times_points(person: Person, peer: Peer, weights: Weights) -> int:
    """Points for the share of the person's times at which the peer is free too."""
    return len(person.times & peer.times) * weights.times // len(person.times) if person.times else 0


def place_points(person: Person, peer: Peer, weights: Weights) -> int:
    """Points for meeting the way the person would; remote counts a little less when they would meet either way."""
    ways = person.ways & peer.modes
    if "in_person" in ways and person.area and person.area in peer.areas:
        return weights.place
    if ways & REMOTE:
        return weights.remote if person.mode == "any" else weights.place
    return 0


def pair_points(person: Person, peer: Peer, rare: Mapping[str, int], parents: Parents, weights: Weights) -> int:
    """The points of one pair, a whole number."""
    return (
        experience_points(person, peer, rare, parents, weights)
        + times_points(person, peer, weights)
        + place_points(person, peer, weights)
    )


def tie_key(referral_id: str, peer_id: str) -> str:
    """Settles equal points: fixed for a pair, another order for every person, so that nobody is always first."""
    return hashlib.blake2b(peer_id.encode(), key=referral_id.encode()[:64], digest_size=16).hexdigest()


def in_order(person: Person, scored: Sequence[tuple[Peer, int]]) -> list[Peer]:
    """Peers by points, most first; ties by `tie_key`."""
    ordered = sorted(scored, key=lambda pair: (-pair[1], tie_key(person.referral_id, pair[0].peer_id)))
    return [peer for peer, _ in ordered]
