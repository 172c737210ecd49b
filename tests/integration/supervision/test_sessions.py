"""From joining to a session held: who supervises whom, what is owed when, and what holds nobody back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.partners import PartnerSuspended
from tests.builders import MORNING


def iso(moment: Any) -> str:
    return str(moment.isoformat())


def test_a_peer_who_joins_gets_a_supervisor_of_their_partner_and_a_session_in_four_weeks(room: Any) -> None:
    far = room.an_account("Far", "supervisor", partner_id=room.a_partner("North House"))
    near = room.an_account("Near", "supervisor")
    peer = room.a_peer()
    row = near.api("GET", "/api/v1/supervision/team").get_json()[0]
    assert (row["peer_id"], row["supervisor_id"], row["standing"]) == (peer.who.id, near.who.id, "new")
    assert row["next_due_at"] == iso(MORNING + timedelta(days=28))
    assert (row["is_overdue"], row["planned"]) == (False, [])
    assert far.api("GET", "/api/v1/supervision/team").get_json() == []
    due = room.facts("supervision.due")
    assert [(one["peer_id"], one["supervisor_id"], one["kind"]) for one in due] == [(peer.who.id, near.who.id, "line")]


def test_without_a_supervisor_in_their_partner_the_one_with_the_fewest_peers(room: Any) -> None:
    north = room.a_partner("North House")
    one, two = (room.an_account(name, "supervisor", partner_id=north) for name in ("One", "Two"))
    peers = [room.a_peer(name) for name in ("A", "B", "C")]
    teams = [len(who.api("GET", "/api/v1/supervision/team").get_json()) for who in (one, two)]
    assert sorted(teams) == [1, 2]
    assert len(peers) == 3


def test_a_peer_with_nobody_is_on_the_network_leads_list_and_given_to_the_first_supervisor(room: Any) -> None:
    lead = room.an_account("Lead", "network_lead")
    peer = room.a_peer()
    assert lead.api("GET", "/api/v1/supervision/team").get_json()[0]["supervisor_id"] is None
    assert "No supervisor yet" in lead.page("/supervision").text
    supervisor = room.an_account("Sam", "supervisor")
    assert lead.api("GET", "/api/v1/supervision/team").get_json()[0]["supervisor_id"] == supervisor.who.id
    assert supervisor.api("GET", f"/api/v1/supervision/peers/{peer.who.id}").status_code == 200


def test_a_supervisor_of_a_suspended_partner_gets_no_new_peer(room: Any) -> None:
    room.an_account("Sam", "supervisor")
    fact = PartnerSuspended(partner_id=room.partner_id, suspended_at=room.now)
    room.tell("partners", f"partners/partner/{room.partner_id}", fact)
    lead = room.an_account("Lead", "network_lead")
    room.a_peer(partner_id=room.a_partner("North House"))
    assert lead.api("GET", "/api/v1/supervision/team").get_json()[0]["supervisor_id"] is None


def test_a_session_is_planned_then_held_when_both_confirm_and_the_next_is_due_in_28_days(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    session = room.plan(peer, supervisor, in_days=5)
    starts = MORNING + timedelta(days=5)
    planned = room.facts("supervision.planned")[0]
    assert (planned["session_id"], planned["supervisor_id"]) == (session["session_id"], supervisor.who.id)
    assert room.mine(peer)["planned"][0]["starts_at"] == iso(starts)
    room.go(starts + timedelta(hours=1))
    assert room.confirm(session, supervisor)["state"] == "planned"
    assert room.facts("supervision.held") == []
    assert room.confirm(session, peer)["state"] == "held"
    assert len(room.facts("supervision.held")) == 1
    assert room.mine(peer)["next_due_at"] == iso(starts + timedelta(days=28))
    assert room.mine(peer)["planned"] == []


def test_confirming_twice_or_too_early_holds_nothing(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    session = room.plan(peer, supervisor, in_days=1)
    at = f"/api/v1/supervision/sessions/{session['session_id']}/confirmation"
    assert supervisor.api("POST", at).status_code == 409
    room.go(days=1)
    assert room.confirm(session, supervisor, supervisor)["state"] == "planned"
    assert room.confirm(session, peer, peer, supervisor)["state"] == "held"
    assert len(room.facts("supervision.held")) == 1
    assert len(room.facts("supervision.due")) == 2


def test_planning_the_same_time_again_makes_no_second_session_and_another_time_moves_it(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    first, again = room.plan(peer, supervisor, 3), room.plan(peer, supervisor, 3)
    moved = room.plan(peer, supervisor, 4)
    assert first["session_id"] == again["session_id"] == moved["session_id"]
    assert [one["starts_at"] for one in room.mine(peer)["planned"]] == [iso(MORNING + timedelta(days=4))]
    assert len(room.facts("supervision.planned")) == 2


def test_the_next_is_planned_only_when_it_is_said_what_became_of_the_last(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.plan(peer, supervisor, 1)
    room.go(days=2)
    body = {"starts_at": iso(room.now + timedelta(days=1)), "kind": "line"}
    answer = supervisor.api("POST", f"/api/v1/supervision/peers/{peer.who.id}/sessions", body)
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "SettleFirst")


@pytest.mark.parametrize(("days", "status"), [(-6, 201), (-8, 422), (89, 201), (91, 422)])
def test_a_time_a_few_days_back_may_be_written_down_and_one_nobody_means_may_not(
    room: Any, days: int, status: int
) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    body = {"starts_at": iso(room.now + timedelta(days=days)), "kind": "line"}
    at = f"/api/v1/supervision/peers/{peer.who.id}/sessions"
    assert supervisor.api("POST", at, body).status_code == status


def test_a_missed_session_is_made_up_for_and_is_a_mark_on_nobody(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    room.go(days=27)
    session = room.plan(peer, supervisor, 0.5)
    room.go(days=1)
    at = f"/api/v1/supervision/sessions/{session['session_id']}/missed"
    assert supervisor.api("POST", at, {"missed_by": "supervisor"}).get_json()["state"] == "missed"
    assert [one["missed_by"] for one in room.facts("supervision.missed")] == ["supervisor"]
    assert room.mine(peer)["next_due_at"] == iso(room.now + timedelta(days=7))
    assert room.mine(peer)["standing"] == "cleared"
    assert supervisor.api("POST", at, {"missed_by": "peer"}).status_code == 409


def test_peer_led_and_group_sessions_are_held_without_touching_what_is_owed(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    due = room.mine(peer)["next_due_at"]
    for kind in ("peer_led", "group"):
        session = room.plan(peer, supervisor, -1, kind=kind)
        room.confirm(session, supervisor, peer)
    assert room.mine(peer)["next_due_at"] == due
    assert {one["kind"] for one in room.facts("supervision.held")} == {"peer_led", "group"}


def test_the_first_support_makes_sure_a_session_is_owed_but_takes_no_time_away(room: Any) -> None:
    room.an_account("Sam", "supervisor")
    peer = room.a_peer()
    due = room.mine(peer)["next_due_at"]
    room.go(days=10)
    room.a_person(peer=peer)
    assert room.mine(peer)["next_due_at"] == due
    assert len(room.facts("supervision.due")) == 1


# ---- overdue


def test_overdue_is_said_once_and_holds_nobody_back_who_did_not_choose_it(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    lead = room.an_account("Lead", "network_lead")
    room.clear(peer, supervisor)
    room.go(days=28)
    assert room.tick() == 0
    room.go(minutes=1)
    assert room.tick() == 1
    assert room.tick() == 0
    fact = room.facts("supervision.overdue")
    assert [(one["peer_id"], one["partner_id"], one["supervisor_id"], one["kind"]) for one in fact] == [
        (peer.who.id, room.partner_id, supervisor.who.id, "line")
    ]
    assert room.facts("peer.held_back") == []
    assert (room.mine(peer)["standing"], room.mine(peer)["is_overdue"]) == ("cleared", True)
    text = peer.page("/supervision/mine").text
    assert "You keep your people and your places" in text
    assert "Late" in lead.page("/supervision").text


def test_overdue_after_the_supervisor_missed_twice_still_holds_nobody_back(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    for _ in range(2):
        session = room.plan(peer, supervisor, 1)
        at = f"/api/v1/supervision/sessions/{session['session_id']}/missed"
        assert peer.api("POST", at, {"missed_by": "supervisor"}).status_code == 200
    room.go(days=60)
    assert room.tick() == 1
    assert room.facts("peer.held_back") == []


def test_even_the_supervisors_word_that_the_peer_missed_holds_nobody_back(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    for _ in range(3):
        session = room.plan(peer, supervisor, 1)
        at = f"/api/v1/supervision/sessions/{session['session_id']}/missed"
        assert supervisor.api("POST", at, {"missed_by": "peer"}).status_code == 200
    room.go(days=60)
    room.tick()
    assert room.facts("peer.held_back") == []


def test_two_offered_times_declined_by_own_choice_hold_back_once_overdue_and_a_session_lifts_it(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    for _ in range(2):
        room.decline(peer, room.plan(peer, supervisor, 1))
    assert room.mine(peer)["standing"] == "cleared"
    room.go(days=28, minutes=1)
    room.tick()
    assert [one["code"] for one in room.facts("peer.held_back")] == ["supervision_own_choice"]
    assert room.mine(peer)["lacking"] == ["supervision_own_choice"]
    session = room.plan(peer, supervisor, -0.1)
    room.confirm(session, supervisor, peer)
    assert room.mine(peer)["standing"] == "cleared"
    assert len(room.facts("peer.cleared")) == 2


def test_the_second_decline_when_already_overdue_holds_back_at_once(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    room.go(days=29)
    room.tick()
    room.decline(peer, room.plan(peer, supervisor, 1))
    assert room.facts("peer.held_back") == []
    room.decline(peer, room.plan(peer, supervisor, 1))
    assert [one["code"] for one in room.facts("peer.held_back")] == ["supervision_own_choice"]


@pytest.mark.parametrize("because", ["not_possible", "own_choice_on_a_break"])
def test_a_time_that_was_not_possible_or_fell_in_a_break_never_counts(room: Any, because: str) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.clear(peer, supervisor)
    sessions = []
    if because == "own_choice_on_a_break":
        room.pause(peer)
    for _ in range(3):
        sessions.append(room.plan(peer, supervisor, 1))
        room.decline(peer, sessions[-1], "not_possible" if because == "not_possible" else "own_choice")
    if because == "own_choice_on_a_break":
        room.resume(peer)
    room.go(days=60)
    assert room.tick() == 1
    assert room.facts("peer.held_back") == []
    assert {one["missed_by"] for one in room.facts("supervision.missed")} == {"other"}


def test_nothing_falls_overdue_during_a_break_and_nobody_comes_back_to_something_late(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    room.pause(peer)
    room.go(days=40)
    assert room.tick() == 0
    assert (room.mine(peer)["next_due_at"], room.mine(peer)["is_overdue"]) == (None, False)
    assert "Not due just now" in supervisor.page("/supervision").text
    room.resume(peer)
    assert room.mine(peer)["next_due_at"] == iso(room.now + timedelta(days=14))
    room.go(days=14, minutes=1)
    assert room.tick() == 1


# ---- whose it is


def test_a_session_is_between_two(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    session = room.plan(peer, supervisor, 1)
    stranger = room.an_account("Other", "supervisor")
    other_peer = room.a_peer("Other")
    at = f"/api/v1/supervision/sessions/{session['session_id']}"
    for who in (stranger, other_peer):
        assert who.api("POST", f"{at}/confirmation").status_code == 404
        assert who.api("POST", f"{at}/missed", {"missed_by": "other"}).status_code == 404
    assert other_peer.api("POST", f"{at}/declining", {"because": "own_choice"}).status_code == 404
    body = {"starts_at": iso(room.now + timedelta(days=1)), "kind": "line"}
    peers = f"/api/v1/supervision/peers/{peer.who.id}"
    assert stranger.api("POST", f"{peers}/sessions", body).status_code == 404
    assert stranger.api("GET", peers).status_code == 404
    assert room.as_("coordinator").api("GET", peers).status_code == 403


def test_bad_input_says_every_fault_at_once(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer()
    at = f"/api/v1/supervision/peers/{peer.who.id}"
    answer = supervisor.api("POST", f"{at}/sessions", {"starts_at": "soon", "kind": "chat"})
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.get_json()["errors"]} == {"starts_at", "kind"}
    answer = supervisor.api("PUT", f"{at}/standing", {"check_valid_until": "32", "colour": "red"})
    assert {fault["field"] for fault in answer.get_json()["errors"]} == {"check_valid_until", ""}
