"""A fact is parked for a fault of its own alone: it leaves nothing behind, is tried again when asked, loses no race."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.database import Database
from chassis.events import turn
from chassis.events.turn import Last, LostRace
from chassis.tables import parked
from chassis.unit import Unit
from contracts.partners import PartnerJoined
from tests.integration.chassis.conftest import World


def reacts(world: World, reaction: Callable[[Unit, PartnerJoined], None]) -> None:
    listener: Any = world.hearer.listener
    listener._inbox._reactions = {**listener._inbox._reactions, PartnerJoined: reaction}


def stuck(world: World) -> list[str]:
    return [row.stream for row in world.rows(parked)]


def test_what_a_failing_reaction_had_written_goes_with_it(world: World) -> None:
    def writes_and_fails(unit: Unit, fact: PartnerJoined) -> None:
        unit.note("heard", subject=fact.name)
        # Asked for, the connection holds all that was noted.
        assert unit.connection is not None
        if fact.name == "bad":
            raise ValueError("this reaction cannot do it")

    reacts(world, writes_and_fails)
    world.joins("a", "good")
    world.joins("b", "bad")
    world.hear_all()
    assert (world.seen(), stuck(world)) == (["good"], ["partners/partner/b"])


def test_a_parked_fact_that_comes_again_is_not_tried_again_unasked(world: World) -> None:
    world.failing.add("bad")
    world.joins("b", "bad")
    world.hear_all()
    world.failing.clear()
    (told,) = [one for one in world.messages() if one.stream == "partners/partner/b"]
    world.publish("partners", told)
    world.hear_all()
    assert (world.seen(), stuck(world)) == ([], ["partners/partner/b"])


@pytest.mark.parametrize("world", ["kafka"], indirect=True)
def test_a_reaction_that_failed_because_another_member_was_faster_parks_nothing(world: World) -> None:
    stream, calls = "partners/partner/b", list[str]()
    (place,) = [world.joins("b", "raced")]
    told = dict(world.messages()[0].headers)["ce_id"].decode()
    other = Database(world.hearer.database.url.render_as_string(hide_password=False))

    def too_late(_unit: Unit, fact: PartnerJoined) -> None:
        if fact.name != "raced":
            return
        calls.append(fact.name)
        # The first pass fails, and is made again fact by fact: only then does the other member finish.
        if len(calls) == 2:
            with other.writing() as connection:
                turn.move(connection, "matching", {}, {stream: Last(1, told)})
        raise ValueError("what the other member did is in the way")

    reacts(world, too_late)
    world.send()
    with pytest.raises(LostRace):
        world.hear(lambda: False)
    other.close()
    assert (place, len(calls), stuck(world)) == (f"{stream}@1", 2, [])
