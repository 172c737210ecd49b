"""The numbers the carrying of facts runs on; a network may override each in its policy file, under `carrying`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source."""

    # Days in which a second person may confirm or refuse what was asked about something set aside (d).
    asking_days: int = 7
