"""The facts of one referral in order, in plain words, for somebody who needs to know how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.errors import NotFound
from chassis.unit import Unit
from services.home import store
from services.home.domain import journey, telling, work


@dataclass(frozen=True)
class Told:
    """One fact as it reads: when it was stated, in words, and who did it."""

    happened_at: datetime
    words: str
    who: str


@dataclass(frozen=True)
class Timeline:
    """How a referral went, and where it stands."""

    referral_id: str
    stage: str
    lines: Sequence[Told]


def timeline(unit: Unit, referral_id: str) -> Timeline:
    """One referral's facts; NotFound for someone protected or who took consent back, as if there were none."""
    row = store.journey(unit.scope, unit, referral_id)
    nothing: frozenset[str] = frozenset()
    if not work.may_name(store.restrictions_on(unit, [row.person_id]).get(row.person_id, nothing)):
        raise NotFound()
    unit.disclose(row.person_id, record=referral_id, action="timeline.read")
    lines = []
    for one in store.timeline_of(unit.scope, unit, referral_id):
        told = telling.tell(one.type.rpartition(".v")[0], one.details)
        if told:
            lines.append(Told(one.happened_at, *told))
    return Timeline(referral_id, journey.STAGES[row.stage], lines)
