"""A worry's way: raised anywhere, on a named list with a time, taken up, handed on, passed up, closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.partners import PartnerSuspended
from contracts.referrals import ConsentWithdrawn, ReferralClosed
from contracts.support import SupportEnded
from tests.builders import MORNING

WORDS = "He sounded hopeless."


def at(*parts: int) -> str:
    return datetime(*parts, tzinfo=UTC).isoformat()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("level", "owner", "by"),
    [
        (1, "supervisor", at(2026, 3, 3, 17, 0)),
        (2, "coordinator", at(2026, 3, 2, 14, 0)),
        (3, "safeguarding_lead", at(2026, 3, 2, 11, 0)),
        (4, "safeguarding_lead", at(2026, 3, 2, 10, 0)),
    ],
)
def test_a_worry_stands_on_a_named_list_with_a_time(
    room: Any, staff: dict[str, Any], level: int, owner: str, by: str
) -> None:
    peer = room.a_peer()
    fact = room.a_worry(level, about_id=room.a_person(peer=peer))
    assert [(one["concern_id"], one["acknowledge_by"]) for one in room.list_of(staff[owner])] == [(fact.worry_id, by)]
    for name, who in staff.items():
        assert (room.list_of(who) != []) == (name == owner)
    stated = room.facts("concern.raised")
    assert [(one["concern_id"], one["level"], one["owner_id"], one["raised_by_id"]) for one in stated] == [
        (fact.worry_id, level, staff[owner].who.id, fact.raised_by_id)
    ]


def test_the_clock_runs_from_when_it_was_raised_not_from_when_it_arrived(room: Any, staff: dict[str, Any]) -> None:
    room.a_worry(2, at=MORNING - timedelta(minutes=30))
    assert room.list_of(staff["coordinator"])[0]["acknowledge_by"] == at(2026, 3, 2, 13, 30)


def test_level_1_is_answered_on_the_next_working_day_over_easter(room: Any, staff: dict[str, Any]) -> None:
    peer = room.a_peer()
    room.go(datetime(2026, 4, 2, 12, tzinfo=UTC))
    room.a_worry(1, room="support", about="other", raised_by="peer", raised_by_id=peer.who.id)
    # Good Friday, the weekend and Easter Monday pass; 17:00 in London is 16:00 UTC by then.
    assert room.list_of(staff["supervisor"])[0]["acknowledge_by"] == at(2026, 4, 7, 16, 0)


def test_a_fact_that_comes_twice_makes_one_concern(room: Any, staff: dict[str, Any]) -> None:
    from services.supervision import reactions

    fact = room.a_worry(2)
    with room["supervision"].writing() as unit:
        reactions.on_worry_raised(unit, fact)
    assert len(room.list_of(staff["coordinator"])) == 1
    assert len(room.facts("concern.raised")) == 1


# ---- whose supervisor


def test_a_peers_own_worry_goes_to_their_supervisor(room: Any, staff: dict[str, Any]) -> None:
    peer, other = room.a_peer("Asha"), room.an_account("Other", "supervisor")
    room.a_worry(1, room="matching", about="other", raised_by="peer", raised_by_id=peer.who.id)
    owners = [who for who in (staff["supervisor"], other) if room.list_of(who)]
    assert [who.who.id for who in owners] == [room.mine(peer)["supervisor_id"]]


def test_a_worry_about_a_peer_goes_to_that_peers_supervisor_even_in_another_partner(
    room: Any, staff: dict[str, Any]
) -> None:
    north = room.a_partner("North House")
    far = room.an_account("Far", "supervisor", partner_id=north)
    peer = room.a_peer(partner_id=north)
    room.a_worry(1, room="support", about="peer", about_id=peer.who.id, raised_by="person")
    assert [len(room.list_of(who)) for who in (far, staff["supervisor"])] == [1, 0]


def test_a_person_who_is_worried_reaches_the_supervisor_of_whoever_walks_beside_them(
    room: Any, staff: dict[str, Any]
) -> None:
    person = room.a_person(peer=room.a_peer())
    room.a_worry(1, room="support", about="other", raised_by="person", raised_by_id=person)
    assert len(room.list_of(staff["supervisor"])) == 1


def test_a_worry_about_the_supervisor_goes_past_them_and_they_never_learn_of_it(
    room: Any, staff: dict[str, Any]
) -> None:
    peer = room.a_peer()
    supervisor = staff["supervisor"]
    fact = room.a_worry(
        1, room="support", about="supervisor", about_id=supervisor.who.id, raised_by="peer", raised_by_id=peer.who.id
    )
    assert room.list_of(supervisor) == []
    assert len(room.list_of(staff["coordinator"])) == 1
    assert supervisor.api("GET", f"/api/v1/concerns/{fact.worry_id}").status_code == 404
    assert all(supervisor.who.id not in str(one) for one in room.facts("concern"))
    # However late it gets, it never comes to them.
    for _ in range(6):
        room.go(days=3)
        room.tick()
        assert room.list_of(supervisor) == []
    refused = staff["network_lead"].api(
        "POST", f"/api/v1/concerns/{fact.worry_id}/handing-on", {"owner_id": supervisor.who.id}
    )
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "OwnerMayNot")


def test_about_a_partner_nobody_of_that_partner_owns_it(room: Any, staff: dict[str, Any]) -> None:
    far = room.an_account("Far", "coordinator", partner_id=room.a_partner("North House"))
    room.a_worry(2, about="partner", about_id=room.partner_id)
    assert [len(room.list_of(who)) for who in (far, staff["coordinator"])] == [1, 0]


def test_of_several_the_one_with_least_in_hand_gets_it(room: Any, staff: dict[str, Any]) -> None:
    second = room.an_account("Second", "coordinator")
    for _ in range(4):
        room.a_worry(2)
    assert [len(room.list_of(who)) for who in (staff["coordinator"], second)] == [2, 2]


# ---- nobody there


def test_with_nobody_it_waits_on_the_network_leads_list_and_goes_to_the_first_who_may_own_it(room: Any) -> None:
    fact = room.a_worry(3)
    stated = room.facts("concern.raised")
    assert [one["owner_id"] for one in stated] == [None]
    looks = room.as_("network_lead")
    unowned = looks.api("GET", "/api/v1/concerns/unowned").get_json()
    assert [one["concern_id"] for one in unowned] == [fact.worry_id]
    assert "Nobody owns these yet" in looks.page("/worries").text
    assert room.as_("coordinator").api("GET", "/api/v1/concerns/unowned").status_code == 403
    assert room.tick() == 0
    room.go(hours=3)
    lead = room.an_account("Sade", "safeguarding_lead")
    assert room.tick() == 1
    row = room.list_of(lead)[0]
    assert row["acknowledge_by"] == (room.now + timedelta(hours=1)).isoformat()
    given = room.facts("concern.handed_on")
    assert [(one["from_id"], one["owner_id"]) for one in given] == [(None, lead.who.id)]
    assert looks.api("GET", "/api/v1/concerns/unowned").get_json() == []


def test_a_network_lead_is_not_shown_a_worry_about_themselves_that_nobody_owns(room: Any) -> None:
    lead = room.an_account("Nia", "network_lead")
    room.a_worry(3, about="other", about_id=lead.who.id)
    assert lead.api("GET", "/api/v1/concerns/unowned").get_json() == []
    assert len(room.as_("network_lead").api("GET", "/api/v1/concerns/unowned").get_json()) == 1
    assert room.list_of(lead) == []


# ---- taken up, handed on, closed


def test_a_worry_is_taken_up_and_then_closed_by_its_owner(room: Any, staff: dict[str, Any]) -> None:
    owner, fact = staff["coordinator"], room.a_worry(2)
    early = owner.api("POST", f"/api/v1/concerns/{fact.worry_id}/closing", {"code": "talked_through"})
    assert (early.status_code, early.get_json()["rule"]) == (409, "AcknowledgeFirst")
    assert room.do(owner, fact.worry_id, "acknowledgement") == 200
    assert room.do(owner, fact.worry_id, "acknowledgement") == 409
    room.go(days=5)
    assert room.tick() == 0
    assert room.do(owner, fact.worry_id, "closing", {"code": "plan_in_place"}) == 200
    assert room.do(owner, fact.worry_id, "closing", {"code": "plan_in_place"}) == 409
    assert room.list_of(owner) == []
    assert [one["owner_id"] for one in room.facts("concern.acknowledged")] == [owner.who.id]
    assert [(one["owner_id"], one["code"]) for one in room.facts("concern.closed")] == [(owner.who.id, "plan_in_place")]


def test_a_worry_handed_on_starts_its_clock_again_and_leaves_the_first_owner(room: Any, staff: dict[str, Any]) -> None:
    first, then = staff["coordinator"], staff["safeguarding_lead"]
    fact = room.a_worry(2)
    room.do(first, fact.worry_id, "acknowledgement")
    room.go(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert room.do(first, fact.worry_id, "handing-on", {"owner_id": then.who.id}) == 204
    assert room.list_of(first) == []
    row = room.list_of(then)[0]
    assert (row["state"], row["acknowledge_by"]) == ("raised", at(2026, 3, 3, 10, 0))
    assert first.api("GET", f"/api/v1/concerns/{fact.worry_id}").status_code == 404
    assert room.do(first, fact.worry_id, "closing", {"code": "talked_through"}) == 404
    stated = room.facts("concern.handed_on")
    assert [(one["from_id"], one["owner_id"]) for one in stated] == [(first.who.id, then.who.id)]
    room.go(datetime(2026, 3, 3, 10, 1, tzinfo=UTC))
    assert room.tick() == 1
    assert len(room.list_of(staff["network_lead"])) == 1


@pytest.mark.parametrize("wrong", ["peer", "supervisor", "raiser", "nobody"])
def test_a_worry_is_not_handed_to_whoever_may_not_own_it(room: Any, staff: dict[str, Any], wrong: str) -> None:
    raiser = room.an_account("Raiser", "safeguarding_lead")
    fact = room.a_worry(2, about="other", raised_by="staff", raised_by_id=raiser.who.id)
    to = {
        "peer": room.a_peer().who.id,
        "supervisor": staff["supervisor"].who.id,
        "raiser": raiser.who.id,
        "nobody": room.ids.new(),
    }
    assert room.do(staff["coordinator"], fact.worry_id, "handing-on", {"owner_id": to[wrong]}) == 422
    assert len(room.list_of(staff["coordinator"])) == 1


# ---- passed up


def test_a_worry_nobody_took_up_goes_up_the_ladder_once_a_step_and_stays_with_the_last(
    room: Any, staff: dict[str, Any]
) -> None:
    fact = room.a_worry(2)
    room.go(datetime(2026, 3, 2, 13, 59, tzinfo=UTC))
    assert room.tick() == 0
    room.go(minutes=1)
    assert room.tick() == 1
    assert room.tick() == 0
    assert room.list_of(staff["coordinator"]) == []
    assert room.list_of(staff["safeguarding_lead"])[0]["acknowledge_by"] == at(2026, 3, 2, 18, 0)
    room.go(hours=4)
    assert room.tick() == 1
    assert room.list_of(staff["network_lead"])[0]["acknowledge_by"] == at(2026, 3, 3, 10, 0)
    room.go(days=9)
    assert room.tick() == 0
    assert [one["is_late"] for one in room.list_of(staff["network_lead"])] == [True]
    steps = [(one["from_id"], one["owner_id"]) for one in room.facts("concern.escalated")]
    assert steps == [
        (staff["coordinator"].who.id, staff["safeguarding_lead"].who.id),
        (staff["safeguarding_lead"].who.id, staff["network_lead"].who.id),
    ]
    assert room.do(staff["network_lead"], fact.worry_id, "acknowledgement") == 200


def test_level_4_goes_up_after_ten_minutes_unless_it_was_taken_up(room: Any, staff: dict[str, Any]) -> None:
    taken, left = room.a_worry(4), room.a_worry(4)
    assert room.do(staff["safeguarding_lead"], taken.worry_id, "acknowledgement") == 200
    room.go(minutes=9)
    assert room.tick() == 0
    room.go(minutes=1)
    assert room.tick() == 1
    assert [one["concern_id"] for one in room.list_of(staff["network_lead"])] == [left.worry_id]


def test_a_late_worry_goes_up_as_soon_as_somebody_stands_further_up(room: Any) -> None:
    owner = room.an_account("Cora", "coordinator")
    room.a_worry(2)
    room.go(hours=5)
    assert room.tick() == 0
    assert len(room.list_of(owner)) == 1
    lead = room.an_account("Nia", "network_lead")
    assert room.tick() == 1
    assert len(room.list_of(lead)) == 1


def test_the_worries_of_a_suspended_partners_accounts_go_to_others(room: Any, staff: dict[str, Any]) -> None:
    fact = room.a_worry(2)
    room.do(staff["coordinator"], fact.worry_id, "acknowledgement")
    far = room.an_account("Far", "coordinator", partner_id=room.a_partner("North House"))
    stated = PartnerSuspended(partner_id=room.partner_id, suspended_at=room.now)
    room.tell("partners", f"partners/partner/{room.partner_id}", stated)
    assert [len(room.list_of(who)) for who in (staff["coordinator"], far)] == [0, 1]


# ---- what never closes one, and whose words they are


def test_withdrawal_and_endings_never_close_a_worry(room: Any, staff: dict[str, Any]) -> None:
    peer = room.a_peer()
    person = room.a_person()
    support_id = room.support(person, peer)
    fact = room.a_worry(2, about_id=person)
    room.tell("referrals", f"referrals/person/{person}", ConsentWithdrawn(
        person_id=person, consent_id=room.ids.new(), withdrawn_at=room.now,
    ))  # fmt: skip
    referral_id = room.ids.new()
    room.tell("referrals", f"referrals/referral/{referral_id}", ReferralClosed(
        referral_id=referral_id, person_id=person, closed_at=room.now, outcome="withdrawn",
    ))  # fmt: skip
    room.tell("support", f"support/support/{support_id}", SupportEnded(
        support_id=support_id, match_id=room.ids.new(), referral_id=referral_id, person_id=person,
        peer_id=peer.who.id, ended_on=room.today, ending="early_by_choice", agreed_by="person",
        contacts_made_count=0, connections_alive_count=0, wants_return=False,
    ))  # fmt: skip
    assert [one["concern_id"] for one in room.list_of(staff["coordinator"])] == [fact.worry_id]
    opened = staff["coordinator"].api("GET", f"/api/v1/concerns/{fact.worry_id}").get_json()
    assert opened["words"] == WORDS


def test_only_the_owner_reads_the_words_and_each_reading_is_audited(room: Any, staff: dict[str, Any]) -> None:
    person = room.a_person()
    fact = room.a_worry(2, about_id=person)
    owner = staff["coordinator"]
    for who in staff.values():
        expected = 200 if who is owner else 404
        assert who.api("GET", f"/api/v1/concerns/{fact.worry_id}").status_code == expected
        assert who.page(f"/worries/{fact.worry_id}").status_code == expected
    rows = room.audited("worry.open")
    assert [(row.who_id, row.subject, row.record) for row in rows] == [(owner.who.id, person, fact.worry_id)] * 2
    assert WORDS not in room.all_that_was_said()
    assert WORDS not in owner.api("GET", "/api/v1/concerns").text


def test_the_words_of_somebody_forgotten_are_gone_and_the_worry_stays_with_its_codes(
    room: Any, staff: dict[str, Any]
) -> None:
    person = room.a_person("Jordan")
    fact = room.a_worry(3, about_id=person)
    room.forget_keys_of(person)
    owner = staff["safeguarding_lead"]
    opened = owner.api("GET", f"/api/v1/concerns/{fact.worry_id}").get_json()
    assert (opened["words"], opened["level"], opened["about"]) == (None, 3, "person")
    page = owner.page(f"/worries/{fact.worry_id}")
    assert page.status_code == 200
    assert "The words are gone" in page.text
    assert room.do(owner, fact.worry_id, "acknowledgement") == 200


def test_a_worry_whose_words_are_already_gone_when_it_arrives_still_exists(room: Any, staff: dict[str, Any]) -> None:
    from chassis.sealing import Ring
    from contracts.worries import WorryRaised

    person = room.ids.new()
    gone = Ring({(person, "worry"): b"k" * 32}).seal(person, "worry", "words nobody can open")
    fact = WorryRaised(
        worry_id=room.ids.new(), about="person", about_id=person, raised_by="referrer", raised_by_id=room.ids.new(),
        level=2, raised_at=room.now, words=gone,
    )  # fmt: skip
    room.tell("referrals", f"referrals/worry/{fact.worry_id}", fact)
    assert [one["concern_id"] for one in room.list_of(staff["coordinator"])] == [fact.worry_id]
    opened = staff["coordinator"].api("GET", f"/api/v1/concerns/{fact.worry_id}").get_json()
    assert opened["words"] is None
