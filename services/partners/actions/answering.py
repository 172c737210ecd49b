"""A partner answers the critical questions before it refers its first person, and anew whenever things change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.errors import Conflict
from chassis.once import Answer
from chassis.unit import Unit
from contracts import setup
from contracts.partners import SetupAnswered
from services.partners import store
from services.partners.actions import organisations

# What travels: codes and one number. Titles, bands and hours of posts stay here.
_TOLD = tuple(name for name in setup.QUESTIONS if name != "posts")


class AnsweredMeanwhile(Conflict):
    """Somebody else answered a moment ago."""

    says = "Somebody else of your organisation answered just now. Read their answers first."


def newest(unit: Unit, partner_id: str) -> Any:
    """What a partner answered last, or None; NotFound when the partner is another's."""
    organisations.see_partner(unit, partner_id)
    return next(iter(store.setups_listed(unit.scope, unit, partner_id)), None)


def answer(unit: Unit, partner_id: str, asked: Mapping[str, Any]) -> Answer:
    """Keeps the answers as a new version, and states their codes; what was answered before stays.

    `asked` is what schemas.SetupSchema loaded.
    """
    before = newest(unit, partner_id)
    number = before.number + 1 if before else 1
    if not store.add_setup(
        unit, partner_id=partner_id, number=number, asked=setup.VERSION, answers=dict(asked), answered_at=unit.now,
        answered_by=unit.who.id,
    ):  # fmt: skip
        raise AnsweredMeanwhile()
    told: dict[str, Any] = {
        name: tuple(asked[name]) if isinstance(asked[name], list) else asked[name] for name in _TOLD
    }
    kinds = sorted({post["kind"] for post in asked["posts"].values()})
    fact = SetupAnswered(
        partner_id=partner_id, version=setup.VERSION, answered_on=organisations.today(unit), post_kinds=tuple(kinds),
        **told,
    )  # fmt: skip
    unit.state(organisations.stream(partner_id), fact)
    unit.note("setup.answer", record=partner_id)
    return Answer(201, {"partner_id": partner_id, "number": number, "answers": dict(asked)}, partner_id)
