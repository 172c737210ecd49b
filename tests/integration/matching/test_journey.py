"""From a person who waits to a match both agreed to, and back: through the room's own doors, with others' facts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.referrals import ConsentWithdrawn, PersonProtected, PersonUnprotected, ReferralClosed
from contracts.support import SupportEnded, SupportStarted
from tests.builders import MORNING


def test_an_accepted_referral_waits_longest_first(room: Any) -> None:
    late, early = room.a_person("Late", days_ago=2), room.a_person("Early", days_ago=40)
    assert [row["referral_id"] for row in room.waiting()] == [early.referral_id, late.referral_id]
    assert [row["waiting_days"] for row in room.waiting()] == [40, 2]


def test_the_board_can_be_read_by_area(room: Any) -> None:
    here = room.a_person(area="north")
    room.a_person(area="coast")
    assert [row["referral_id"] for row in room.waiting("north")] == [here.referral_id]


def test_a_whole_match_from_shortlist_to_both_yeses(room: Any) -> None:
    peer, other = room.a_peer("Asha", {"depression": "shown_at_match"}), room.a_peer("Femi", {})
    person = room.a_person()
    cards = room.shortlist(person)["cards"]
    assert cards[0]["peer_id"] == peer.who.id
    assert cards[0]["reasons"][0] == {"strength": "strong", "says": "Has been through this too: Depression."}
    match = room.offer(person, peer, other)
    assert room.waiting()[0]["state"] == "offered"
    assert room.record(match, peer, "peer", "could").status_code == 201
    assert room.record(match, peer, "person", "yes").status_code == 201
    now = room.match(match)
    assert (now["state"], now["chosen_peer_id"]) == ("chosen", peer.who.id)
    assert [(one["state"], one["code"]) for one in now["options"]] == [
        ("chosen", None),
        ("released", "not_needed_this_time"),
    ]
    at = f"/api/v1/matches/{match['match_id']}"
    assert room.coordinator.api("POST", f"{at}/taster", {"peer_id": peer.who.id}).status_code == 201
    done = room.coordinator.api("POST", f"{at}/agreement", {"person_yes": True, "peer_yes": True, "how": "by_phone"})
    assert done.get_json()["state"] == "agreed"
    assert room.waiting() == []
    kinds = [name for name in ("match.proposed", "match.answered", "taster.held", "match.agreed") if room.facts(name)]
    assert len(kinds) == 4
    assert room.facts("match.agreed")[0]["partner_id"] == room.partner_id


def test_a_taster_that_was_not_right_sends_nobody_to_the_end_of_the_wait(room: Any) -> None:
    peer = room.a_peer()
    person = room.a_person(days_ago=30)
    match = room.chosen(person, peer)
    at = f"/api/v1/matches/{match['match_id']}"
    room.coordinator.api("POST", f"{at}/taster", {"peer_id": peer.who.id})
    room.coordinator.api("POST", f"{at}/agreement", {"person_yes": False, "peer_yes": True})
    row = room.waiting()[0]
    assert (row["state"], row["waiting_days"], row["match_id"]) == ("waiting", 30, None)
    assert {fact["code"] for fact in room.facts("match.released")} == {"taster_not_agreed"}
    again = room.shortlist(person)
    assert (again["cards"], [one["rule"] for one in again["excluded"]]) == ([], ["before"])


def test_when_every_peer_says_not_this_time_the_person_waits_on(room: Any) -> None:
    first, second, person = room.a_peer("A"), room.a_peer("B"), room.a_person()
    match = room.offer(person, first, second)
    room.record(match, first, "peer", "not_this_time")
    assert room.match(match)["state"] == "asking"
    room.record(match, second, "peer", "not_this_time")
    assert room.match(match)["state"] == "released"
    assert room.waiting()[0]["state"] == "waiting"
    assert [fact["peer_id"] for fact in room.facts("match.released")] == [first.who.id, second.who.id, None]


def test_holds_and_people_never_exceed_places(room: Any) -> None:
    peer = room.a_peer(places=1)
    one, two = room.a_person("One"), room.a_person("Two")
    first, second = room.offer(one, peer), room.offer(two, peer)
    assert room.record(first, peer, "peer", "could").status_code == 201
    refused = room.record(second, peer, "peer", "could")
    assert refused.status_code == 409
    assert "no place free" in refused.get_json()["detail"]
    assert room.record(first, peer, "person", "not_this_time").status_code == 201
    assert room.record(second, peer, "peer", "could").status_code == 201


def test_a_hold_lapses_after_three_working_days_and_a_stalled_step_is_told_once(room: Any) -> None:
    peer, person = room.a_peer(), room.a_person()
    match = room.offer(person, peer)
    room.record(match, peer, "peer", "could")
    room.clock.move_to(MORNING + timedelta(days=2, minutes=1))
    assert room["matching"].tick() == 1
    assert room["matching"].tick() == 0
    assert [fact["step"] for fact in room.facts("match.stalled")] == ["person_choice"]
    room.clock.move_to(MORNING + timedelta(days=3, minutes=1))
    assert room["matching"].tick() == 1
    assert room.match(match)["state"] == "released"
    assert room.waiting()[0]["state"] == "waiting"
    assert room.facts("match.released")[0]["code"] == "hold_lapsed"


def test_a_peer_who_does_not_answer_in_time_is_told_to_a_coordinator(room: Any) -> None:
    match = room.offer(room.a_person(), room.a_peer())
    room.clock.move_to(MORNING + timedelta(days=3, minutes=1))
    assert room["matching"].tick() == 1
    assert [fact["step"] for fact in room.facts("match.stalled")] == ["peer_answer"]
    assert room.match(match)["state"] == "asking"


def started(room: Any, match: Any) -> None:
    fact = SupportStarted(
        support_id=match["match_id"], match_id=match["match_id"], referral_id=match["referral_id"],
        person_id=match["person_id"], peer_id=match["chosen_peer_id"], started_on=MORNING.date(),
        agreed_end_on=MORNING.date(),
    )  # fmt: skip
    room.tell("support", f"support/support/{match['match_id']}", fact)


def ended(room: Any, match: Any, *, wants_return: bool, ending: str = "planned") -> None:
    fact = SupportEnded(
        support_id=match["match_id"], match_id=match["match_id"], referral_id=match["referral_id"],
        person_id=match["person_id"], peer_id=match["chosen_peer_id"], ended_on=MORNING.date(), ending=ending,
        agreed_by="both", contacts_made_count=3, connections_alive_count=1, wants_return=wants_return,
    )  # fmt: skip
    room.tell("support", f"support/support/{match['match_id']}", fact)


def test_a_place_is_used_from_the_hold_to_the_end_of_support(room: Any) -> None:
    peer = room.a_peer(places=1)
    match = room.agreed(room.a_person(), peer)
    availability = lambda: room.coordinator.api("GET", "/api/v1/peers").get_json()[0]["availability"]  # noqa: E731
    assert availability() == "full"
    started(room, match)
    assert (availability(), room.match(match)["state"]) == ("full", "supported")
    ended(room, match, wants_return=False)
    assert (availability(), room.match(match)["state"]) == ("available", "ended")
    assert room.waiting() == []


def test_whoever_comes_back_after_support_keeps_their_first_day(room: Any) -> None:
    peer, person = room.a_peer(), room.a_person(days_ago=50)
    match = room.agreed(person, peer)
    started(room, match)
    ended(room, match, wants_return=True, ending="swap")
    assert [(row["state"], row["waiting_days"]) for row in room.waiting()] == [("waiting", 50)]
    assert [one["rule"] for one in room.shortlist(person)["excluded"]] == ["before"]


def test_taking_consent_back_lets_everything_go_at_once(room: Any) -> None:
    peer, person = room.a_peer(places=1), room.a_person()
    match = room.offer(person, peer)
    room.record(match, peer, "peer", "could")
    fact = ConsentWithdrawn(person_id=person.person_id, consent_id=room.ids.new(), withdrawn_at=MORNING)
    room.tell("referrals", f"referrals/person/{person.person_id}", fact)
    assert room.waiting() == []
    assert {one["code"] for one in room.facts("match.released")} == {"consent_withdrawn"}
    assert room.coordinator.api("GET", "/api/v1/peers").get_json()[0]["availability"] == "available"
    assert room.record(match, peer, "person", "yes").status_code == 409
    assert room.coordinator.api("GET", f"/api/v1/matches/shortlist/{person.referral_id}").status_code == 409


def test_a_closed_referral_is_off_the_board(room: Any) -> None:
    person = room.a_person()
    match = room.offer(person, room.a_peer())
    fact = ReferralClosed(
        referral_id=person.referral_id, person_id=person.person_id, closed_at=MORNING, outcome="withdrawn"
    )
    room.tell("referrals", f"referrals/referral/{person.referral_id}", fact)
    assert room.waiting() == []
    assert room.match(match)["code"] == "referral_closed"


def test_a_protected_person_has_no_place_and_nothing_is_offered_until_it_is_lifted(room: Any) -> None:
    peer, person = room.a_peer(), room.a_person("Hidden", area="north")
    match = room.offer(person, peer)
    stream = f"referrals/person/{person.person_id}"
    room.tell("referrals", stream, PersonProtected(person_id=person.person_id, protected_at=MORNING))
    row = room.waiting()[0]
    assert (row["area"], row["is_protected"], row["state"]) == ("", True, "waiting")
    assert room.waiting("north") == []
    assert room.match(match)["status"] == 404
    body = {"referral_id": person.referral_id, "peer_ids": [peer.who.id]}
    assert room.coordinator.api("POST", "/api/v1/matches", body).status_code == 409
    assert "Hidden" not in peer.page("/matching/offers").text
    room.tell("referrals", stream, PersonUnprotected(person_id=person.person_id, unprotected_at=MORNING))
    assert room.waiting("north")[0]["referral_id"] == person.referral_id
    assert room.match(match)["options"][0]["code"] == "not_needed_this_time"
    assert room.coordinator.api("POST", "/api/v1/matches", body).status_code == 201


def test_whoever_must_not_be_told_finds_nothing(room: Any) -> None:
    peer = room.a_peer()
    person = room.a_person(conflicts=(room.coordinator.who.id, peer.who.id))
    other = room.as_("coordinator")
    assert room.waiting() == []
    assert room.coordinator.api("GET", f"/api/v1/matches/shortlist/{person.referral_id}").status_code == 404
    found = other.api("GET", f"/api/v1/matches/shortlist/{person.referral_id}").get_json()
    assert [(one["rule"], one["count"]) for one in found["excluded"]] == [("conflict", 1)]


def test_every_match_fact_waits_for_the_persons_consent_and_referral(room: Any) -> None:
    import sqlalchemy as sa

    from chassis.tables import facts

    person = room.a_person()
    room.tell(
        "referrals",
        f"referrals/person/{person.person_id}",
        PersonProtected(person_id=person.person_id, protected_at=MORNING),
    )
    room.tell(
        "referrals",
        f"referrals/person/{person.person_id}",
        PersonUnprotected(person_id=person.person_id, unprotected_at=MORNING),
    )
    room.offer(person, room.a_peer())
    with room["matching"].reading() as unit:
        headers = unit.connection.execute(
            sa.select(facts.c.headers).where(facts.c.type.like("match.proposed%"))
        ).scalar_one()
    assert f"referrals/person/{person.person_id}@2" in headers
    assert f"referrals/referral/{person.referral_id}@1" in headers
