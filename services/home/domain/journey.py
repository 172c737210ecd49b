"""Where a person stands on their way, worked out from what was heard and not from the order it was heard in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# The referral's own steps.
RECEIVED, ACKNOWLEDGED, WAITING, DECLINED, ENDED = "received", "acknowledged", "waiting", "declined", "ended"
OVER = (DECLINED, ENDED)
# Steps of a match or a support that is still open, nearest last.
ASKING, CHOSEN, MET, AGREED, SUPPORTED = "asking", "chosen", "met", "agreed", "supported"
_FURTHER = (ASKING, CHOSEN, MET, AGREED, SUPPORTED)
_ALONG = (RECEIVED, ACKNOWLEDGED, WAITING, DECLINED, ENDED)

STAGES: Mapping[str, str] = {
    RECEIVED: "Just referred",
    ACKNOWLEDGED: "Being looked at",
    WAITING: "Waiting for a match",
    ASKING: "Someone is being asked",
    CHOSEN: "Chose a peer, to meet once",
    MET: "Met once, both to answer",
    AGREED: "Both said yes",
    SUPPORTED: "Support is under way",
    DECLINED: "Not going on",
    ENDED: "Ended",
}


def furthest(step: str, other: str) -> str:
    """The later of two steps of a referral; an end stays an end."""
    return max(step, other, key=_ALONG.index)


def stage(step: str, open_steps: Iterable[str]) -> str:
    """Where the person stands: at an end, at the furthest open match or support, else where the referral does.

    WAITING means that somebody is to be found for them now.
    """
    if step in OVER:
        return step
    return max(open_steps, key=_FURTHER.index, default=step)
