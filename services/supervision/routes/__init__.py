"""JSON in and out of the supervision room."""

from __future__ import annotations

from services.supervision.routes import concerns, supervision
from services.supervision.routes.asking import (
    concern_row,
    disclose_concerns,
    disclose_opened,
    disclose_peers,
    opened_words,
    peer_answer,
    raised_by,
    team_rows,
    the_concern_raised,
)

BLUEPRINTS = (supervision.blueprint, concerns.blueprint)

__all__ = [
    "BLUEPRINTS",
    "concern_row",
    "disclose_concerns",
    "disclose_opened",
    "disclose_peers",
    "opened_words",
    "peer_answer",
    "raised_by",
    "team_rows",
    "the_concern_raised",
]
