"""What whoever runs a room sees of its carrying from outside, under one name each; ages grow where nothing runs too."""

from __future__ import annotations

from typing import Any

from prometheus_client import generate_latest

from chassis.service import Service
from tests.integration.chassis.aside import embedded, other_than


def figures(service: Service) -> dict[str, float]:
    """The figures of carrying without a topic, by their short names."""
    begin, found = "beenthere_facts_", {}
    for line in generate_latest(service.registry).decode().splitlines():
        name, _, value = line.partition(" ")
        if name.startswith(begin) and name.endswith(f'{{service="{service.name}"}}'):
            found[name.removeprefix(begin).partition("{")[0]] = float(value)
    return found


@embedded
def test_the_age_of_the_oldest_unsent_grows_where_no_relay_runs_and_falls_once_it_is_sent(world: Any) -> None:
    assert figures(world.partners)["oldest_unsent_seconds"] == 0
    world.joins("p1", "one")
    world.clock.advance(seconds=90)
    world.joins("p2", "two")
    assert figures(world.partners)["oldest_unsent_seconds"] == 90
    world.clock.advance(seconds=10)
    assert figures(world.partners)["oldest_unsent_seconds"] == 100
    world.send()
    sent = figures(world.partners)
    assert (sent["oldest_unsent_seconds"], sent["sent_total"]) == (0, 2)


@embedded
def test_the_age_of_the_oldest_waiting_grows_until_what_it_needs_has_come(world: Any) -> None:
    world.joins("p1", "one")
    needed, unsent = "partners/partner/p1@2", figures(world.hearer)
    assert unsent["oldest_waiting_seconds"] == 0
    world.declines("r1", requires=[needed])
    world.hear_all()
    world.clock.advance(seconds=45)
    assert figures(world.hearer)["oldest_waiting_seconds"] == 45
    world.joins("p1", "two")
    world.hear_all()
    assert figures(world.hearer)["oldest_waiting_seconds"] == 0


@embedded
def test_effects_repeats_and_forks_are_counted_each_as_what_it_is(world: Any) -> None:
    world.joins("p1", "one")
    world.hear_all()
    before = figures(world.hearer)
    world.joins("p1", "two")
    world.joins("p2", "three")
    world.send()
    told = world.messages()
    world.hear(lambda: "three" in world.seen())
    world.publish("partners", *told[:2], told[0])
    world.publish("partners", other_than(told[0]))
    world.hear(lambda: figures(world.hearer)["forks_total"] > before["forks_total"])
    after = figures(world.hearer)
    counted = ("applied_total", "repeats_dropped_total", "forks_total", "parked_total", "unreadable_total")
    assert [after[name] - before[name] for name in counted] == [2, 3, 1, 1, 0]
