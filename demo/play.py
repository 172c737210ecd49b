"""Plays the made-up year through the real doors, day after day; each ends with the carriers at rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from chassis.clock import SystemClock
from chassis.house import House
from chassis.ids import SeededIds, chance
from chassis.settings import Settings
from chassis.working_days import LONDON
from contracts.roles import NETWORK_LEAD
from demo import region
from demo.diary import Diary, Steps, moment_of
from demo.doors import played_through
from demo.fates import fates_of
from demo.journey import journey
from demo.people import Cast, gather, peers_arrive
from demo.progress import Progress
from demo.story import a_story
from demo.team import as_a_peer
from demo.worries import worries_arise

Open = Callable[..., House]
_SEED = 12
# The room that draws its figures anew every day; here once a month, and on the last day, is enough.
_DRAWS = "reporting"


@dataclass(frozen=True)
class Size:
    """How large a made-up region is, and over how many days it is played."""

    partners: int = 12
    peers: int = region.PEERS
    referrals: int = region.REFERRALS
    days: int = 365


WHOLE = Size()


def fill(
    open_house: Open,
    settings: Settings,
    progress: Progress,
    stopping: threading.Event,
    *,
    plain: bool,
    size: Size = WHOLE,
    today: date | None = None,
) -> bool:
    """Plays the year that ended yesterday into the folder of `settings`; false when it was stopped before the end.

    `today` is the machine's own day in London when not given; the same day always makes the same region.
    """
    today = today or SystemClock().now().astimezone(LONDON).date()
    diary, ids = Diary(today - timedelta(days=1), size.days), SeededIds(_SEED)
    house = open_house(settings, clock=diary.clock, ids=ids, **played_through())
    try:
        cast = gather(house, ids, diary, size.partners)
        write_diary(cast, size)
        return live(house, diary, progress, stopping, plain=plain)
    finally:
        house.close()


def write_diary(cast: Cast, size: Size) -> None:
    """Writes down who joins when, and when each referral comes in."""
    peers_arrive(cast, size.peers, as_a_peer)
    fates = fates_of(size.referrals, chance(f"{region.SEED}/fates"))
    for number, fate in enumerate(fates):
        cast.diary.begin(journey(a_story(cast, number, fate, is_first=fates.index(fate) == number)))
    worries_arise(cast, size.referrals / WHOLE.referrals)
    cast.diary.begin(a_partner_rests(cast))


def a_partner_rests(cast: Cast) -> Steps:
    """One partner is suspended over a weekend while a question is settled, and works again before anyone is at work."""
    friday = next(day for day in cast.diary.days[len(cast.diary.days) // 3 :] if day.weekday() == 4)
    lead, at = cast.only(NETWORK_LEAD), f"/api/v1/partners/{cast.partners[-1].partner_id}/suspension"
    yield moment_of(friday, time(17, 10))
    lead.post(at)
    yield moment_of(friday + timedelta(days=2), time(11))
    lead.delete(at)


def live(house: House, diary: Diary, progress: Progress, stopping: threading.Event, *, plain: bool) -> bool:
    """Lives day after day; false when it was stopped."""
    with progress.shown("Playing a made-up year", len(diary.days), plain=plain) as shown:
        for day in diary.days:
            if stopping.is_set():
                return False
            done = diary.live(day)
            evening(house, is_busy=done > 0, draws=day.day == 1 or day == diary.days[-1])
            shown.step()
    return True


def evening(house: House, *, is_busy: bool, draws: bool) -> None:
    """Carries what a busy day stated until all is quiet, then looks at every clock; figures are drawn when `draws`."""
    if is_busy or draws:
        house.pump()
    ticking = [service for name, service in house.services.items() if draws or name != _DRAWS]
    if sum(service.tick() for service in ticking):
        house.pump()
