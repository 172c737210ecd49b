"""The numbers the support rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source (rules.md, Progressive)."""

    # Months from the start to the agreed end, when the pair says nothing else (ENRICH trial: up to 4 months).
    usual_months: int = 4
    # Months after which no end date is taken at the start; a later date is almost always a wrong year (d).
    most_months: int = 12
    # Working days from both yeses to the start, before the page says that the start is late (d).
    start_working_days: int = 10
    # Days for which a planned meeting that has passed is still offered for its two taps; after that nobody asks (d).
    offered_days: int = 7
