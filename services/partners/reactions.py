"""What the partners room does about facts of other rooms: it keeps nothing of people, and lets go of a key it held."""

from __future__ import annotations

from chassis.parts import Reaction
from chassis.unit import Unit
from contracts.referrals import PersonForgotten


def on_person_forgotten(unit: Unit, fact: PersonForgotten) -> None:
    """The chassis drops what it held in memory; no row here is about a person."""


REACTIONS: dict[type, Reaction] = {PersonForgotten: on_person_forgotten}
