"""What facts of other rooms do to a support: once, in their turn, and hiding at once whoever must be hidden."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.tables import facts
from contracts import matching, referrals
from tests.builders import MORNING


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
