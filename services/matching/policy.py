"""The numbers the matching rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source (rules.md, Matching)."""

    # Working days a peer has to say whether they could, before a coordinator is asked to look (d).
    answer_working_days: int = 3
    # Working days a peer's "I could" holds one of their places (d).
    hold_working_days: int = 3
    # Working days after the first "I could" until a coordinator is asked to look at the person's choice (d).
    choice_working_days: int = 2
    # Working days from the choice to the taster, before a coordinator is asked to look (d).
    taster_working_days: int = 10
    # Places a peer may offer at most (d).
    most_places: int = 6
    # Peers shown on one shortlist at most (sources.md, Shared experience).
    shortlist_length: int = 10
    # Points of a pair, at most, for each of three things (sources.md, Shared experience).
    experience_points: int = 7000
    times_points: int = 1500
    place_points: int = 1500
    # Points for all peers alike when the person ranks no experience (d).
    no_wish_points: int = 3500
    # Points for meeting by phone or video when the person would meet either way (d).
    remote_points: int = 1000
    # Counts of peers below this are pooled before rarity is reckoned, so that it points at nobody (the same source).
    pooled_under_count: int = 5
    # Least weight of one theme, in thousandths of a bit, so that an exact match counts in a small network too (d).
    least_rarity: int = 250
