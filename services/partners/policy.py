"""The numbers the partners rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source."""

    # Years a data-sharing agreement may span at most, so that somebody looks at it again (d).
    longest_agreement_years: int = 3
