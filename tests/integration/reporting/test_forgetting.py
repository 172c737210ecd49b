"""Somebody forgotten stays counted, where and as they were, and is tied to nothing the network knows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.boundary import NETWORK
from contracts.referrals import PersonForgotten, ReferralClosed
from contracts.support import SupportEnded
from services.reporting.actions import drawing
from services.reporting.store.tables import events_counted, pairs


def forget(room: Any, told: Any) -> None:
    room.forget_keys_of(told.person_id)
    fact = PersonForgotten(person_id=told.person_id, forgotten_at=room.now)
    room.tell("referrals", f"referrals/person/{told.person_id}", fact)


def pictures(room: Any) -> dict[str, Any]:
    with room["reporting"].reading() as unit:
        found = drawing.look(unit, unit.now).pictures
    return {area: {name: sorted(map(repr, part)) for name, part in vars(one).items()} for area, one in found.items()}


def tied(room: Any) -> set[str]:
    with room["reporting"].reading() as unit:
        return set(unit.connection.execute(sa.select(pairs.c.person_id)).scalars())


def count(room: Any, *where: Any) -> int:
    with room["reporting"].reading() as unit:
        query = sa.select(sa.func.count()).select_from(events_counted).where(*where)
        return int(unit.connection.execute(query).scalar_one())


def test_what_was_counted_of_somebody_forgotten_stays_in_its_area(room: Any) -> None:
    gone, stays = room.a_referral("north"), room.a_referral("east")
    room.declined(gone)
    was = pictures(room)
    forget(room, gone)
    assert pictures(room) == was
    assert tied(room) == {stays.person_id}
    assert count(room, events_counted.c.referral_id == gone.referral_id) == 0
    assert count(room, events_counted.c.is_severed) == 2
    assert count(room, events_counted.c.referral_id == stays.referral_id) == 1


def test_with_something_under_way_it_is_severed_when_that_has_ended_and_every_fact_finds_its_rows(room: Any) -> None:
    one, same = room.a_referral("north"), room.a_referral("north")
    for told in (one, same):
        room.agreed(told)
        room.supported(told)
    forget(room, one)
    assert tied(room) == {one.person_id, same.person_id}
    for told in (one, same):
        room.a_contact(told)
        _ends(room, told)
    assert tied(room) == {same.person_id}
    # Both went the same way, so both are counted alike, and the forgotten one is not two halves.
    for area in ("region", "north"):
        journeys, supports = pictures(room)[area]["journeys"], pictures(room)[area]["supports"]
        assert len(journeys) == len(supports) == 2
        assert journeys[0] == journeys[1]
        assert supports[0] == supports[1]


def _ends(room: Any, told: Any) -> None:
    ids = {"referral_id": told.referral_id, "person_id": told.person_id}
    ended = SupportEnded(
        **ids, support_id=told.support_id, match_id=told.match_id, peer_id=told.peer_id, ended_on=room.now.date(),
        ending="planned", agreed_by="both", contacts_made_count=1, connections_alive_count=1, wants_return=False,
    )  # fmt: skip
    room.tell("support", f"support/support/{told.support_id}", ended)
    room.referral_fact(told, ReferralClosed(**ids, closed_at=room.now, outcome="support_ended"))


def test_what_never_ends_is_severed_after_some_days_all_the_same(room: Any) -> None:
    told = room.a_referral("north")
    room.agreed(told)
    was = pictures(room)
    forget(room, told)
    room.later(days=27)
    room.tick()
    assert tied(room) == {told.person_id}
    room.later(days=2)
    room.tick()
    assert tied(room) == set()
    assert count(room, events_counted.c.referral_id == told.referral_id) == 0
    assert pictures(room)["north"]["journeys"] == was["north"]["journeys"]


def test_a_repeat_of_what_was_severed_is_counted_already(room: Any) -> None:
    told = room.a_referral("north")
    room.declined(told)
    forget(room, told)
    with room["reporting"].database.writing(NETWORK) as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(events_counted)).scalar_one()
        connection.exec_driver_sql("DELETE FROM inbox WHERE stream LIKE 'referrals/referral/%'")
        connection.exec_driver_sql("DELETE FROM positions")
    room["reporting"].listener._subscription = None
    room.quiet()
    assert count(room) == before
