"""Who may be offered to whom: each hard rule is a function of its own; what is not known is asked, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FITS, ASK, NOT = "fits", "ask", "not"

# The four levels of a lived-experience entry; the peer chooses one for each (rules.md, characteristic 1).
PRIVATE, MATCH_ONLY, SHOWN_AT_MATCH, OPEN = "private", "match_only", "shown_at_match", "open"
LEVELS = (PRIVATE, MATCH_ONLY, SHOWN_AT_MATCH, OPEN)
USED_TO_MATCH = frozenset({MATCH_ONLY, SHOWN_AT_MATCH, OPEN})
SHOWN = frozenset({SHOWN_AT_MATCH, OPEN})
WAYS = ("in_person", "phone", "video")
REMOTE = frozenset({"phone", "video"})

# A broader theme for each theme, "" for the broadest.
Parents = Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """What a match has to fit, as far as it is known; `themes` are ranked, `not_again` are peers tried before."""

    referral_id: str
    area: str = ""
    languages: frozenset[str] = frozenset()
    interpreter: bool = False
    times: frozenset[str] = frozenset()
    mode: str = "any"
    peer_gender: str = ""
    age_band: str = "unknown"
    themes: tuple[str, ...] = ()
    conflicts: frozenset[str] = frozenset()
    not_again: frozenset[str] = frozenset()
    read_safety_note: bool = False
    broader: frozenset[str] = frozenset()

    @property
    def ways(self) -> frozenset[str]:
        """The ways in which the person would meet."""
        return frozenset(WAYS) if self.mode == "any" else frozenset({self.mode})


@dataclass(frozen=True)
class Peer:
    """What a peer says of themselves, and whether a new match may be asked of them; `used` counts people and holds."""

    peer_id: str
    partner_id: str = ""
    places: int = 0
    used: int = 0
    areas: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    age_bands: frozenset[str] = frozenset()
    gender: str = ""
    not_taken: frozenset[str] = frozenset()
    entries: tuple[tuple[str, str], ...] = ()
    is_cleared: bool = False
    is_paused: bool = False
    is_suspended: bool = False

    def themes_at(self, levels: frozenset[str]) -> frozenset[str]:
        """The themes of the entries that stand at one of these levels."""
        return frozenset(theme for theme, level in self.entries if level in levels)


def person_of(
    referral_id: str, needs: Mapping[str, Any], safety: Mapping[str, Any], not_again: Iterable[str], parents: Parents
) -> Person:
    """Reads what travelled sealed (contracts/needs.py) as the rules need it; a name left out counts as not known."""
    themes = tuple(needs.get("themes") or ())
    spoken = {needs.get("language") or "", *(needs.get("other_languages") or ())} - {""}
    return Person(
        referral_id=referral_id,
        area=needs.get("area") or "",
        languages=frozenset(spoken),
        interpreter=bool(needs.get("interpreter")),
        times=frozenset(needs.get("times") or ()),
        mode=needs.get("mode") or "any",
        peer_gender=needs.get("peer_gender") or "",
        age_band=needs.get("age_band") or "unknown",
        themes=themes,
        conflicts=frozenset(safety.get("conflicts") or ()),
        not_again=frozenset(not_again),
        read_safety_note=(safety.get("note_code") or "none") != "none",
        broader=broader(themes, parents),
    )


def broader(themes: Iterable[str], parents: Parents) -> frozenset[str]:
    """The broader themes of some themes, themselves left out."""
    given, found = frozenset(themes), set()
    for theme in given:
        while theme := parents.get(theme, ""):
            found.add(theme)
    return frozenset(found - given)


# ---- the rules ----


def has_a_place(_person: Person, peer: Peer) -> str:
    """People and holds together never exceed a peer's places."""
    return FITS if peer.used < peer.places else NOT


def times_overlap(person: Person, peer: Peer) -> str:
    """They are free at one time of the week at least."""
    if not person.times or not peer.times:
        return ASK
    return FITS if person.times & peer.times else NOT


def can_understand_each_other(person: Person, peer: Peer) -> str:
    """They share a language, or the person would have an interpreter."""
    if person.interpreter or person.languages & peer.languages:
        return FITS
    return NOT if person.languages and peer.languages else ASK


