"""A clock that fires twice acts once, and a request sent twice makes one thing: on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis import clocks
from chassis.access import service_scope
from chassis.clock import HandClock
from chassis.ids import SeededIds
from chassis.once import Answer, KeyReused, answered_once
from chassis.sealing import Ring
from chassis.serve import share
from chassis.service import Service
from tests.builders import MORNING, a_settings
from tests.tellers import a_teller

WHOLE = service_scope("support")


@pytest.fixture(params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """A service with nothing of its own, on a database of each kind."""
    url = request.getfixturevalue("postgres").of("support") if request.param == "postgres" else ""
    settings = a_settings(tmp_path / "var", database_url=url)
    shared = share(settings, clock=HandClock(MORNING), ids=SeededIds(5))
    made = a_teller("support", settings, shared)
    yield made
    made.close()
    shared.bus.close()
    shared.keys.database.close()


def later(service: Service, **parts: float) -> None:
    clock: Any = service.clock
    clock.advance(**parts)


def due(service: Service) -> list[Any]:
    with service.reading() as unit:
        return list(clocks.due(WHOLE, unit, "remind"))


def fires(service: Service, clock: Any) -> bool:
    with service.writing() as unit:
        return clocks.fire(unit, clock)


# ---- clocks


def test_a_clock_that_ran_out_is_fired_by_one_alone(service: Service) -> None:
    with service.writing() as unit:
        clocks.start(unit, "remind", "a", unit.now + timedelta(hours=1))
        clocks.start(unit, "remind", "b", unit.now + timedelta(hours=3))
    assert due(service) == []
    later(service, hours=2)
    (found,) = due(service)
    assert (found.subject, found.number) == ("a", 1)
    assert [fires(service, found), fires(service, found)] == [True, False]
    assert due(service) == []


def test_two_who_saw_the_same_clock_run_out_act_once(service: Service) -> None:
    with service.writing() as unit:
        clocks.start(unit, "remind", "a", unit.now)
    (found,) = due(service)
    together, acted = threading.Barrier(4), []

    def act() -> None:
        together.wait(10)
        acted.append(fires(service, found))

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(acted) == [False, False, False, True]


def test_a_clock_that_fired_or_was_stopped_is_set_no_more(service: Service) -> None:
    with service.writing() as unit:
        for subject in ("fired", "stopped"):
            clocks.start(unit, "remind", subject, unit.now)
        clocks.stop(unit, "remind", "stopped")
    (found,) = due(service)
    assert found.subject == "fired"
    assert fires(service, found)
    with service.writing() as unit:
        for subject in ("fired", "stopped"):
            clocks.start(unit, "remind", subject, unit.now)
    assert due(service) == []


def test_a_clock_that_is_set_again_is_moved_and_rings_once(service: Service) -> None:
    with service.writing() as unit:
        clocks.start(unit, "remind", "a", unit.now)
        clocks.start(unit, "remind", "a", unit.now + timedelta(hours=1))
    assert due(service) == []
    later(service, hours=1)
    assert len(due(service)) == 1


def test_a_clock_never_set_beforehand_is_claimed_by_the_first_alone(service: Service) -> None:
    claimed = []
    for _ in range(3):
        with service.writing() as unit:
            claimed.append(clocks.claim(unit, "tell", "a"))
    with service.writing() as unit:
        claimed.append(clocks.claim(unit, "tell", "a", number=2))
    assert claimed == [True, False, False, True]


# ---- answers


def asked(service: Service, made: list[str], body: bytes = b"{}", key: str = "a key") -> Answer:
    def work(_unit: Any) -> Answer:
        made.append(key)
        return Answer(201, {"number": len(made)}, None)

    return answered_once(
        service, door="letters", asker="somebody", key=key, body=body, keys=lambda: Ring({}), work=work
    )


def test_the_same_request_again_gets_the_first_answer_and_makes_nothing(service: Service) -> None:
    made: list[str] = []
    first, second = asked(service, made), asked(service, made)
    assert (first.body, first.is_repeat) == ({"number": 1}, False)
    assert (second.status, second.body, second.is_repeat) == (201, {"number": 1}, True)
    assert made == ["a key"]
    assert asked(service, made, key="another key").body == {"number": 2}


def test_a_key_with_another_body_is_refused(service: Service) -> None:
    made: list[str] = []
    asked(service, made)
    with pytest.raises(KeyReused):
        asked(service, made, body=b'{"other": true}')
    assert made == ["a key"]


def test_whoever_finds_that_a_rival_was_faster_gives_the_rivals_answer(service: Service) -> None:
    made: list[str] = []

    def keys() -> Ring:
        # Between the look before and the writing, somebody else answers.
        asked(service, made)
        return Ring({})

    def work(_unit: Any) -> Answer:
        made.append("a second thing")
        return Answer(201, {"number": 99}, None)

    answer = answered_once(service, door="letters", asker="somebody", key="a key", body=b"{}", keys=keys, work=work)
    assert (answer.body, answer.is_repeat) == ({"number": 1}, True)
    assert made == ["a key"]
