"""A worry, raised by the person or their peer; it goes to a named human being whatever becomes of the support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.access import Principal
from chassis.once import Answer
from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts.roles import PEER
from contracts.worries import WorryRaised
from services.support import store

NO_WORDS = "No words were added."
EMERGENCY = 4
# What whoever raises a worry is told, by level (rules.md, Concerns).
SAYS = {
    1: "Someone will read it and talk it through.",
    2: "A coordinator reads it today, or by 10 in the morning.",
    3: "A safeguarding lead reads it within the hour.",
    4: "Call 999 now. The person on duty is told as well.",
}


@dataclass(frozen=True)
class Worry:
    """A worry before it is stated; `owner_id` is whose key seals the words."""

    level: int
    words: str
    about: str
    about_id: str | None
    owner_id: str


def read_worry(house: Service, who: Principal, support_id: str | None, asked: Mapping[str, Any]) -> Worry:
    """Says whom a worry is about; NotFound for a support that is not theirs. Without one it is the person's newest.

    Nothing of the support is shown for it, so it is taken in any state of the support and whatever is held back.
    """
    with house.reading() as unit:
        if support_id:
            row = store.support(unit.scope, unit, support_id)
        else:
            row = next(iter(store.supports_of_person(unit.scope, unit, who.id)), None)
    person_id = row.person_id if row else who.id
    named = {"person": person_id, "peer": row.peer_id if row else None}
    is_persons = asked["about"] == "person" or who.id == person_id
    owner_id = person_id if is_persons else who.id
    return Worry(asked["level"], asked["words"], asked["about"], named.get(asked["about"]), owner_id)


def worry_ring(house: Service, worry: Worry) -> Ring:
    """The key that seals the words of a worry, fetched before a transaction writes."""
    return house.vault.make(worry.owner_id, ["worry"])


def raise_worry(unit: Unit, worry: Worry) -> Answer:
    """States a worry on a stream of its own, so that nothing ever holds it up."""
    worry_id = unit.ids.new()
    fact = WorryRaised(
        worry_id=worry_id,
        about=worry.about,
        about_id=worry.about_id,
        raised_by=_raiser(unit),
        raised_by_id=unit.who.id,
        level=worry.level,
        raised_at=unit.now,
        words=unit.ring.seal(worry.owner_id, "worry", worry.words or NO_WORDS),
    )
    unit.state(f"support/worry/{worry_id}", fact)
    unit.note("worry.raise", subject=worry.about_id, record=worry_id)
    return Answer(201, {"worry_id": worry_id, "level": worry.level}, worry_id)


def _raiser(unit: Unit) -> str:
    if unit.who.kind == "person":
        return "person"
    return "peer" if PEER in unit.who.roles else "staff"
