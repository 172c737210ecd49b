"""Who is cleared for new matches: recorded by the supervisor, held back by what lapses, lifted when it is mended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def test_a_peer_is_cleared_once_conduct_check_and_training_are_recorded(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    assert room.mine(peer)["lacking"] == ["conduct", "check", "training"]
    part = room.clear(peer, supervisor, training_valid_until=None)
    assert (part["standing"], part["lacking"]) == ("new", ["training"])
    assert room.facts("peer.cleared") == []
    whole = room.clear(peer, supervisor)
    assert (whole["standing"], whole["lacking"]) == ("cleared", [])
    assert [one["peer_id"] for one in room.facts("peer.cleared")] == [peer.who.id]
    room.clear(peer, supervisor)
    assert len(room.facts("peer.cleared")) == 1


@pytest.mark.parametrize(("column", "code"), [("training_valid_until", "training"), ("check_valid_until", "check")])
def test_what_lapses_holds_back_the_day_after_its_last_day_in_london_and_renewing_lifts_it(
    room: Any, column: str, code: str
) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor, **{column: "2026-03-20"})
    room.go(datetime(2026, 3, 20, 23, 59, tzinfo=UTC))
    assert room.tick() == 0
    room.go(datetime(2026, 3, 21, 0, 0, tzinfo=UTC))
    assert room.tick() == 1
    assert room.tick() == 0
    held = room.facts("peer.held_back")
    assert [(one["peer_id"], one["code"]) for one in held] == [(peer.who.id, code)]
    room.clear(peer, supervisor)
    assert len(room.facts("peer.cleared")) == 2
    assert room.mine(peer)["standing"] == "cleared"


def test_in_summer_the_day_ends_at_midnight_in_london_not_in_utc(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor, training_valid_until="2026-07-10")
    room.go(datetime(2026, 7, 10, 22, 59, tzinfo=UTC))
    room.tick()
    assert room.facts("peer.held_back") == []
    room.go(datetime(2026, 7, 10, 23, 0, tzinfo=UTC))
    room.tick()
    assert [one["code"] for one in room.facts("peer.held_back")] == ["training"]


def test_taking_a_day_back_holds_back_at_once(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    answer = room.clear(peer, supervisor, conduct_accepted_on=None)
    assert (answer["standing"], answer["lacking"]) == ("held_back", ["conduct"])
    assert [one["code"] for one in room.facts("peer.held_back")] == ["conduct"]


def test_the_brake_on_the_peer_follows_what_was_stated(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()

    def brakes() -> frozenset[str]:
        with room["supervision"].reading() as unit:
            found: frozenset[str] = unit.braked(peer.who.id)
            return found

    room.clear(peer, supervisor)
    room.clear(peer, supervisor, check_valid_until="2026-03-01")
    assert brakes() == {"peer_held_back"}
    room.clear(peer, supervisor)
    assert brakes() == frozenset()


def test_the_network_lead_may_record_it_and_nobody_else_and_nobody_for_themselves(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    lead, stranger = room.an_account("Lead", "network_lead"), room.an_account("Other", "supervisor")
    at = f"/api/v1/supervision/peers/{peer.who.id}/standing"
    assert stranger.api("PUT", at, room.well).status_code == 404
    assert peer.api("PUT", at, room.well).status_code == 403
    assert room.as_("coordinator").api("PUT", at, room.well).status_code == 403
    assert lead.api("PUT", at, room.well).status_code == 200
    both = room.as_("peer", "network_lead", id=peer.who.id)
    refused = both.api("PUT", at, {})
    assert (refused.status_code, refused.get_json()["rule"]) == (403, "OwnStanding")
    assert room.mine(peer)["standing"] == "cleared"
    assert supervisor.api("PUT", at, {}).status_code == 200


def test_a_day_to_come_is_refused_by_name(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    at = f"/api/v1/supervision/peers/{peer.who.id}/standing"
    tomorrow = (room.today + timedelta(days=1)).isoformat()
    refused = supervisor.api("PUT", at, {**room.well, "conduct_accepted_on": tomorrow})
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "ConductInFuture")
    page = supervisor.form(
        f"/supervision/peers/{peer.who.id}/standing",
        {"conduct_accepted_on-day": "3", "conduct_accepted_on-month": "3", "conduct_accepted_on-year": "2026"},
    )
    assert page.status_code == 422
    assert refused.get_json()["errors"][0]["detail"] in page.text
