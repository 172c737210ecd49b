"""Sessions to plan and to confirm, in whatever order they are heard of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import supervision
from tests.builders import MORNING
from tests.integration.home.conftest import Hall
from tests.integration.home.lists import says


def test_supervision_is_planned_by_the_supervisor_and_confirmed_by_both(hall: Hall, asha: Any) -> None:
    meera, session = hall.an_account("Meera", "supervisor"), hall.ids.new()
    due_at = hall.now + timedelta(days=7)
    about = {"peer_id": asha.who.id, "kind": "line", "due_at": due_at}
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(
        partner_id=hall.partner_id, supervisor_id=meera.who.id, **about,
    ))  # fmt: skip
    assert [(line.says, line.href) for line in hall.work_of(meera)] == [("Plan supervision with Asha", "/supervision")]
    assert hall.work_of(asha) == []
    hall.tell("supervision", "session", session, supervision.SupervisionPlanned(
        session_id=session, supervisor_id=meera.who.id, starts_at=hall.now + timedelta(days=2), **about,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["Supervision with Asha"]
    assert [(line.says, line.href) for line in hall.work_of(asha)] == [
        ("Your supervision with Meera", "/supervision/mine")
    ]
    hall.clock.advance(days=3)
    assert says(hall.work_of(meera)) == ["Say whether supervision with Asha was held"]
    assert says(hall.work_of(asha)) == ["Say whether your supervision with Meera was held"]
    hall.tell("supervision", "session", session, supervision.SupervisionHeld(
        session_id=session, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line", held_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(meera) == hall.work_of(asha) == []


def test_a_peer_without_a_supervisor_is_the_network_leads_to_settle(hall: Hall, asha: Any) -> None:
    about = {"peer_id": asha.who.id, "partner_id": hall.partner_id, "kind": "line", "due_at": hall.now}
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(supervisor_id=None, **about))
    assert says(hall.work_of(hall.lead)) == ["Find a supervisor for Asha"]
    meera = hall.an_account("Meera", "supervisor")
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(supervisor_id=meera.who.id, **about))
    assert hall.work_of(hall.lead) == []
    assert says(hall.work_of(meera)) == ["Plan supervision with Asha"]


def test_a_session_missed_or_declined_is_planned_again(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    hall.owe(asha, meera, 7)
    session_id = hall.plan(asha, meera, 2, due=7)
    hall.tell("supervision", "session", session_id, supervision.SupervisionMissed(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, missed_by="other", missed_at=hall.now,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["Plan supervision with Asha"]
    assert hall.work_of(asha) == []


@pytest.mark.parametrize("next_one_first", [True, False])
def test_the_next_session_is_planned_once_this_one_was_held(hall: Hall, asha: Any, next_one_first: bool) -> None:
    meera = hall.an_account("Meera", "supervisor")
    hall.owe(asha, meera, 7)
    session_id = hall.plan(asha, meera, 2, due=7)
    held = supervision.SupervisionHeld(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line", held_at=hall.now
    )
    if next_one_first:
        hall.owe(asha, meera, 30)
        assert says(hall.work_of(meera)) == ["Supervision with Asha"]
        hall.tell("supervision", "session", session_id, held)
    else:
        hall.tell("supervision", "session", session_id, held)
        assert hall.work_of(meera) == []
        hall.owe(asha, meera, 30)
    (line,) = hall.work_of(meera)
    assert (line.says, line.hint) == ("Plan supervision with Asha", "By 11am on 1 April 2026")


def test_a_session_planned_before_its_due_is_heard_of_is_not_planned_twice(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    hall.plan(asha, meera, 2, due=7)
    hall.owe(asha, meera, 7)
    assert says(hall.work_of(meera)) == ["Supervision with Asha"]


def test_a_session_that_is_moved_shows_its_new_time(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    session_id = hall.plan(asha, meera, 2, due=7)
    hall.tell("supervision", "session", session_id, supervision.SupervisionPlanned(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line",
        starts_at=MORNING + timedelta(days=3), due_at=MORNING + timedelta(days=7),
    ))  # fmt: skip
    for caller in (meera, asha):
        assert [line.hint for line in hall.work_of(caller)] == ["At 10am on 5 March 2026"]
