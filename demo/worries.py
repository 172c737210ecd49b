"""Made-up worries of every level: raised by somebody, then answered, handed on, passed up unanswered, or open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from chassis.ids import chance
from contracts import roles
from demo import region
from demo.diary import Steps
from demo.doors import Hand
from demo.people import Cast, Member

# What becomes of a worry. `passed_up`: nobody answers in time, so somebody further up owns it, and answers.
CLOSED, TAKEN_UP, HANDED_ON, PASSED_UP, OPEN = "closed", "taken_up", "handed_on", "passed_up", "open"
# How many of a whole region's worries go which way, by level.
COURSES: tuple[tuple[int, str, int], ...] = (
    (1, CLOSED, 10),
    (1, TAKEN_UP, 2),
    (1, OPEN, 2),
    (2, CLOSED, 6),
    (2, HANDED_ON, 2),
    (2, PASSED_UP, 2),
    (2, TAKEN_UP, 1),
    (2, OPEN, 1),
    (3, CLOSED, 3),
    (3, TAKEN_UP, 1),
    (3, OPEN, 1),
    (4, CLOSED, 2),
    (4, TAKEN_UP, 1),
)
_CODES = ("talked_through", "plan_in_place", "no_longer_a_worry")
_WORDS = (
    "Something felt different this time and I would like to talk it over.",
    "They said they had not eaten much this week.",
    "I am not sure the place we meet is right for them any more.",
    "They spoke about not wanting to be here, and I stayed until a friend came.",
    "I keep thinking about our last meeting.",
)


@dataclass(frozen=True)
class Worry:
    """One made-up worry before it is raised."""

    level: int
    course: str
    draw: Random


def worries_arise(cast: Cast, share: float) -> None:
    """Writes into the diary when each worry is raised; `share` is how much of a whole region this is."""
    number = 0
    for level, course, count in COURSES:
        for _ in range(max(1, round(count * share))):
            number += 1
            worry = Worry(level, course, chance(f"{region.SEED}/worry/{number}"))
            cast.diary.begin(a_worry(cast, worry))


def a_worry(cast: Cast, worry: Worry) -> Steps:
    """A worry from the day somebody raises it."""
    yield cast.diary.on(_day_of(cast, worry), worry.draw)
    concern_id = raise_one(cast, worry)
    if worry.course == OPEN:
        return
    if worry.course == PASSED_UP:
        yield cast.diary.in_working_days(2, worry.draw)
    else:
        yield cast.diary.soon(worry.draw)
    yield from answer(cast, concern_id, worry)


def _day_of(cast: Cast, worry: Worry) -> date:
    """What is open or in hand at the end of the year was raised late; the rest at any time since peers are there."""
    if worry.course == OPEN:
        return cast.diary.working_day_before_end(0)
    if worry.course == TAKEN_UP:
        return cast.diary.working_day_before_end(worry.draw.randint(1, 4))
    first = len(cast.diary.days) // 6
    return cast.diary.days[worry.draw.randint(first, len(cast.diary.days) - 12)]


def raise_one(cast: Cast, worry: Worry) -> str:
    """Somebody who works here raises a worry; gives its id."""
    draw = worry.draw
    about, about_id, by = _whom(cast, draw)
    body: dict[str, Any] = {"level": worry.level, "about": about, "about_id": about_id, "words": draw.choice(_WORDS)}
    return str(by.post("/api/v1/concerns", body, key=cast.ids.new())["concern_id"])


def _whom(cast: Cast, draw: Random) -> tuple[str, str | None, Hand]:
    """Whom it is about, and who raises it: mostly a peer about the person they walk beside."""
    walking = sorted(cast.walks)
    if walking and draw.random() < 0.7:
        person_id = draw.choice(walking)
        return "person", person_id, cast.walks[person_id].hand
    if draw.random() < 0.5:
        return "peer", draw.choice(sorted(cast.peers)), cast.coordinator(draw)
    return "other", None, draw.choice(draw.choice(cast.partners).referrers).hand


def answer(cast: Cast, concern_id: str, worry: Worry) -> Steps:
    """Its owner reads it and takes it up, hands it on if that is its course, and brings it to its end."""
    owner = owner_of(cast, concern_id)
    at = f"/api/v1/concerns/{concern_id}"
    owner.hand.get(at)
    if worry.course == HANDED_ON:
        owner.hand.post(f"{at}/handing-on", {"owner_id": _someone_else(cast, owner).account_id})
        yield cast.diary.soon(worry.draw)
        owner = owner_of(cast, concern_id)
    owner.hand.post(f"{at}/acknowledgement")
    if worry.course == TAKEN_UP:
        return
    yield cast.diary.in_days(worry.draw.randint(1, 5), worry.draw)
    code = "handed_to_authority" if worry.level == 4 else worry.draw.choice(_CODES)
    owner.hand.post(f"{at}/closing", {"code": code})


def owner_of(cast: Cast, concern_id: str) -> Member:
    """Whoever has a worry on their list."""
    answering = (roles.COORDINATOR, roles.SAFEGUARDING_LEAD, roles.NETWORK_LEAD)
    able = [*cast.supervisors, *(one for role in answering for one in cast.office[role])]
    return next(one for one in able if any(row["concern_id"] == concern_id for row in one.hand.get("/api/v1/concerns")))


def _someone_else(cast: Cast, owner: Member) -> Member:
    lead = cast.office[roles.SAFEGUARDING_LEAD][0]
    return lead if lead.account_id != owner.account_id else cast.office[roles.NETWORK_LEAD][0]


def take_up_danger(cast: Cast, draw: Random) -> Steps:
    """A referral said that somebody is in danger now: the safeguarding lead answers within minutes."""
    # Nobody waits for the evening when somebody is in danger: what was stated is carried at once.
    cast.house.pump()
    lead = cast.only(roles.SAFEGUARDING_LEAD)
    fresh = [row for row in lead.get("/api/v1/concerns") if row["state"] == "raised"]
    for row in fresh:
        lead.post(f"/api/v1/concerns/{row['concern_id']}/acknowledgement")
    yield cast.diary.in_days(1, draw)
    for row in fresh:
        lead.post(f"/api/v1/concerns/{row['concern_id']}/closing", {"code": "handed_to_authority"})
