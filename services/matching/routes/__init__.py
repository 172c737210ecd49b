"""JSON in and out of the matching room."""

from __future__ import annotations

from services.matching.routes import matches, peers
from services.matching.routes.asking import (
    check_may_know,
    code_told,
    disclose_match,
    disclose_peers,
    heed_brakes,
    limits_of,
    match_answer,
    own_ring,
    own_row,
    peer_answers,
    the_board,
    the_proposal,
    the_shortlist,
)

BLUEPRINTS = (matches.blueprint, peers.blueprint)

__all__ = [
    "BLUEPRINTS",
    "check_may_know",
    "code_told",
    "disclose_match",
    "disclose_peers",
    "heed_brakes",
    "limits_of",
    "match_answer",
    "own_ring",
    "own_row",
    "peer_answers",
    "the_board",
    "the_proposal",
    "the_shortlist",
]