def is_of_the_gender_asked_for(person: Person, peer: Peer) -> str:
    """Only when the person asked for it."""
    if not person.peer_gender or person.peer_gender == peer.gender:
        return FITS
    return NOT if peer.gender else ASK


def can_meet(person: Person, peer: Peer) -> str:
    """In person in an area the peer goes to, or by phone or video, as far as both would."""
    if not peer.modes:
        return ASK
    ways = person.ways & peer.modes
    if ways & REMOTE:
        return FITS
    if not ways:
        return NOT
    if not person.area or not peer.areas:
        return ASK
    return FITS if person.area in peer.areas else NOT


def fits_the_age_group(person: Person, peer: Peer) -> str:
    """A peer who named age groups is asked for people of those alone."""
    if not peer.age_bands or person.age_band in peer.age_bands:
        return FITS
    return ASK if person.age_band == "unknown" else NOT


def has_no_conflict(person: Person, peer: Peer) -> str:
    """Nobody who must not be told is told."""
    return NOT if peer.peer_id in person.conflicts else FITS


def is_someone_new(person: Person, peer: Peer) -> str:
    """A peer whom this person turned down, or swapped from, is not offered again by itself."""
    return NOT if peer.peer_id in person.not_again else FITS


def is_cleared(_person: Person, peer: Peer) -> str:
    """Supervision cleared the peer for new matches; never cleared is not cleared."""
    return FITS if peer.is_cleared and not peer.is_suspended else NOT


def is_not_on_a_break(_person: Person, peer: Peer) -> str:
    """A break needs no reason."""
    return NOT if peer.is_paused else FITS


def takes_the_topics(person: Person, peer: Peer) -> str:
    """A topic a peer does not take covers the narrower ones below it."""
    return NOT if (person.broader | frozenset(person.themes)) & peer.not_taken else FITS


@dataclass(frozen=True)
class Rule:
    """One hard rule: what is said when it excludes, what is said when a fact is missing."""

    code: str
    check: Callable[[Person, Peer], str]
    says: str
    asks: str = ""


NOT_AVAILABLE = "not_available"
_UNAVAILABLE = "Not available just now"

# Private rules share one code and one sentence, so that nobody learns which of them it was.
RULES: tuple[Rule, ...] = (
    Rule("capacity", has_a_place, "Has no place free"),
    Rule("times", times_overlap, "Is free at other times", "Ask when both are free"),
    Rule("language", can_understand_each_other, "Shares no language with the person", "Ask which languages they speak"),
    Rule(
        "gender", is_of_the_gender_asked_for, "Is not of the gender asked for", "Ask the peer how they see their gender"
    ),
    Rule("place", can_meet, "Cannot meet where or how the person would", "Ask where and how they could meet"),
    Rule("age_group", fits_the_age_group, "Supports people of other age groups", "Ask how old the person is"),
    Rule("conflict", has_no_conflict, "Must not be told of this person"),
    Rule("before", is_someone_new, "Was not the right one before"),
    Rule(NOT_AVAILABLE, is_cleared, _UNAVAILABLE),
    Rule(NOT_AVAILABLE, is_not_on_a_break, _UNAVAILABLE),
    Rule(NOT_AVAILABLE, takes_the_topics, _UNAVAILABLE),
)
ASKABLE = tuple(rule.code for rule in RULES if rule.asks)
# A rule about the person alone: it is asked of every pair.
SAFETY_NOTE = Rule("safety", lambda _person, _peer: ASK, "", "Read the safety note with the referral first")


@dataclass(frozen=True)
class Standing:
    """How one peer stands to one person: which rules exclude them, which facts are missing."""

    excluded_by: tuple[Rule, ...]
    to_ask: tuple[Rule, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing excludes the peer; facts may still be missing."""
        return not self.excluded_by


def standing(person: Person, peer: Peer) -> Standing:
    """Puts one peer through every rule."""
    excluded, asks = [], []
    for rule in RULES:
        answer = rule.check(person, peer)
        if answer == NOT:
            excluded.append(rule)
        elif answer == ASK:
            asks.append(rule)
    return Standing(tuple(excluded), tuple(asks))
