"""The numbers the supervision rules run on; a network may override each in its policy file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Units are in the names; (d) marks a default of ours with no confirmed source (rules.md, Supervision)."""

    # Days from one line supervision to the next (d).
    line_days: int = 28
    # Days from a session that did not take place to the one that makes up for it (d).
    make_up_days: int = 7
    # Days a peer has after a break before a session that fell due meanwhile is due again (d).
    after_break_days: int = 14
    # Offered times declined by the peer's own choice that hold back new matches once supervision is overdue (d).
    own_choice_declines_count: int = 2
    # Days back for which a session that was held unplanned may still be written down (d).
    record_back_days: int = 7
    # Days ahead for which a session may be planned (d).
    plan_ahead_days: int = 90
    # A level 1 worry is answered by this hour, London time, of this working day after it was raised (d).
    level_1_working_days: int = 1
    level_1_hour: int = 17
    # Elapsed hours to answer a level 2 worry; one raised at night waits until the morning (d).
    level_2_hours: int = 4
    # London hours: from the first, up to but without the second, counts as night; the third is the morning (d).
    night_from_hour: int = 16
    night_until_hour: int = 6
    morning_hour: int = 10
    # Elapsed hours to answer a level 3 worry (d).
    level_3_hours: int = 1
    # A level 4 worry is due at once; elapsed minutes until someone further up owns it unless it was taken up (d).
    level_4_minutes: int = 10
