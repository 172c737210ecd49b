"""The words screens use for codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.supervision.domain import concerns, standing
from services.supervision.policy import Policy

STANDING: Mapping[str, tuple[str, str]] = {
    standing.NEW: ("Not yet cleared", "grey"),
    standing.CLEARED: ("Ready for new matches", "green"),
    standing.HELD_BACK: ("No new matches for now", "yellow"),
}
# What is lacking, said to the supervisor and to the peer.
LACKING = {
    standing.CONDUCT: "The conduct is not accepted yet",
    standing.CHECK: "The check is not current",
    standing.TRAINING: "The training is not current",
    standing.OWN_CHOICE: "Supervision is late, and two offered times were not wanted",
}
LACKING_OWN = {
    standing.CONDUCT: "Go through the conduct with your supervisor, and say yes to it.",
    standing.CHECK: "Your check needs renewing. Your supervisor can tell you how.",
    standing.TRAINING: "Your training needs renewing. Your supervisor can tell you what there is.",
    standing.OWN_CHOICE: "Find a time for supervision that suits you. Once you have met, you can be asked again.",
}
KINDS = {"line": "Line supervision", "peer_led": "Peer-led practice", "group": "Group reflection"}
MISSED_BY = {
    "peer": "The peer could not come",
    "supervisor": "The supervisor could not come",
    "partner": "Their organisation needed the time",
    "other": "Something else came between",
}
MISSED_BY_OWN = {**MISSED_BY, "peer": "I could not come", "supervisor": "My supervisor could not come"}
LEVELS = {
    4: "Someone is in danger now",
    3: "Someone may come to serious harm",
    2: "It needs someone today",
    1: "To talk over soon",
}
LEVEL_COLOURS = {4: "red", 3: "orange", 2: "yellow", 1: "blue"}
ABOUT = {
    "person": "A person",
    "peer": "A peer",
    "supervisor": "A supervisor",
    "partner": "A partner organisation",
    "other": "Something else",
}
RAISERS = {"person": "The person themselves", "peer": "A peer", "referrer": "A referrer", "staff": "A member of staff"}
STATES = {
    concerns.RAISED: "Not yet taken up",
    concerns.ACKNOWLEDGED: "Taken up",
    concerns.CLOSED: "Closed",
}
CLOSED_WITH = {
    "talked_through": "We talked it through",
    "plan_in_place": "There is a plan, and somebody holds it",
    "handed_to_authority": "The local authority, the police or a health service has it in hand",
    "no_longer_a_worry": "It is no longer a worry",
}


def level_choices(policy: Policy) -> list[dict[str, Any]]:
    """The four levels as somebody who is worried chooses between them, the gravest first."""
    hints = {
        4: "Call 999 first. Then tell us here.",
        3: f"Someone who leads on safeguarding is asked to answer within {_hours(policy.level_3_hours)}, day or night.",
        2: f"A coordinator is asked to answer within {_hours(policy.level_2_hours)}. From "
        f"{_hour(policy.night_from_hour)} to {_hour(policy.night_until_hour)}, by {_hour(policy.morning_hour)}.",
        1: f"A supervisor is asked to answer by {_hour(policy.level_1_hour)} on the next working day.",
    }
    return [{"value": level, "text": LEVELS[level], "hint": hints[level]} for level in (4, 3, 2, 1)]


def _hours(count: int) -> str:
    return "1 hour" if count == 1 else f"{count} hours"


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}"
