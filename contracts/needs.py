"""The shared code lists of what a person hopes for, and the shape of the sealed texts that carry it to matching."""

from __future__ import annotations

from typing import Any

# Areas of the made-up region; a network replaces them by its own list.
AREAS: dict[str, str] = {
    "north": "North",
    "east": "East",
    "south": "South",
    "west": "West",
    "coast": "Coast",
    "city": "City",
}
# Which areas lie next to which, for peers who travel.
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "north": ("city", "east", "west"),
    "east": ("north", "south", "city", "coast"),
    "south": ("east", "west", "city"),
    "west": ("north", "south", "city"),
    "coast": ("east",),
    "city": ("north", "east", "south", "west"),
}
TIMES: dict[str, str] = {
    "weekday_morning": "Weekday mornings",
    "weekday_afternoon": "Weekday afternoons",
    "weekday_evening": "Weekday evenings",
    "weekend": "Weekends",
}
MODES: dict[str, str] = {"in_person": "In person", "phone": "By phone", "video": "By video", "any": "Any way"}
LANGUAGES: dict[str, str] = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "cy": "Welsh",
    "fa": "Persian",
    "gu": "Gujarati",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "ur": "Urdu",
    "yo": "Yoruba",
    "bsl": "British Sign Language",
}
PEER_GENDERS: dict[str, str] = {"": "No wish", "woman": "A woman", "man": "A man", "non_binary": "A non-binary person"}
AGE_BANDS: dict[str, str] = {
    "18-24": "18 to 24",
    "25-34": "25 to 34",
    "35-44": "35 to 44",
    "45-54": "45 to 54",
    "55-64": "55 to 64",
    "65+": "65 and over",
    "unknown": "Not known",
}
ETHNICITIES: dict[str, str] = {
    "asian": "Asian or Asian British",
    "black": "Black, Black British, Caribbean or African",
    "mixed": "Mixed or multiple ethnic groups",
    "white": "White",
    "other": "Other ethnic group",
    "unknown": "Not stated",
}
GENDERS: dict[str, str] = {
    "woman": "Woman",
    "man": "Man",
    "non_binary": "Non-binary",
    "other": "Describes it another way",
    "unknown": "Not stated",
}
# Lived-experience themes: code, words, and the broader theme it belongs to ("" for the broadest).
THEMES: dict[str, tuple[str, str]] = {
    "low_mood": ("Low mood", ""),
    "depression": ("Depression", "low_mood"),
    "loss_of_hope": ("Losing hope", "low_mood"),
    "after_birth": ("Distress around having a baby", "low_mood"),
    "anxiety": ("Anxiety", ""),
    "panic": ("Panic", "anxiety"),
    "obsessions": ("Obsessions and compulsions", "anxiety"),
    "social_fear": ("Fear of being among people", "anxiety"),
    "unusual_experiences": ("Unusual experiences", ""),
    "hearing_voices": ("Hearing voices", "unusual_experiences"),
    "highs_and_lows": ("Highs and lows", "unusual_experiences"),
    "trauma": ("Trauma", ""),
    "childhood_trauma": ("Hard things in childhood", "trauma"),
    "violence_at_home": ("Violence at home", "trauma"),
    "seeking_safety": ("Fleeing to safety", "trauma"),
    "self_harm": ("Self-harm", ""),
    "suicidal_times": ("Times of not wanting to live", ""),
    "hospital": ("Being in hospital", ""),
    "detained": ("Being detained", "hospital"),
    "eating": ("A hard time with eating", ""),
    "alcohol_drugs": ("Alcohol or drugs", ""),
    "grief": ("Grief", ""),
    "bereaved_by_suicide": ("Losing someone to suicide", "grief"),
    "loneliness": ("Loneliness", ""),
    "work_and_money": ("Work and money", ""),
    "housing": ("Losing a home", "work_and_money"),
    "caring": ("Caring for someone", ""),
    "neurodivergent": ("Being neurodivergent", ""),
    "identity": ("Gender or sexuality", ""),
    "racism": ("Racism", ""),
}
# At most this many themes are ranked; beyond five people stop telling them apart (a default of ours).
MOST_THEMES = 5
SAFETY_NOTES = ("none", "check")
CONSENT_SCOPE = "share_in_network"

# `needs` travels sealed as: area, language, other_languages, interpreter, times, mode, peer_gender, age_band,
# themes (ranked, may be empty). `safety` travels sealed as: conflicts (account ids who must not be told),
# note_code (one of SAFETY_NOTES).
NEEDS_FIELDS = (
    "area",
    "language",
    "other_languages",
    "interpreter",
    "times",
    "mode",
    "peer_gender",
    "age_band",
    "themes",
)
SAFETY_FIELDS = ("conflicts", "note_code")


def must_not_be_told(safety: Any) -> frozenset[str]:
    """The accounts an opened `safety` names as those who must not be told; none once the person is forgotten."""
    return frozenset((safety or {}).get("conflicts") or ())
