"""What becomes of each made-up referral: how many share a fate, and how long before the end of the year they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from demo.diary import Diary


@dataclass(frozen=True)
class Fate:
    """Where a referral comes to rest; `oldest` and `newest` say in days before the end when it arrives."""

    name: str
    share: int
    oldest: int
    newest: int


# Shares of a whole region; a small one has at least one of each.
FATES: tuple[Fate, ...] = (
    # still on the way, so they arrive late in the year
    Fate("received", 4, 1, 0),
    Fate("left_unread", 2, 9, 7),
    Fate("acknowledged", 4, 4, 2),
    Fate("waiting", 32, 90, 6),
    Fate("unanswered", 3, 24, 15),
    Fate("asked", 4, 14, 7),
    Fate("holding", 4, 18, 8),
    Fate("chosen", 4, 22, 10),
    Fate("taster_held", 4, 30, 16),
    Fate("agreed", 3, 34, 18),
    # never matched
    Fate("declined", 33, 360, 8),
    Fate("hold_lapsed", 4, 70, 30),
    Fate("withdrew_waiting", 5, 330, 25),
    Fate("withdrew_when_asked", 3, 330, 25),
    Fate("protected_waiting", 3, 200, 25),
    Fate("not_agreed", 6, 330, 30),
    # supported
    Fate("supported", 43, 120, 36),
    Fate("paused", 4, 110, 70),
    Fate("protected_supported", 2, 120, 60),
    Fate("withdrew_supported", 3, 300, 80),
    Fate("ended_planned", 33, 362, 175),
    Fate("ended_early", 12, 330, 90),
    Fate("ended_moved_on", 7, 330, 90),
    Fate("ended_lost_touch", 8, 330, 110),
    Fate("swapped", 7, 330, 130),
    Fate("returned", 3, 330, 100),
)


def fates_of(count: int, chance: Random) -> list[Fate]:
    """The fates of `count` referrals, each at least once, shared out as the table says, in no order."""
    whole = sum(fate.share for fate in FATES)
    dealt = [fate for fate in FATES for _ in range(max(1, round(fate.share * count / whole)))]
    most = next(fate for fate in FATES if fate.name == "supported")
    while len(dealt) > max(count, len(FATES)):
        dealt.remove(max(FATES, key=lambda fate: (dealt.count(fate), fate.share)))
    dealt += [most] * (count - len(dealt))
    chance.shuffle(dealt)
    return dealt


def arrival_of(fate: Fate, diary: Diary, chance: Random) -> date:
    """The day a referral arrives: one of the days its fate allows, as far as the year reaches back."""
    days: Sequence[date] = diary.working_days
    reach = len(diary.days) - 1
    ago = chance.randint(min(fate.newest, reach), min(fate.oldest, reach))
    wanted = diary.days[reach - ago]
    if fate.newest <= 4:
        # The last days of the year may be days off: the last arrivals come on the last days of work.
        return diary.working_day_before_end(ago)
    return next((day for day in days if day >= wanted), days[-1])
