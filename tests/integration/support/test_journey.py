"""From two yeses to an ending, through the room's own doors, with the facts of other rooms."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import facts
from contracts import matching, referrals
from tests.builders import MORNING


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
        ("start", {"until": "2026-06-02"}, "until"),
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
    assert kept.startswith(f"s1.support_notes.{pair.person_id}.")
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


# ---- what other rooms state ----


def closed(room: Any, pair: Any, outcome: str = "withdrawn") -> None:
    fact = referrals.ReferralClosed(
        referral_id=pair.referral_id, person_id=pair.person_id, closed_at=room.clock.now(), outcome=outcome
    )
    room.tell(f"referrals/referral/{pair.referral_id}", fact)


def withdraw(room: Any, pair: Any) -> None:
    fact = referrals.ConsentWithdrawn(
        person_id=pair.person_id, consent_id=room.ids.new(), withdrawn_at=room.clock.now()
    )
    room.tell(f"referrals/person/{pair.person_id}", fact)


def test_a_referral_taken_back_ends_support_once_by_the_persons_choice(room: Any) -> None:
    pair = room.begun()
    room.connection(pair, "Choir", "going")
    room.contact(pair)
    withdraw(room, pair)
    assert room.facts("support.ended") == []
    assert pair.peer.api("GET", pair.at).status_code == 404
    closed(room, pair)
    (fact,) = room.facts("support.ended")
    assert (fact["ending"], fact["agreed_by"], fact["wants_return"]) == ("early_by_choice", "person", False)
    assert (fact["contacts_made_count"], fact["connections_alive_count"]) == (1, 1)
    closed(room, pair)
    assert len(room.facts("support.ended")) == 1


def test_a_referral_our_own_ending_closed_ends_nothing_again(room: Any) -> None:
    pair = room.begun()
    pair.peer.api("POST", f"{pair.at}/ending", {"ending": "planned", "agreed_by": "both"})
    closed(room, pair, "support_ended")
    closed(room, pair)
    assert len(room.facts("support.ended")) == 1


def test_what_was_agreed_and_never_began_is_let_go_without_an_ending(room: Any) -> None:
    released, taken_back = room.agreed(), room.agreed("Kofi", "Mei")
    fact = matching.MatchReleased(
        match_id=released.match_id, referral_id=released.referral_id, person_id=released.person_id, peer_id=None,
        code="referral_closed", released_at=room.clock.now(),
    )  # fmt: skip
    room.tell(f"matching/match/{released.match_id}", fact)
    closed(room, taken_back)
    for pair in (released, taken_back):
        assert pair.peer.api("GET", pair.at).status_code == 404
        assert pair.peer.api("POST", f"{pair.at}/start", {}).status_code == 404
    assert room.facts("support.ended") == []


def test_letting_one_option_go_or_a_support_under_way_changes_nothing(room: Any) -> None:
    waiting, begun = room.agreed(), room.begun("Kofi", "Mei")
    for pair, peer_id in ((waiting, room.ids.new()), (begun, None)):
        fact = matching.MatchReleased(
            match_id=pair.match_id, referral_id=pair.referral_id, person_id=pair.person_id, peer_id=peer_id,
            code="not_needed_this_time", released_at=room.clock.now(),
        )  # fmt: skip
        room.tell(f"matching/match/{pair.match_id}", fact)
    assert room.shown(waiting)["state"] == "agreed"
    assert room.shown(begun)["state"] == "active"


def test_a_match_agreed_after_consent_was_taken_back_does_not_wait_to_start(room: Any) -> None:
    person_id, peer_id = room.a_person("Jordan"), room.a_peer("Asha")
    fact = referrals.ConsentWithdrawn(person_id=person_id, consent_id=room.ids.new(), withdrawn_at=MORNING)
    room.tell(f"referrals/person/{person_id}", fact)
    pair = room.agree(person_id, peer_id)
    assert pair.support_id == ""
    with room["support"].reading() as unit:
        assert unit.connection.exec_driver_sql("SELECT state FROM supports").scalar_one() == "released"


def test_a_protected_person_is_seen_by_the_peer_of_a_live_support_alone(room: Any) -> None:
    pair, hidden = room.begun("Jordan"), room.begun("Kofi", "Mei")
    fact = referrals.PersonProtected(person_id=hidden.person_id, protected_at=room.clock.now())
    room.tell(f"referrals/person/{hidden.person_id}", fact)
    assert room.shown(hidden)["state"] == "active"
    assert room.contact(hidden).status_code == 201
    listed = [one["support_id"] for one in room.coordinator.api("GET", "/api/v1/supports").get_json()]
    assert listed == [pair.support_id]
    nothing = room.coordinator.api("GET", f"/api/v1/supports/{room.ids.new()}")
    refused = room.coordinator.api("GET", hidden.at)
    answers = [{**answer.get_json(), "instance": ""} for answer in (refused, nothing)]
    assert refused.status_code == 404
    assert answers[0] == answers[1]
    assert room.coordinator.api("POST", f"{hidden.at}/pause", {}).status_code == 404
    ending = {"ending": "moved_on", "agreed_by": "person"}
    with_them = hidden.peer.api("POST", f"{hidden.at}/pause", {"paused_by": "person"})
    assert with_them.status_code == 200
    lifted = referrals.PersonUnprotected(person_id=hidden.person_id, unprotected_at=room.clock.now())
    room.tell(f"referrals/person/{hidden.person_id}", lifted)
    assert room.coordinator.api("POST", f"{hidden.at}/ending", ending).status_code == 200


def test_the_peer_of_a_protected_person_can_end_support_and_then_sees_it_no_more(room: Any) -> None:
    pair = room.begun()
    fact = referrals.PersonProtected(person_id=pair.person_id, protected_at=room.clock.now())
    room.tell(f"referrals/person/{pair.person_id}", fact)
    ended = pair.peer.api("POST", f"{pair.at}/ending", {"ending": "moved_on", "agreed_by": "person"})
    assert ended.status_code == 200
    assert len(room.facts("support.ended")) == 1
    assert pair.peer.api("GET", pair.at).status_code == 404


def test_facts_of_a_support_wait_for_the_persons_latest_consent_and_referral_facts(room: Any) -> None:
    pair = room.agreed()
    given = referrals.ConsentGiven(
        person_id=pair.person_id, consent_id=room.ids.new(), scope="share_in_network", wording_version="1",
        given_on=MORNING.date(), expires_on=None,
    )  # fmt: skip
    place = room.tell(f"referrals/person/{pair.person_id}", given)
    pair.peer.api("POST", f"{pair.at}/start", {})
    with room["support"].reading() as unit:
        query = sa.select(facts.c.headers).where(facts.c.type.like("support.started%"))
        headers = unit.connection.execute(query).scalar_one()
    assert place in headers


def test_nothing_counts_contacts_but_the_ending(room: Any) -> None:
    pair = room.begun()
    for _ in range(3):
        room.contact(pair)
    told = room.coordinator.api("GET", pair.at).get_json()
    assert not [name for name in told if "contact" in name or "count" in name]
    text = room.as_nobody().page("/ops/support/metrics").text
    assert 'beenthere_support_supports{state="active"} 1.0' in text
    assert pair.peer_id not in text
