"""The words screens use for codes."""

from __future__ import annotations

from services.support import domain

STAGES = domain.STAGES
STAGE_COLOURS = {domain.AGREED: "yellow", domain.ACTIVE: "green", domain.PAUSED: "grey", domain.ENDED: "white"}
MODES = {
    "in_person": "In person",
    "phone": "By phone",
    "video": "By video",
    "message": "By message",
    "group": "In a group",
}
KINDS = {"made": "We were in touch", "attempted": "I tried"}
CONNECTION_KINDS = {"role": "A role", "group": "A group", "place": "A place"}
CONNECTION_STATES = {
    domain.FOUND: "Found",
    domain.TRIED: "Tried",
    domain.GOING: "Going",
    domain.WITHOUT_PEER: "Going without the peer",
    domain.LET_GO: "Not for now",
}
# What a button says that moves a connection there.
CONNECTION_MOVES = {
    domain.TRIED: "Tried it",
    domain.GOING: "Going",
    domain.WITHOUT_PEER: "Going without the peer",
    domain.LET_GO: "Not for now",
}
# The last step in the words of whoever looks: as it stands, and on the button.
_ALONE = {
    domain.PERSON: ("Going on your own", "Going on my own"),
    domain.PEER: ("Going without you", "Going without me"),
    domain.NETWORK: ("Going without the peer", "Going without the peer"),
}
ENDINGS = {
    "planned": "As we planned",
    "early_by_choice": "Earlier, by choice",
    "moved_on": "Moved on to something else",
    "lost_touch": "We lost touch",
    "swap": "Someone else instead",
}
LEVELS = {
    "1": "It can wait: I would like to talk it through",
    "2": "Someone should know today",
    "3": "Someone could come to harm: a safeguarding lead should know within the hour",
    "4": "Someone is in danger now: call 999 first",
}
WANTS = {
    "someone_else": "I would like someone else. I keep my place.",
    "stop": "I would like to stop.",
}
# What a page says once something was done.
DONE = {
    "started": "Support has begun.",
    "planned": "Your meeting is planned.",
    "recorded": "Recorded. Nothing more is needed.",
    "kept": "Kept.",
    "paused": "Support is paused.",
    "resumed": "Support goes on.",
    "ended": "Support has ended.",
}


def names(side: str, person: str, peer: str, me: str) -> dict[str, str]:
    """Whom a code speaks of, by name; `me` stands for whoever looks."""
    called = {domain.BOTH: "Both together", domain.PERSON: person, domain.PEER: peer, domain.NETWORK: "The network"}
    return {**called, side: me} if side != domain.NETWORK else called


def lists(side: str, spoken: dict[str, str]) -> dict[str, dict[str, str]]:
    """The answers one side may give to each question; `spoken` are the names as whoever looks would say them."""
    stands, button = _ALONE[side]
    return {
        "modes": MODES,
        "kinds": KINDS,
        "connection_kinds": CONNECTION_KINDS,
        "endings": ENDINGS,
        "connection_states": {**CONNECTION_STATES, domain.WITHOUT_PEER: stands},
        "connection_moves": {**CONNECTION_MOVES, domain.WITHOUT_PEER: button},
        "agreed_by": {code: spoken[code] for code in spoken if code in domain.MAY_SAY[side]},
        "paused_by": {code: spoken[code] for code in spoken if code in domain.MAY_SAY[side] and code != domain.BOTH},
        "wants": WANTS,
    }
