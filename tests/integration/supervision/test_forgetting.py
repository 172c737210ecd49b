"""Forgetting a person closes no worry, and gives it to nobody they feared."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import kept_from
from contracts.referrals import PersonForgotten
from services.supervision.store import people


def forget(room: Any, person_id: str, *, keys_too: bool = True) -> None:
    if keys_too:
        room.forget_keys_of(person_id)
    fact = PersonForgotten(person_id=person_id, forgotten_at=room.now)
    room.tell("referrals", f"referrals/person/{person_id}", fact)


def kept(room: Any) -> list[tuple[str, str]]:
    with room["supervision"].reading() as unit:
        return [tuple(row) for row in unit.connection.execute(sa.select(kept_from))]


@pytest.mark.parametrize("side", ["about", "from"])
def test_an_open_worry_outlives_its_person_and_is_kept_from_whom_they_feared_until_it_is_closed(
    room: Any, staff: dict[str, Any], side: str
) -> None:
    feared, owner = staff["coordinator"], staff["safeguarding_lead"]
    person_id = room.a_person(kept_from=(feared.who.id,))
    who = (
        {"about_id": person_id}
        if side == "about"
        else {"about": "other", "raised_by": "person", "raised_by_id": person_id}
    )
    worry = room.a_worry(3, **who)
    forget(room, person_id)
    assert [one["concern_id"] for one in room.list_of(owner)] == [worry.worry_id]
    page = owner.page(f"/worries/{worry.worry_id}")
    assert page.status_code == 200
    assert "Jordan" not in page.text
    assert "The words are gone" in page.text
    assert kept(room) == [(person_id, feared.who.id)]
    # Nobody they feared gets it, by hand or by its clock.
    assert room.do(owner, worry.worry_id, "handing-on", {"owner_id": feared.who.id}) in {409, 422}
    room.go(hours=2)
    room.tick()
    assert room.list_of(feared) == []
    holder = next(one for one in staff.values() if room.list_of(one))
    assert room.do(holder, worry.worry_id, "acknowledgement") == 200
    assert room.do(holder, worry.worry_id, "closing", {"code": "plan_in_place"}) == 200
    assert kept(room) == []


def test_without_a_worry_nothing_of_a_person_is_kept_in_whatever_order_it_is_heard(room: Any, staff: Any) -> None:
    feared = staff["coordinator"].who.id
    before = room.a_person(kept_from=(feared,))
    forget(room, before)
    # The other stream may come later, and before their keys are gone.
    after = room.ids.new()
    forget(room, after, keys_too=False)
    room.a_person(kept_from=(feared,), person_id=after)
    room.accept(after, kept_from=(feared,))
    with room["supervision"].reading() as unit:
        assert unit.connection.execute(sa.select(people)).all() == []
    assert kept(room) == []
