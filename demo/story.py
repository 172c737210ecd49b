"""One made-up referral as its journey goes: whose it is, what it says, where it stands, and who acts in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from chassis.ids import chance
from demo import region, sending
from demo.diary import Diary
from demo.doors import Hand
from demo.fates import Fate, arrival_of
from demo.people import Cast, Member, Partner

# Whoever rests on the way must get that far in the days that are left, so they ask for nothing scarce.
_EASY = {
    "language": "en",
    "interpreter": False,
    "mode": "any",
    "peer_gender": "",
    "times": ["weekday_morning", "weekend"],
}
_ON_THE_WAY = (
    "unanswered",
    "asked",
    "holding",
    "chosen",
    "taster_held",
    "agreed",
    "hold_lapsed",
    "withdrew_when_asked",
)
# One in so many referrals says that somebody is in danger now.
_IN_DANGER = 80
# By whom and why a referral does not go on, by turns.
DECLINES: tuple[tuple[str, str], ...] = (
    ("service", "outside_our_area"),
    ("person", "not_what_was_hoped_for"),
    ("service", "too_young"),
    ("referrer", "duplicate"),
    ("person", "other_help_found"),
    ("service", "unsafe_now"),
)


@dataclass
class Story:
    """What is known of one referral, and how chance goes for it."""

    number: int
    fate: Fate
    cast: Cast
    partner: Partner
    draw: Random
    arrives_on: date
    door: str
    asked: dict[str, Any]
    referral_id: str = ""
    person_id: str = ""
    match_id: str = ""
    asked_peers: list[str] = field(default_factory=list)
    could_peers: list[str] = field(default_factory=list)
    peer_id: str = ""
    support_id: str = ""
    is_again: bool = False

    @property
    def diary(self) -> Diary:
        """The made-up year."""
        return self.cast.diary

    @property
    def coordinator(self) -> Hand:
        """A coordinator who has the time."""
        return self.cast.coordinator(self.draw)

    @property
    def person(self) -> Hand:
        """The person themselves."""
        return self.cast.as_person(self.person_id)

    @property
    def peer(self) -> Member:
        """The peer the person chose."""
        return self.cast.peers[self.peer_id]

    def rests_at(self, *names: str) -> bool:
        """Whether this is as far as it goes in the made-up year."""
        return self.fate.name in names

    @property
    def must_get_on(self) -> bool:
        """Whether few days are left to get where it rests."""
        return not self.is_again and self.rests_at("holding", "chosen", "taster_held", "agreed", "hold_lapsed")

    def happens(self, share: float) -> bool:
        """Lets chance say whether something happens that happens in a share of cases."""
        return self.draw.random() < share

    # ---- when the next step is due ----

    def in_days(self, least: int, most: int) -> datetime:
        """Some days from now, at work."""
        return self.diary.in_days(self.draw.randint(least, most), self.draw)

    def next_working_day(self, most: int = 1) -> datetime:
        """The next working day, or one of the next few."""
        return self.diary.in_working_days(self.draw.randint(1, most), self.draw)


def a_story(cast: Cast, number: int, fate: Fate, *, is_first: bool) -> Story:
    """One referral with its fate; the same number always makes the same one.

    The first of each fate gets where it is going, so that every state is there in a region of any size.
    """
    draw = chance(f"{region.SEED}/referral/{number}")
    partner = draw.choice(cast.partners)
    asked = region.a_referral(draw, partner.made.area, cast.diary.days[-1].year)
    door = sending.a_door(partner, number)
    if is_first or fate.name in _ON_THE_WAY:
        asked["needs"] = {**asked["needs"], **_EASY}
    if number % _IN_DANGER == 0:
        asked["safety"] = {**asked["safety"], "present_danger": True}
        door = sending.API
    arrives_on = arrival_of(fate, cast.diary, draw)
    return Story(number, fate, cast, partner, draw, arrives_on, door, asked)
