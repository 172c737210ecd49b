"""The whole life of referrals in this room, told by facts, the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.service import Service
from contracts import matching, support
from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, words_of


@pytest.fixture
def room(room_on_each: Any) -> Any:
    """The room on each database in turn."""
    return room_on_each


def test_a_referral_goes_from_the_door_to_its_end(room: Any) -> None:
    sent = room.submit(a_referral(person={"birth_date": None}))
    referral_id = sent.location.split("/")[2]
    person_id = room.person_of(referral_id)
    room.clock.advance(days=10)
    # the late step is told, and the codes of the day are stated
    assert room["referrals"].tick() == 2
    coordinator, at = room.coordinator, f"/referrals/{referral_id}"
    assert "Overdue" in words_of(coordinator.page("/referrals"))
    coordinator.form(f"{at}/acknowledgement")
    assert coordinator.form(f"{at}/acceptance").status_code == 409
    born = {"birth_date-day": "27", "birth_date-month": "3", "birth_date-year": "1985"}
    coordinator.form(f"{at}/birth-date", born)
    coordinator.form(f"{at}/acceptance")
    ids = {"match_id": room.ids.new(), "referral_id": referral_id, "person_id": person_id}
    peer_id, now = room.ids.new(), room.clock.now()
    stream = f"matching/match/{ids['match_id']}"
    room.tell(stream, matching.MatchProposed(**ids, peer_ids=(peer_id,), proposed_at=now, answer_by=now))
    agreed = matching.MatchAgreed(**ids, peer_id=peer_id, partner_id=room.ids.new(), agreed_at=now)
    room.tell(stream, agreed)
    begun = {**ids, "support_id": room.ids.new(), "peer_id": peer_id}
    stream = f"support/support/{begun['support_id']}"
    room.tell(stream, support.SupportStarted(**begun, started_on=now.date(), agreed_end_on=now.date()))
    ended = support.SupportEnded(
        **begun, ended_on=now.date(), ending="planned", agreed_by="both", contacts_made_count=3,
        connections_alive_count=1, wants_return=False,
    )  # fmt: skip
    room.tell(stream, ended)
    assert room.shown(referral_id)["state"] == "closed"
    kinds = [row.type.rpartition(".")[0] for row in room.stated() if row.stream == f"referrals/referral/{referral_id}"]
    assert sorted(kinds) == sorted(
        ["referral.received", "referral.overdue", "referral.acknowledged", "referral.accepted", "referral.closed"]
    )
    numbers = [row.number for row in room.stated() if row.stream == f"referrals/referral/{referral_id}"]
    assert sorted(numbers) == [1, 2, 3, 4, 5]


def test_a_person_who_goes_takes_their_referral_with_them(room: Any) -> None:
    referral_id = room.accepted()
    person = room.as_person(room.person_of(referral_id))
    person.form("/my/referral/withdrawal")
    assert room.shown(referral_id)["state"] == "closed"
    assert "You took your consent back." in words_of(person.page("/my/referral"))


def test_a_protected_person_and_a_suspended_partner(room: Any) -> None:
    referral_id = room.received()
    at = f"{AT}/people/{room.person_of(referral_id)}/protection"
    assert room.coordinator.api("POST", at).status_code == 204
    assert "01632 960 001" not in room.coordinator.page(f"/referrals/{referral_id}").text
    assert room.coordinator.api("DELETE", at).status_code == 204
    room.suspend(room.partner_id)
    assert room.post(a_referral()).status_code == 403
    room.resume(room.partner_id)
    assert room.post(a_referral()).status_code == 201


def test_the_same_key_is_one_referral_and_lists_are_alike(room: Any) -> None:
    first = room.post(a_referral(), "one key only")
    assert room.post(a_referral(), "one key only").get_json() == first.get_json()
    assert room.post(a_referral(hopes="Others"), "one key only").status_code == 422
    message, key = room.message(), room.ids.new()
    assert [room.process(message, key).status_code for _ in range(2)] == [200, 409]
    room.clock.advance(minutes=1)
    room.done(first.get_json()["referral_id"], "acknowledgement")
    rows = room.system.api("GET", AT).get_json()
    assert {row["state"] for row in rows} == {"received", "acknowledged"}
    assert len(rows) == 2


def test_a_rival_that_was_faster_wins_and_one_referral_stands(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two senders of one key at the same moment: the second finds the first's answer when its own is written."""
    won: list[Any] = []
    writing = Service.writing

    def late(service: Service, *given: Any, **how: Any) -> Any:
        if not won and service.name == "referrals":
            won.append(None)
            won[0] = room.post(a_referral(), "one key only")
        return writing(service, *given, **how)

    monkeypatch.setattr(Service, "writing", late)
    second = room.post(a_referral(), "one key only")
    assert second.get_json() == won[0].get_json()
    assert room.count() == 1
    assert len(room.facts("referral.received")) == 1
