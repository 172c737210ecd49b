"""The words of the screens for codes and names of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from contracts import needs as lists
from services.referrals import domain, schemas


class Stage(NamedTuple):
    """A stage in words: a heading, and what it means."""

    heading: str
    words: str


THEMES = {code: words for code, (words, _) in lists.THEMES.items()}
LISTS: dict[str, Mapping[str, str]] = {
    "areas": lists.AREAS,
    "times": lists.TIMES,
    "modes": lists.MODES,
    "languages": lists.LANGUAGES,
    "peer_genders": lists.PEER_GENDERS,
    "themes": THEMES,
    "ethnicities": lists.ETHNICITIES,
    "genders": lists.GENDERS,
    "channels": schemas.CHANNELS,
    "given_by": schemas.GIVEN_BY,
    "how_given": schemas.HOW_GIVEN,
}
# In which order shared experience matters; one question for each place.
PLACES = ("What matters most", "Then", "Then", "Then", "Then")[: lists.MOST_THEMES]
REASONS = {
    "not_what_was_hoped_for": "It is not what the person hoped for",
    "outside_our_area": "They live outside our area",
    "too_young": "They are under 18",
    "unsafe_now": "It would not be safe just now",
    "duplicate": "The same referral came before",
    "other_help_found": "Other help was found",
}
DECIDED_BY = {"person": "The person", "service": "Our service", "referrer": "The referrer"}
LOOK_PATTERNS = {
    "same_surname": "Opened by somebody with the same surname",
    "same_postcode": "Opened by somebody with the same postcode",
    "oneself": "Opened by somebody who seems to be this person",
    "colleague": "The person seems to work at the same partner as whoever opened it",
    "many_shown": "Shown more people in an hour than anybody works with",
    "no_relation": "No referral is open, and none was lately, that whoever opened it works with",
}
LOOK_OUTCOMES = {
    "explained": "There was a good reason",
    "taken_further": "I take it further, by our own procedure",
}
# Where things stand, for whoever has a private link and not the word: nobody's name, no place, no time, and not whether
# somebody waits, chooses or has a peer.
_UNDER_WAY = Stage("It is under way", "Your coordinator can tell you more.")
_OVER = Stage("It has come to its end", "You can come back whenever you like.")
STANDING = {
    domain.RECEIVED: Stage("It is with us", "A coordinator reads it. You need do nothing."),
    domain.ACKNOWLEDGED: Stage("A coordinator has read it", "They are looking at whether we can help."),
    domain.WAITING: _UNDER_WAY,
    domain.OFFERED: _UNDER_WAY,
    domain.MATCHED: _UNDER_WAY,
    domain.SUPPORTED: _UNDER_WAY,
    domain.DECLINED: _OVER,
    domain.CLOSED: _OVER,
}

GLASS_REASONS = {
    "danger_now": "Somebody may be in danger now",
    "nobody_else_reached": "Whoever works with them cannot be reached, and it cannot wait",
    "asked_by_the_person": "The person asked me to",
    "asked_by_law": "The law asks for it",
}
PURPOSES = {
    "referral": "Referral",
    "matching": "Finding a peer",
    "support": "Support",
    "supervision": "Supervision",
    "work": "Work list",
    "timeline": "How a referral went",
    "privacy": "Seeing to looks",
    "account": "Accounts",
    "break_glass": "Opened all the same",
    "other": "Something else",
}
NOT_YET_KNOWN = {
    "name": "full name",
    "birth_date": "date of birth",
    "postcode": "postcode",
    "nhs_number": "NHS number",
    "gp_code": "GP practice",
    "area": "where they live",
    "hopes": "what they would like to be different",
    "strengths": "what they are good at",
    "consent_details": "who gave consent, and how",
}


def missing(incomplete: Iterable[str]) -> str:
    """What is not yet known, as part of a sentence: `postcode, GP practice`."""
    return ", ".join(NOT_YET_KNOWN[name] for name in incomplete)


def words(known: Mapping[str, str], codes: Any) -> str:
    """The words of codes, in their order; what has no word stays as it is."""
    return ", ".join(known.get(code, code) for code in codes or ())
