"""What home does about facts: it hears every one, keeps what a page needs of it, and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.hearers import EVERY_FACT
from services.home.actions import hearing

from . import (
    of_confirmations,
    of_matching,
    of_notices,
    of_partners,
    of_records,
    of_referrals,
    of_reporting,
    of_supervision,
    of_support,
)

# What is done about a fact beyond counting it and telling it on a timeline.
DOES: Mapping[type, Reaction] = {
    **of_partners.DOES,
    **of_referrals.DOES,
    **of_matching.DOES,
    **of_support.DOES,
    **of_supervision.DOES,
    **of_reporting.DOES,
    **of_records.DOES,
    **of_notices.DOES,
    **of_confirmations.DOES,
}


def _hear(does: Reaction | None) -> Reaction:
    def on_fact(unit: Unit, fact: Any) -> None:
        if does:
            does(unit, fact)
        hearing.keep(unit, fact)

    return on_fact


REACTIONS: Mapping[type, Reaction] = {fact: _hear(DOES.get(fact)) for fact in EVERY_FACT}
