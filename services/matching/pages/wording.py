"""The words screens use for codes, and what every screen of this room is given."""

from __future__ import annotations

from typing import Any

from contracts import needs
from services.matching import schemas
from services.matching.domain import moves, pair

LISTS: dict[str, Any] = {
    "areas": needs.AREAS,
    "times": needs.TIMES,
    "modes": needs.MODES,
    "ways": schemas.WAYS,
    "languages": needs.LANGUAGES,
    "age_bands": schemas.AGE_BANDS,
    "genders": {code: words for code, words in needs.PEER_GENDERS.items() if code},
    "themes": {code: words for code, (words, _) in needs.THEMES.items()},
    "parents": {code: parent for code, (_, parent) in needs.THEMES.items()},
}
LEVELS = {
    pair.PRIVATE: "Private: for you alone",
    pair.MATCH_ONLY: "Use to match, never shown",
    pair.SHOWN_AT_MATCH: "Shown when you are offered to someone",
    pair.OPEN: "Open: shown with your name on the list of peers",
}
HOW = {"told_coordinator": "They told me", "by_phone": "By phone"}
HOW_KNOWN = {**HOW, "own_page": "On their own page"}
SAID = {
    "peer could": "The peer says “I could”",
    "peer not_this_time": "The peer says “not this time”",
    "person yes": "The person chooses this peer",
    "person not_this_time": "The person says “not this time” to this peer",
}
RELEASED = {
    "not_needed_this_time": "Not needed this time",
    "peer_not_this_time": "The peer said “not this time”",
    "person_not_this_time": "The person said “not this time”",
    "taster_not_agreed": "Not after the taster",
    "hold_lapsed": "The hold ran out",
    "consent_withdrawn": "Consent was taken back",
    "referral_closed": "The referral ended",
    "not_available": "Not available",
    "swap": "Support ended with a swap",
    "ended": "Support ended",
}
AVAILABILITY = {
    "available": ("Has a place", "green"),
    "full": ("No place free", "grey"),
    "unavailable": ("Unavailable", "grey"),
}
STRENGTHS = {"strong": ("Strong", "green"), "some": ("Some", "blue"), "little": ("Little", "grey")}
STAGES, OPTION_STAGES = moves.STAGES, moves.OPTION_STAGES


def words(codes: Any, of: str) -> str:
    """Some codes in words, with commas."""
    known = LISTS[of]
    return ", ".join(str(known.get(code, code)) for code in codes or ())
