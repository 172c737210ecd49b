"""From two yeses to an ending, through the room's own doors, with the facts of other rooms."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_match_both_agreed_to_waits_for_an_end_date_and_only_then_begins(room: Any) -> None:
    pair = room.agreed()
    waiting = room.shown(pair)
    assert (waiting["state"], waiting["started_on"], waiting["agreed_end_on"]) == ("agreed", None, None)
    assert room.facts("support.started") == []
    answer = pair.peer.api("POST", f"{pair.at}/start", {"agreed_end_on": "2026-06-30"})
    assert answer.status_code == 200
    begun = answer.get_json()
    assert (begun["state"], begun["started_on"], begun["agreed_end_on"]) == ("active", "2026-03-02", "2026-06-30")
    assert begun["midpoint_on"] == "2026-05-01"
    assert room.facts("support.started") == [
        {
            "support_id": pair.support_id, "match_id": pair.match_id, "referral_id": pair.referral_id,
            "person_id": pair.person_id, "peer_id": pair.peer_id, "started_on": "2026-03-02",
            "agreed_end_on": "2026-06-30",
        }
    ]  # fmt: skip


def test_without_a_day_given_a_coordinator_begins_it_for_the_usual_four_months(room: Any) -> None:
    pair = room.agreed()
    begun = room.coordinator.api("POST", f"{pair.at}/start", {}).get_json()
    assert begun["agreed_end_on"] == "2026-07-02"


def test_the_person_does_not_start_it_and_a_stranger_finds_nothing(room: Any) -> None:
    pair = room.agreed()
    assert pair.person.api("POST", f"{pair.at}/start", {}).status_code == 403
    assert room.as_("peer").api("POST", f"{pair.at}/start", {}).status_code == 404
    assert room.as_("peer").api("GET", pair.at).status_code == 404
    assert room.as_("peer").api("GET", "/api/v1/supports").get_json() == []
    assert room.as_person(room.ids.new()).api("GET", pair.at).status_code == 404


def test_moves_that_do_not_fit_are_refused_by_name_and_audited(room: Any) -> None:
    pair = room.agreed()
    early = room.contact(pair)
    assert (early.status_code, early.get_json()["rule"]) == (409, "NotStartedYet")
    assert pair.peer.api("POST", f"{pair.at}/start", {}).status_code == 200
    again = pair.peer.api("POST", f"{pair.at}/start", {})
    assert (again.status_code, again.get_json()["rule"]) == (409, "AlreadyStarted")
    assert pair.peer.api("POST", f"{pair.at}/resumption").get_json()["rule"] == "SupportIsNotPaused"
    refused = [row.rule for row in room.audited(outcome="refused")]
    assert refused == ["NotStartedYet", "AlreadyStarted", "SupportIsNotPaused"]
    assert len(room.facts("support.started")) == 1


def test_after_a_meeting_two_answers_are_recorded_and_the_fact_says_nothing_else(room: Any) -> None:
    pair = room.begun()
    answer = room.contact(pair, "made", "in_person")
    assert answer.status_code == 201
    assert room.facts("contact.recorded") == [
        {
            "support_id": pair.support_id, "contact_id": answer.get_json()["contact_id"], "person_id": pair.person_id,
            "peer_id": pair.peer_id, "kind": "made", "mode": "in_person", "held_on": "2026-03-02",
        }
    ]  # fmt: skip


def test_the_same_key_records_one_contact_and_needs_to_be_there(room: Any) -> None:
    pair = room.begun()
    first, second = (room.contact(pair, key="after-tuesday") for _ in range(2))
    assert first.get_json() == second.get_json()
    other = room.contact(pair, "attempted", key="after-tuesday")
    assert (other.status_code, other.get_json()["rule"]) == (422, "KeyReused")
    without = pair.peer.api("POST", f"{pair.at}/contacts", {"kind": "made", "mode": "phone"})
    assert [fault["field"] for fault in without.get_json()["errors"]] == ["Idempotency-Key"]
    assert len(room.facts("contact.recorded")) == 1


def test_a_planned_meeting_is_recorded_once_and_on_its_own_day(room: Any) -> None:
    pair = room.begun()
    body = {"starts_at": "2026-03-05T14:30:00Z", "mode": "in_person"}
    planned = pair.person.api("POST", f"{pair.at}/meetings", body)
    assert planned.status_code == 201
    assert room.shown(pair)["next_meeting"] == {**planned.get_json()}
    room.clock.advance(days=5)
    meeting_id = planned.get_json()["meeting_id"]
    recorded = room.contact(pair, meeting_id=meeting_id)
    assert recorded.get_json()["held_on"] == "2026-03-05"
    again = room.contact(pair, meeting_id=meeting_id)
    assert (again.status_code, again.get_json()["rule"]) == (409, "MeetingRecordedAlready")
    assert room.shown(pair)["next_meeting"] is None


def test_a_meeting_of_others_is_not_known_here(room: Any) -> None:
    pair, others = room.begun(), room.begun("Kofi", "Mei")
    body = {"starts_at": "2026-03-05T14:30:00Z", "mode": "phone"}
    theirs = others.peer.api("POST", f"{others.at}/meetings", body).get_json()["meeting_id"]
    refused = room.contact(pair, meeting_id=theirs)
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "MeetingNotKnown")


def test_bad_dates_are_faults_of_their_fields(room: Any) -> None:
    pair = room.agreed()
    for path, body, field in [
        ("start", {"agreed_end_on": "2026-03-02"}, "agreed_end_on"),
        ("start", {"agreed_end_on": "2036-03-02"}, "agreed_end_on"),
        ("start", {"until": "2026-06-02"}, ""),
    ]:
        refused = pair.peer.api("POST", f"{pair.at}/{path}", body)
        assert refused.status_code == 422
        assert [fault["field"] for fault in refused.get_json()["errors"]] == [field]
    pair.peer.api("POST", f"{pair.at}/start", {})
    body = {"starts_at": "2026-03-01T10:00:00Z", "mode": "phone"}
    assert pair.peer.api("POST", f"{pair.at}/meetings", body).get_json()["rule"] == "MeetingInThePast"
    assert room.contact(pair, held_on="2026-03-03").get_json()["rule"] == "ContactInTheFuture"
    assert room.contact(pair, held_on="2026-03-01").get_json()["rule"] == "ContactBeforeStart"


def test_a_connection_goes_from_found_to_going_without_the_peer_and_its_words_stay_sealed(room: Any) -> None:
    pair = room.begun()
    connection_id = room.connection(pair, "The choir on Tuesdays", "tried", "going")
    mine = pair.person.api("POST", f"{pair.at}/connections/{connection_id}/moves", {"state": "going_without_peer"})
    assert mine.status_code == 201
    back = pair.peer.api("POST", f"{pair.at}/connections/{connection_id}/moves", {"state": "found"})
    assert (back.status_code, back.get_json()["rule"]) == (409, "ConnectionMoveNotAllowed")
    moved = room.facts("connection.moved")
    assert [fact["state"] for fact in moved] == ["found", "tried", "going", "going_without_peer"]
    assert all(set(fact) == {"support_id", "connection_id", "person_id", "state", "moved_on"} for fact in moved)
    with room["support"].reading() as unit:
        kept = unit.connection.exec_driver_sql("SELECT what FROM connections").scalar_one()
    assert kept.startswith(f"s1.support_notes~what.{pair.person_id}.")
    assert room.shown(pair)["connections"][0]["what"] == "The choir on Tuesdays"
    seen = room.coordinator.api("GET", pair.at).get_json()
    assert "what" not in seen["connections"][0]
    assert "what" not in room.coordinator.api("GET", "/api/v1/supports").get_json()[0]["connections"][0]


def test_a_connection_of_others_is_not_found_here(room: Any) -> None:
    pair, others = room.begun(), room.begun("Kofi", "Mei")
    theirs = room.connection(others)
    assert pair.peer.api("POST", f"{pair.at}/connections/{theirs}/moves", {"state": "tried"}).status_code == 404


def test_support_rests_and_goes_on(room: Any) -> None:
    pair = room.begun()
    paused = pair.person.api("POST", f"{pair.at}/pause", {}).get_json()
    assert (paused["state"], paused["paused_by"]) == ("paused", "person")
    plan = pair.peer.api("POST", f"{pair.at}/meetings", {"starts_at": "2026-03-09T10:00:00Z", "mode": "phone"})
    assert plan.get_json()["rule"] == "SupportIsPaused"
    assert room.contact(pair).status_code == 201
    assert pair.peer.api("POST", f"{pair.at}/resumption").get_json()["state"] == "active"
    refused = pair.peer.api("POST", f"{pair.at}/pause", {"paused_by": "network"})
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "NotYoursToSay")
    assert [fact["paused_by"] for fact in room.facts("support.paused")] == ["person"]
    assert len(room.facts("support.resumed")) == 1


def test_an_ending_counts_what_is_alive_and_what_was_made_and_says_it_once(room: Any) -> None:
    pair = room.begun()
    room.connection(pair, "Choir", "tried", "going")
    room.connection(pair, "College", "going_without_peer", kind="role")
    room.connection(pair, "Library", "tried", kind="place")
    room.connection(pair, "Football", "going", "let_go")
    for kind in ("made", "attempted", "made"):
        room.contact(pair, kind)
    room.clock.advance(days=60)
    body = {"ending": "planned", "agreed_by": "both", "wants_return": False}
    ended = pair.peer.api("POST", f"{pair.at}/ending", body)
    assert ended.status_code == 200
    assert ended.get_json()["outcome"] == "2 connections are alive"
    assert room.facts("support.ended") == [
        {
            "support_id": pair.support_id, "match_id": pair.match_id, "referral_id": pair.referral_id,
            "person_id": pair.person_id, "peer_id": pair.peer_id, "ended_on": "2026-05-01", "ending": "planned",
            "agreed_by": "both", "contacts_made_count": 2, "connections_alive_count": 2, "wants_return": False,
        }
    ]  # fmt: skip
    again = pair.peer.api("POST", f"{pair.at}/ending", body)
    assert (again.status_code, again.get_json()["rule"]) == (409, "SupportIsOver")
    assert len(room.facts("support.ended")) == 1


def test_an_ending_without_a_connection_is_allowed_and_says_none_yet(room: Any) -> None:
    pair = room.begun()
    ended = pair.peer.api("POST", f"{pair.at}/ending", {"ending": "planned", "agreed_by": "both"}).get_json()
    assert ended["outcome"] == "None yet"
    assert room.facts("support.ended")[0]["connections_alive_count"] == 0


@pytest.mark.parametrize("begun", [True, False])
def test_the_person_may_ask_for_someone_else_at_any_time_and_keeps_their_place(room: Any, begun: bool) -> None:
    pair = room.begun() if begun else room.agreed()
    body = {"ending": "swap", "agreed_by": "person"}
    assert pair.person.api("POST", f"{pair.at}/ending", body).get_json()["wants_return"] is True
    (fact,) = room.facts("support.ended")
    assert (fact["ending"], fact["agreed_by"], fact["wants_return"]) == ("swap", "person", True)


def test_nobody_speaks_for_another_side_at_the_ending(room: Any) -> None:
    pair = room.begun()
    for caller, agreed_by in ((pair.person, "peer"), (pair.person, "network"), (pair.peer, "network")):
        refused = caller.api("POST", f"{pair.at}/ending", {"ending": "lost_touch", "agreed_by": agreed_by})
        assert refused.get_json()["rule"] == "NotYoursToSay"
    swap = {"ending": "swap", "agreed_by": "both", "wants_return": False}
    assert pair.peer.api("POST", f"{pair.at}/ending", swap).get_json()["rule"] == "SwapKeepsThePlace"
    network = room.coordinator.api("POST", f"{pair.at}/ending", {"ending": "lost_touch", "agreed_by": "network"})
    assert network.status_code == 200
