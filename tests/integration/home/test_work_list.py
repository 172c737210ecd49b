"""The list itself: order, pages, whose it is, and hearing everything again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.home.conftest import Hall, Referred


def test_late_ones_come_first_and_are_counted(hall: Hall) -> None:
    soon = [hall.a_person(called, due_in_days=days) for called, days in (("Soon", 1), ("Later", 9), ("Next", 4))]
    hall.accept(hall.a_person("Waiting", due_in_days=1))
    assert len(soon) == 3
    hall.clock.advance(days=2)
    lines = hall.work_of(hall.coordinator)
    assert [(line.says.split()[-1], line.is_late) for line in lines] == [
        ("Soon", True), ("Next", False), ("Later", False), ("Waiting", False),
    ]  # fmt: skip
    assert "4 things wait for you. One of them is past its time." in hall.coordinator.page("/work").text


def test_a_long_list_is_turned_over_in_pages(hall: Hall) -> None:
    people = [hall.a_person(f"Person{number}", due_in_days=number) for number in range(1, 28)]
    first, second = (hall.coordinator.page(f"/work?page={number}").text for number in (1, 2))
    assert [f"Person{number}\n" in first for number in (1, 25, 26)] == [True, True, False]
    assert [f"Person{number}\n" in second for number in (25, 26, 27)] == [False, True, True]
    assert len(people) == 27
    assert "Your work (page 2 of 2)" in second


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1e3", "٣"])
def test_a_page_that_is_not_there_shows_the_nearest(hall: Hall, page: str) -> None:
    hall.a_person("Jordan")
    assert "Open the referral of Jordan" in hall.coordinator.page(f"/work?page={page}").text


def test_nobody_sees_what_is_addressed_to_somebody_else(hall: Hall, asha: Any) -> None:
    ben, stranger = hall.an_account("Ben", "peer"), hall.as_person(hall.ids.new())
    person: Referred = hall.waiting()
    match = hall.propose(person, asha)
    hall.answer(match, person, asha, "peer", "could")
    for caller in (ben, stranger, hall.lead, hall.as_("referrer", partner_id=hall.partner_id)):
        assert hall.work_of(caller) == []


def test_hearing_everything_again_changes_no_list(hall: Hall, asha: Any) -> None:
    import sqlalchemy as sa

    from chassis import tables

    person, other = hall.waiting("Jordan"), hall.a_person("Robin")
    match = hall.propose(person, asha)
    hall.answer(match, person, asha, "peer", "could")
    callers = (hall.coordinator, asha, person.own, other.own)
    before = [hall.work_of(caller) for caller in callers]
    timeline = hall.coordinator.page(f"/timelines/{person.referral_id}").text.split("<main")[1]
    with hall["home"].database.writing() as connection:
        for table in (tables.inbox, tables.positions):
            connection.execute(sa.delete(table))
    hall["home"].listener.close()
    assert hall.quiet() > 0
    assert [hall.work_of(caller) for caller in callers] == before
    assert hall.coordinator.page(f"/timelines/{person.referral_id}").text.split("<main")[1] == timeline
