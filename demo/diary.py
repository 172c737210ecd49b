"""The made-up year: which days there are, who has something to do at which moment, and a clock that follows it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random

from chassis.clock import HandClock
from chassis.working_days import LONDON, is_working_day

# Somebody's next steps: does one, then says when the next is due.
Steps = Iterator[datetime]
_MORNING, _EVENING = time(9), time(17, 30)
# The last step of a day begins this many minutes after nine (16:59).
_MINUTES_OF_WORK = 479


class Diary:
    """What is to be done when; `last_day` is the last one played."""

    def __init__(self, last_day: date, days: int) -> None:
        self.days = [last_day - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
        self.working_days = [day for day in self.days if is_working_day(day)]
        self.clock = HandClock(moment_of(self.days[0], time(6)))
        self._waiting: list[tuple[datetime, int, Steps]] = []
        self._order = count()

    @property
    def now(self) -> datetime:
        """The made-up moment."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """The made-up day, in London."""
        return self.now.astimezone(LONDON).date()

    def begin(self, steps: Steps) -> None:
        """Takes somebody's steps in; the first thing they do is to say when they begin."""
        at = next(steps, None)
        if at is not None:
            heapq.heappush(self._waiting, (at, next(self._order), steps))

    def live(self, day: date) -> int:
        """Does everything due on a day, in order; gives how many steps that were. It ends in the evening."""
        done = 0
        evening = moment_of(day, _EVENING)
        while self._waiting and self._waiting[0][0] <= evening:
            at, _, steps = heapq.heappop(self._waiting)
            self.clock.move_to(at)
            self.begin(steps)
            done += 1
        self.clock.move_to(evening)
        return done

    # ---- when something is done next ----

    def in_days(self, days: int, chance: Random) -> datetime:
        """A moment of work that many days from now, or on the next working day after."""
        return self.on(self.today + timedelta(days=days), chance)

    def on(self, day: date, chance: Random) -> datetime:
        """A moment of work on a day, or on the next working day after."""
        while not is_working_day(day):
            day += timedelta(days=1)
        return moment_of(day, _MORNING) + timedelta(minutes=chance.randint(0, _MINUTES_OF_WORK))

    def in_working_days(self, count_of_days: int, chance: Random) -> datetime:
        """A moment of work that many working days from now."""
        day = self.today
        for _ in range(count_of_days):
            day += timedelta(days=1)
            while not is_working_day(day):
                day += timedelta(days=1)
        return self.on(day, chance)

    def working_day_before_end(self, count_of_days: int) -> date:
        """The last working day played for 0, the one before it for 1, and so on."""
        return self.working_days[max(0, len(self.working_days) - 1 - count_of_days)]

    def soon(self, chance: Random) -> datetime:
        """A little later on the same day."""
        return self.now + timedelta(minutes=chance.randint(2, 25))

    def days_left(self) -> int:
        """How many days are still to be played after today."""
        return (self.days[-1] - self.today).days


def moment_of(day: date, hour: time) -> datetime:
    """The moment of a time of day in London."""
    return datetime.combine(day, hour, LONDON).astimezone(UTC)
