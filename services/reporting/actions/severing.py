"""Somebody was forgotten: what was counted of them stays counted, and is tied to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.ids import RandomIds
from chassis.unit import Unit
from services.reporting.domain import severing as rules
from services.reporting.store import severing


def forget_person(unit: Unit, person_id: str, forgotten_at: datetime) -> None:
    """Severs a person from what was counted of them, at once or, with something under way, when it has ended."""
    severing.forget_pairs(unit, person_id, forgotten_at)
    for pair in severing.forgotten_pairs(unit.scope, unit, person_id=person_id):
        _sever(unit, pair, only_when_over=True)


def sever_when_over(unit: Unit, referral_id: str) -> None:
    """Severs a referral whose person is forgotten, if what was just counted was the last of it."""
    pair = severing.forgotten_pair(unit.scope, unit, referral_id)
    if pair is not None:
        _sever(unit, pair, only_when_over=True)


def sever_the_rest(unit: Unit, days: int) -> int:
    """Severs whoever was forgotten so many days ago, whatever is still under way; gives how many referrals."""
    pairs = severing.forgotten_pairs(unit.scope, unit, before=unit.now - timedelta(days=days))
    for pair in pairs:
        _sever(unit, pair, only_when_over=False)
    return len(pairs)


def _sever(unit: Unit, pair: Any, *, only_when_over: bool) -> None:
    rows = [dict(row._mapping) for row in severing.rows_of(unit.scope, unit, pair.referral_id)]
    if only_when_over and not rules.is_over(rows):
        return
    # Ids that followed from the fact's own id could be worked out again by whoever knows that fact.
    made = rules.severed(rows, pair.referral_id, pair.reporting_id, RandomIds().new)
    severing.replace(unit, pair.referral_id, [row["fact_id"] for row in rows], made)
