"""How a fact becomes a counted row: a day, codes, and ids that name nobody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from chassis import told
from chassis.errors import Misbuilt
from chassis.unit import Unit
from contracts.referrals import EquityStated
from services.reporting.actions import severing
from services.reporting.actions.days import london_day
from services.reporting.store import counting


def count(unit: Unit, kind: str, when: date | datetime, **columns: Any) -> None:
    """Counts the fact at hand once, however often it is heard; `when` is what it says of its own time."""
    if unit.thread.causation_id is None:
        raise Misbuilt("only a fact is counted, so this runs in reactions alone")
    counting.add(unit, unit.thread.causation_id, kind, london_day(when), **columns)
    if referral_id := columns.get("referral_id"):
        severing.sever_when_over(unit, referral_id)


def pair_referral(unit: Unit, referral_id: str, person_id: str, sealed_reporting_id: str) -> None:
    """Ties a referral to its reporting id; of a forgotten person it stays untied and counts for the region alone."""
    reporting_id = unit.ring.open(sealed_reporting_id, owner_id=person_id)
    if reporting_id:
        forgotten_at = unit.now if told.has_forgotten(unit, person_id) else None
        counting.pair(
            unit, referral_id=referral_id, reporting_id=reporting_id, person_id=person_id, forgotten_at=forgotten_at
        )


def keep_groups(unit: Unit, fact: EquityStated) -> None:
    """Keeps the group codes stated under a reporting id."""
    counting.put_groups(
        unit, fact.reporting_id, stated_on=fact.stated_on, area=fact.area, age_band=fact.age_band,
        ethnicity=fact.ethnicity, gender=fact.gender,
    )  # fmt: skip
