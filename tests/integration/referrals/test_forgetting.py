"""Forgetting from the referrals room: who may ask, what is left when something breaks on the way, and the epochs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import DatabaseAway
from chassis.epochs import epochs
from chassis.keys import keys
from services.referrals import store
from services.referrals.actions import forgetting
from tests.builders import forget_person
from tests.integration.referrals.conftest import AT, Referrals

WHY = {"reason": "asked_by_the_person"}


def forget(room: Referrals, person_id: str, **who: Any) -> int:
    return forget_person(room.as_("privacy_officer", **who), room.as_("network_lead"), person_id)


def keys_of(room: Referrals, person_id: str) -> int:
    """How many keys of theirs there still are."""
    living = sa.select(sa.func.count()).where(keys.c.owner_id == person_id, keys.c.wrapped.is_not(None))
    with room.house.shared.keys.database.reading() as connection:
        return int(connection.execute(living).scalar_one())


def test_the_privacy_officer_alone_forgets_and_never_somebody_who_must_not_be_known_to_them(room: Referrals) -> None:
    feared = room.ids.new()
    person_id = room.person_of(room.received(safety={"must_not_be_told": [feared]}))
    for role in ("coordinator", "network_lead", "administrator", "safeguarding_lead", "referrer"):
        answer = room.as_(role, partner_id=room.partner_id).api("POST", f"{AT}/people/{person_id}/forgetting", WHY)
        assert answer.status_code == 403, role
    assert room.as_person(person_id).api("POST", f"{AT}/people/{person_id}/forgetting", WHY).status_code == 403
    assert forget(room, person_id, id=feared) == 404
    assert forget(room, room.ids.new()) == 404
    assert keys_of(room, person_id) == 8
    assert forget(room, person_id) == 204
    assert keys_of(room, person_id) == 0


def test_what_is_open_ends_before_it_is_said_that_they_are_forgotten(room: Referrals) -> None:
    referral_id = room.accepted()
    person_id = room.person_of(referral_id)
    assert forget(room, person_id) == 204
    (closed,) = room.headers("referral.closed")
    assert closed["ce_requires"] == f"referrals/person/{person_id}@1"
    (forgotten,) = room.headers("person.forgotten")
    assert (forgotten["ce_streamseq"], forgotten["ce_brake"], forgotten["ce_brakesubject"]) == (
        "2", "forgotten", person_id,
    )  # fmt: skip
    assert [row.subject for row in room.audited(action="person.forget")] == [person_id]
    # Nothing is done about them any more, whoever asks.
    for what in ("consent-withdrawal", "protection"):
        assert room.coordinator.api("POST", f"{AT}/people/{person_id}/{what}").status_code == 404
    assert room.coordinator.api("GET", AT).get_json() == []


def test_keys_a_kill_left_standing_are_destroyed_by_the_next_tick(room: Referrals) -> None:
    person_id = room.person_of(room.received())
    with room["referrals"].writing() as unit:
        forgetting.forget_person(unit, person_id)
    assert keys_of(room, person_id) == 8
    room["referrals"].tick()
    assert keys_of(room, person_id) == 0
    assert forgetting.destroy_keys(room["referrals"]) == 0


def test_with_the_key_store_away_they_are_forgotten_and_the_keys_follow(
    room: Referrals, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id = room.person_of(room.received())

    def away(*_given: Any) -> None:
        raise DatabaseAway()

    monkeypatch.setattr(room["referrals"].keys, "forget", away)
    assert forget(room, person_id) == 503
    assert len(room.facts("person.forgotten")) == 1
    monkeypatch.undo()
    assert forget(room, person_id) == 204
    assert keys_of(room, person_id) == 0
    assert len(room.facts("person.forgotten")) == 1


def test_a_new_epoch_of_keys_begins_after_thirty_days(room: Referrals) -> None:
    referral_id = room.received()

    def epochs_there() -> list[tuple[int, bool]]:
        with room.house.shared.keys.database.reading() as connection:
            rows = connection.execute(sa.select(epochs).order_by(epochs.c.epoch)).all()
        return [(row.epoch, row.wrapped is not None) for row in rows]

    def age() -> float:
        return float(
            room["referrals"].registry.get_sample_value("beenthere_keys_oldest_epoch_seconds", {"service": "referrals"})
        )

    room.clock.advance(days=29)
    room["referrals"].tick()
    assert epochs_there() == [(1, True)]
    assert age() == 29 * 86_400
    room.clock.advance(days=1)
    room["referrals"].tick()
    assert epochs_there() == [(1, False), (2, True)]
    assert age() == 0
    assert "Jordan" in room.coordinator.page(f"/referrals/{referral_id}").text


def test_a_row_that_came_back_with_an_older_copy_is_emptied_again(room: Referrals) -> None:
    person_id = room.person_of(room.received())
    forget(room, person_id)
    with room["referrals"].writing() as unit:
        store.change_person(unit, person_id, consent_state="given", called="s1.called.x.AAAA")
    room["referrals"].tick()
    with room["referrals"].reading() as unit:
        assert store.person(unit.scope, unit, person_id).called == ""
