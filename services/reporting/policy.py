"""The numbers reports run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source."""

    # A figure about fewer people or things than this is hidden, none included (sources.md, MHSDS).
    least_count: int = 5
    # What is shown is rounded to the nearest multiple of this: counts, per cents and days (sources.md, MHSDS).
    round_to: int = 5
    # A share of fewer than this is not worked out: rounding would move it further than chance does (d).
    share_least_count: int = 20
    # Minutes past a period's end that coverage must have reached before its report is published, so that facts of its
    # last moments are not still on their way (d).
    settle_minutes: int = 60
    # Days after which whoever was forgotten is severed from what was counted of them, though something of theirs never
    # ended; until then a fact to come still finds the rows it belongs to (d).
    sever_after_days: int = 28
