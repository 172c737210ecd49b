"""What a made-up person and their peer do together: an end date, meetings, connections, and an ending of some kind."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from demo import region
from demo.story import Story

# After how many meetings a support takes its turn, by fate: (least, most). What is not named goes on to its end date.
_TURNS = {
    "paused": (1, 2),
    "protected_supported": (1, 2),
    "withdrew_supported": (1, 3),
    "ended_early": (2, 3),
    "ended_moved_on": (2, 4),
    "ended_lost_touch": (1, 3),
    "swapped": (1, 2),
    "returned": (2, 4),
}
# How far a connection comes once it is found, by turns; the last one turns out not to be it.
_COURSES = (
    ("going", "going_without_peer"),
    ("tried",),
    ("tried", "going", "going_without_peer"),
    (),
    ("tried", "going"),
    ("tried", "let_go"),
)
_MOST_CONNECTIONS = 2
_A_STEP = 0.8
_MODES = ("in_person", "in_person", "in_person", "phone", "video", "message")
# Days between meetings where something is about to change.
_SOON = 12
_PLANNED_SHARE = 0.3
_TRIED_IN_VAIN = 0.08
_OVERRUN = 0.4


@dataclass
class Walk:
    """One support as it goes on."""

    at: str
    rhythm_days: int
    turns_after: int
    ends_on: date
    meetings_count: int = 0
    meeting_id: str | None = None
    mode: str = "in_person"
    connection_id: str = ""
    connections_count: int = 0
    steps_left: list[str] = field(default_factory=list)


def together(one: Story) -> Generator[datetime, None, bool]:
    """From both yeses to where the fate leaves the support; true when the person then waits again."""
    yield one.next_working_day(most=3)
    walk = begin(one)
    yield one.in_days(2, walk.rhythm_days)
    while walk.meetings_count < walk.turns_after and one.diary.today < walk.ends_on:
        meet(one, walk)
        yield one.in_days(walk.rhythm_days - 1, walk.rhythm_days + 1)
    if one.fate.name in _TURNS and not one.is_again:
        return (yield from turn(one, walk))
    # Some pairs go on past the day they agreed, and their supervisor hears of it.
    if one.diary.today >= walk.ends_on and not (one.rests_at("supported") and one.happens(_OVERRUN)):
        end(one, walk, "planned", "both")
    return False


def begin(one: Story) -> Walk:
    """Peer and person agree an end date, and support begins."""
    supports = one.peer.hand.get("/api/v1/supports")
    one.support_id = next(row["support_id"] for row in supports if row["match_id"] == one.match_id)
    at = f"/api/v1/supports/{one.support_id}"
    own_end = one.diary.today + timedelta(weeks=one.draw.randint(12, 17))
    one.cast.walks[one.person_id] = one.peer
    began = one.peer.hand.post(f"{at}/start", {} if one.happens(0.7) else {"agreed_end_on": own_end.isoformat()})
    takes_a_turn = one.fate.name in _TURNS and not one.is_again
    least, most = _TURNS[one.fate.name] if takes_a_turn else (999, 999)
    return Walk(
        at=at,
        rhythm_days=_SOON if takes_a_turn else one.draw.choice([24, 28, 35]),
        turns_after=one.draw.randint(least, most),
        ends_on=date.fromisoformat(began["agreed_end_on"]),
    )


def meet(one: Story, walk: Walk) -> None:
    """They met, or tried to: two taps; then they look where the person wants to go, and plan the next time."""
    walk.meetings_count += 1
    kind = "attempted" if one.happens(_TRIED_IN_VAIN) else "made"
    record(one, walk, kind)
    if kind == "made":
        connect(one, walk)
    if one.happens(_PLANNED_SHARE):
        plan(one, walk)


def record(one: Story, walk: Walk, kind: str) -> None:
    """Two taps after a contact."""
    body = {"kind": kind, "mode": walk.mode, "meeting_id": walk.meeting_id}
    one.peer.hand.post(f"{walk.at}/contacts", body, key=one.cast.ids.new())
    walk.meeting_id = None
    walk.mode = one.draw.choice(_MODES)


def plan(one: Story, walk: Walk) -> None:
    """The pair plans when it meets next."""
    starts_at = one.diary.in_days(walk.rhythm_days - 1, one.draw)
    planned = one.peer.hand.post(f"{walk.at}/meetings", {"starts_at": starts_at.isoformat(), "mode": walk.mode})
    walk.meeting_id = planned["meeting_id"]


def connect(one: Story, walk: Walk) -> None:
    """What the person wants in their life goes a step further; when it stands, something new may be found."""
    if not one.happens(_A_STEP):
        return
    if not walk.steps_left and walk.connections_count < _MOST_CONNECTIONS:
        kind, what = one.draw.choice(region.CONNECTIONS)
        made = one.peer.hand.post(f"{walk.at}/connections", {"kind": kind, "what": what})
        walk.connection_id = made["connection_id"]
        walk.steps_left = list(_COURSES[(one.number + walk.connections_count) % len(_COURSES)])
        walk.connections_count += 1
    elif walk.steps_left:
        state = walk.steps_left.pop(0)
        one.peer.hand.post(f"{walk.at}/connections/{walk.connection_id}/moves", {"state": state})


def turn(one: Story, walk: Walk) -> Generator[datetime, None, bool]:
    """What the fate has in store before the agreed end; true when the person then waits again."""
    fate = one.fate.name
    if fate == "paused":
        one.peer.hand.post(f"{walk.at}/pause", {"paused_by": one.draw.choice(["person", "peer"])})
    elif fate == "protected_supported":
        one.coordinator.post(f"/api/v1/referrals/people/{one.person_id}/protection")
    elif fate == "withdrew_supported":
        one.cast.walks.pop(one.person_id, None)
        one.person.fill_in("/my/referral/withdrawal", {})
    elif fate == "ended_early":
        end(one, walk, "early_by_choice", one.draw.choice(["person", "both", "peer"]))
    elif fate == "ended_moved_on":
        end(one, walk, "moved_on", "person")
    elif fate == "ended_lost_touch":
        for _ in range(2):
            record(one, walk, "attempted")
            yield one.in_days(6, 9)
        end(one, walk, "lost_touch", "peer")
    elif fate == "swapped":
        end(one, walk, "swap", "person")
    else:
        end(one, walk, "planned", "both", wants_return=True)
    yield one.in_days(2, 9)
    return fate in {"swapped", "returned"}


def end(one: Story, walk: Walk, ending: str, agreed_by: str, *, wants_return: bool | None = None) -> None:
    """Support ends; what is alive is counted by the room, not by the pair."""
    one.cast.walks.pop(one.person_id, None)
    body = {"ending": ending, "agreed_by": agreed_by, "wants_return": wants_return}
    one.peer.hand.post(f"{walk.at}/ending", body)
