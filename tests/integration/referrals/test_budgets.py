"""An account is shown so many lists and people an hour, by all processes together; then it waits, and is asked why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.house import open_house
from chassis.tables import shown_lately
from contracts.records import BudgetSpent
from services.referrals.app import create
from services.referrals.store import looks
from tests.builders import TestHouse, a_referral, a_settings, believing
from tests.integration.referrals.conftest import AT, HEARD, a_room, words_of

PEOPLE, LISTS = 5, 6
SMALL = {"showing": {"people_an_hour": PEOPLE, "lists_an_hour": LISTS}}


@pytest.fixture(params=["sqlite", "postgres"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, TestHouse]]:
    """The referrals room with small budgets, and the same room as another process has it, on each database."""
    changes: dict[str, Any] = {"policy": SMALL}
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").of("referrals", *HEARD)
    room = a_room(tmp_path, **changes)
    settings = a_settings(tmp_path, **{"relaxed": True, **changes})
    handed = believing(clock=room.clock, ids=room.ids)
    other = TestHouse(open_house(settings, {"referrals": create}, lambda _path: "referrals", **handed), room.clock,
        room.ids)  # fmt: skip
    yield room, other
    other.close()
    room.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Any]:
    """The same room, in one process and on SQLite."""
    made = a_room(tmp_path, policy=SMALL)
    yield made
    made.close()


def there(room: Any, count: int) -> None:
    for _ in range(count):
        room.received()


def statuses(by: Any, times: int, path: str = "/referrals") -> list[int]:
    return [by.page(path).status_code for _ in range(times)]


def of_two(room: Any, other: TestHouse, *roles: str) -> tuple[Any, Any]:
    """The same account, at either process."""
    first = room.as_(*roles)
    return first, other.as_(*roles, id=first.who.id)


def test_as_many_people_are_shown_as_there_may_be_and_then_it_says_how_long_to_wait(room: Any) -> None:
    there(room, PEOPLE)
    by = room.as_("coordinator")
    # The same list again shows nobody new.
    assert statuses(by, 2) == [200, 200]
    there(room, 1)
    room.clock.advance(minutes=50)
    refused = by.page("/referrals")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert "Try again when the hour is over" in words_of(refused)
    assert "Jordan" not in refused.text
    problem = by.api("GET", AT)
    assert (problem.status_code, problem.get_json()["rule"], problem.headers["Retry-After"]) == (
        429, "BudgetSpent", "600",
    )  # fmt: skip
    # What was refused is on record, and nobody of the list is: they were not shown.
    assert [row.rule for row in room.audited(who_id=by.who.id, outcome="refused")] == ["BudgetSpent"] * 2
    assert len(room.audited(who_id=by.who.id, action="person.listed")) == 2 * PEOPLE
    # One record that is asked for goes on, and so does everybody else.
    assert by.page(f"/referrals/{room.received()}").status_code == 200
    room.clock.advance(minutes=10)
    # Seven people are more than five in any hour.
    assert by.page("/referrals").status_code == 429


def test_a_new_hour_begins_anew(room: Any) -> None:
    there(room, 1)
    by = room.as_("coordinator")
    assert statuses(by, LISTS + 1) == [200] * LISTS + [429]
    room.clock.advance(hours=1)
    assert statuses(by, LISTS + 1) == [200] * LISTS + [429]


def test_two_processes_count_together(two: tuple[Any, TestHouse]) -> None:
    room, other = two
    there(room, 1)
    here, elsewhere = of_two(room, other, "coordinator")
    assert statuses(here, LISTS // 2) + statuses(elsewhere, LISTS // 2) == [200] * LISTS
    assert statuses(here, 1) + statuses(elsewhere, 1) == [429, 429]


def test_lists_asked_for_at_once_by_two_processes_are_each_counted(two: tuple[Any, TestHouse]) -> None:
    room, other = two
    there(room, 1)
    pair, found = of_two(room, other, "coordinator"), list[int]()
    threads = [Thread(target=lambda by=by: found.extend(statuses(by, LISTS))) for by in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * LISTS + [429] * LISTS
    with room["referrals"].reading() as unit:
        kept = unit.connection.execute(sa.select(shown_lately)).all()
    assert [(row.account_id, row.lists) for row in kept] == [(pair[0].who.id, LISTS)]


def test_systems_are_not_held_and_neither_is_sending(room: Any) -> None:
    there(room, PEOPLE + 1)
    assert {room.system.api("GET", AT).status_code for _ in range(LISTS + 2)} == {200}
    lead = room.as_("partner_lead", partner_id=room.partner_id)
    assert lead.page("/referrals").status_code == 429
    assert room.post(a_referral(), by=lead).status_code == 201


def test_a_privacy_officer_is_asked_to_see_to_it_once_an_hour(room: Any) -> None:
    there(room, PEOPLE + 1)
    by, officer = room.as_("coordinator", partner_id=room.partner_id), room.as_("privacy_officer")
    assert statuses(by, 3) == [429] * 3
    room["referrals"].tick()
    assert [(one["by_id"], one["roles"]) for one in room.facts("budget.spent")] == [(by.who.id, ["coordinator"])]
    (told,) = room.facts("look.flagged")
    assert told["pattern"] == "many_shown"
    listed, at = words_of(officer.page("/referrals/looks")), f"/referrals/looks/{told['look_id']}"
    assert "Shown more people in an hour than anybody works with" in listed
    assert by.who.id in officer.page(at).text
    assert "Ask for what takes two people" not in officer.page(at).text
    room["referrals"].tick()
    assert len(room.facts("look.flagged")) == 1
    assert officer.form(f"{at}/settling", {"outcome": "explained"}).status_code == 303
    room["referrals"].tick()
    assert len(room.facts("look.flagged")) == 1
    # In another hour it is asked again.
    room.clock.advance(hours=1)
    assert statuses(by, 1) == [429]
    room["referrals"].tick()
    assert len(room.facts("look.flagged")) == 2


def test_what_another_room_refused_is_asked_about_too(room: Any) -> None:
    account_id = room.ids.new()
    for _ in range(2):
        fact = BudgetSpent(
            by_id=account_id, roles=("coordinator",), partner_id=room.partner_id, refused_at=room.clock.now()
        )
        room.tell(f"matching/seen/{account_id}", fact)
    with room["referrals"].reading() as unit:
        rows = unit.connection.execute(sa.select(looks)).all()
    assert [(row.pattern, row.account_id, row.person_id) for row in rows] == [("many_shown", account_id, None)]
