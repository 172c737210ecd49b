"""One work list for each human being: what opens a line, what closes it, whose it is, and which come first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import matching, partners, referrals, reporting, supervision, support
from tests.builders import MORNING
from tests.integration.home.conftest import Hall, Referred


def says(lines: list[Any]) -> list[str]:
    return [line.says for line in lines]


@pytest.fixture
def asha(hall: Hall) -> Any:
    """A peer who joined and said what they take."""
    peer = hall.an_account("Asha", "peer")
    join(hall, peer)
    stated = matching.CapacityStated(peer_id=peer.who.id, places=2, stated_at=hall.now)
    hall.tell("matching", "peer", peer.who.id, stated)
    return peer


def join(hall: Hall, peer: Any) -> None:
    ring = hall["partners"].vault.make(peer.who.id, ["called"])
    joined = matching.PeerJoined(
        peer_id=peer.who.id, partner_id=hall.partner_id, called=ring.seal(peer.who.id, "called", "Asha"),
        joined_at=hall.now,
    )  # fmt: skip
    hall.tell("matching", "peer", peer.who.id, joined)


# ---- referrals ----


def test_a_referral_is_opened_then_decided_then_somebody_is_to_be_found(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("Open the referral of Jordan", f"/referrals/{person.referral_id}")
    assert (line.hint, line.is_late) == ("By 10am on 4 March 2026", False)
    hall.acknowledge(person)
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.hint) == ("Decide about the referral of Jordan", "By 10am on 7 March 2026")
    hall.clock.advance(days=1)
    hall.accept(person)
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("Find someone for Jordan", f"/matching/{person.referral_id}")
    assert line.hint == "Waiting since 2 March 2026"


@pytest.mark.parametrize("step", ["received", "acknowledged", "accepted"])
@pytest.mark.parametrize("end", ["declined", "closed"])
def test_a_referral_that_ends_leaves_nothing_to_do(hall: Hall, step: str, end: str) -> None:
    person = hall.a_person()
    if step != "received":
        hall.acknowledge(person)
    if step == "accepted":
        hall.accept(person)
    if end == "declined":
        hall.of_referral(
            person, referrals.ReferralDeclined, declined_at=hall.now, declined_by="person",
            reason="other_help_found",
        )  # fmt: skip
    else:
        hall.of_referral(person, referrals.ReferralClosed, closed_at=hall.now, outcome="withdrawn")
    assert hall.work_of(hall.coordinator) == []


def test_what_nobody_did_in_time_is_late_and_the_network_lead_asks(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    assert hall.work_of(hall.lead) == []
    hall.clock.advance(days=4)
    hall.of_referral(
        person, referrals.ReferralOverdue, step="acknowledgement", due_at=hall.now - timedelta(days=2),
        told_role="network_lead",
    )  # fmt: skip
    (line,) = hall.work_of(hall.lead)
    assert line.is_late
    assert (line.href, "Jordan" in line.says) == (f"/timelines/{person.referral_id}", False)
    assert [line.is_late for line in hall.work_of(hall.coordinator)] == [True]
    hall.acknowledge(person)
    assert hall.work_of(hall.lead) == []


# ---- matches ----


def test_a_match_asks_each_side_in_turn(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    match = hall.propose(person, asha)
    assert says(hall.work_of(hall.coordinator)) == []
    (line,) = hall.work_of(asha)
    assert (line.says, line.href) == ("Say whether you could be a peer for Jordan", "/matching/offers")
    assert line.hint == "By 10am on 5 March 2026"
    assert hall.work_of(person.own) == []
    hall.answer(match, person, asha, "peer", "could")
    assert hall.work_of(asha) == []
    (line,) = hall.work_of(person.own)
    assert (line.says.startswith("Someone could be your peer"), line.href) == (True, "/my/match")
    hall.answer(match, person, asha, "person", "yes")
    assert hall.work_of(person.own) == []
    assert says(hall.work_of(asha)) == ["Meet Jordan once, and say when you have"]
    hall.taster(match, person, asha)
    assert says(hall.work_of(asha)) == ["Say whether you would like to begin with Jordan"]
    assert says(hall.work_of(person.own)) == ["You have met Asha: say whether you would like to begin"]
    hall.answer(match, person, asha, "person", "yes")
    assert hall.work_of(person.own) == []
    assert len(hall.work_of(asha)) == 1
    hall.answer(match, person, asha, "peer", "yes")
    hall.agree(match, person, asha)
    assert [(line.says, line.href) for line in hall.work_of(asha)] == [
        ("Agree an end date with Jordan, and begin", "/support")
    ]


def test_two_peers_who_could_are_one_choice(hall: Hall, asha: Any) -> None:
    person, ben = hall.waiting(), hall.an_account("Ben", "peer")
    match = hall.propose(person, asha, ben)
    for peer in (asha, ben):
        hall.answer(match, person, peer, "peer", "could")
    assert len(hall.work_of(person.own)) == 1
    hall.release(match, person, "hold_lapsed", asha)
    assert len(hall.work_of(person.own)) == 1
    hall.release(match, person, "hold_lapsed", ben)
    assert hall.work_of(person.own) == []


def test_an_option_not_needed_leaves_that_peers_list_alone(hall: Hall, asha: Any) -> None:
    person, ben = hall.waiting(), hall.an_account("Ben", "peer")
    match = hall.propose(person, asha, ben)
    hall.release(match, person, "not_needed_this_time", ben)
    assert len(hall.work_of(asha)) == 1
    assert hall.work_of(ben) == []


def test_a_match_let_go_puts_the_person_back_with_their_first_day(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    hall.clock.advance(days=3)
    match = hall.propose(person, asha)
    hall.release(match, person, "peer_not_this_time", asha)
    hall.release(match, person, "peer_not_this_time")
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.hint) == ("Find someone for Jordan", "Waiting since 2 March 2026")
    assert hall.work_of(asha) == []


def test_the_end_of_an_older_match_heard_late_does_not_ask_for_somebody_again(hall: Hall, asha: Any) -> None:
    person = hall.waiting()
    first = hall.propose(person, asha)
    hall.propose(person, asha)
    hall.release(first, person, "hold_lapsed")
    assert hall.work_of(hall.coordinator) == []


def test_a_match_let_go_because_the_referral_ended_asks_for_nobody(hall: Hall, asha: Any) -> None:
    person = hall.waiting()
    match = hall.propose(person, asha)
    hall.of_referral(person, referrals.ReferralClosed, closed_at=hall.now, outcome="withdrawn")
    hall.release(match, person, "referral_closed")
    assert hall.work_of(hall.coordinator) == []


@pytest.mark.parametrize(
    ("step", "answers"),
    [("peer_answer", [("peer", "could")]), ("person_choice", [("peer", "could"), ("person", "yes")])],
)
def test_a_stalled_step_is_looked_at_until_it_is_taken(hall: Hall, asha: Any, step: str, answers: list[Any]) -> None:
    person = hall.waiting("Jordan")
    match = hall.propose(person, asha)
    hall.of_match(match, matching.MatchStalled(
        match_id=match, referral_id=person.referral_id, person_id=person.person_id, step=step,
        due_at=hall.now - timedelta(hours=1),
    ))  # fmt: skip
    (line,) = hall.work_of(hall.coordinator)
    assert (line.says, line.href) == ("See what holds up the match of Jordan", f"/matching/match/{match}")
    assert line.is_late
    for side, said in answers:
        hall.answer(match, person, asha, side, said)
    assert hall.work_of(hall.coordinator) == []


def test_a_peer_is_never_late(hall: Hall, asha: Any) -> None:
    hall.propose(hall.waiting(), asha)
    hall.clock.advance(days=30)
    (line,) = hall.work_of(asha)
    assert not line.is_late
    assert "past" not in asha.page("/work").text.split("<main")[1].split("</main>")[0]


# ---- support ----


def test_a_pair_sees_its_meeting_and_afterwards_the_peer_two_taps(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    support_id = hall.start(hall.agreed(person, asha), person, asha)
    assert hall.work_of(asha) == []
    hall.of_pair(
        support.MeetingPlanned, support_id, person, asha, meeting_id=hall.ids.new(), mode="in_person",
        starts_at=hall.now + timedelta(days=2),
    )  # fmt: skip
    (line,) = hall.work_of(asha)
    assert (line.says, line.hint, line.href) == (
        "You meet Jordan", "At 10am on 4 March 2026", f"/support/{support_id}",
    )  # fmt: skip
    assert [(line.says, line.href) for line in hall.work_of(person.own)] == [("You meet Asha", "/my/support")]
    hall.clock.advance(days=2, hours=1)
    (line,) = hall.work_of(asha)
    assert (line.says, line.is_late) == ("If you met Jordan, say so in two taps", False)
    assert hall.work_of(person.own) == []
    hall.of_pair(
        support.ContactRecorded, support_id, person, asha, contact_id=hall.ids.new(), kind="made", mode="in_person",
        held_on=hall.now.date(),
    )  # fmt: skip
    assert hall.work_of(asha) == []


def test_a_contact_leaves_the_next_meeting_where_it_is(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    support_id = hall.start(hall.agreed(person, asha), person, asha)
    hall.of_pair(
        support.MeetingPlanned, support_id, person, asha, meeting_id=hall.ids.new(), mode="phone",
        starts_at=hall.now + timedelta(days=7),
    )  # fmt: skip
    hall.of_pair(
        support.ContactRecorded, support_id, person, asha, contact_id=hall.ids.new(), kind="made", mode="phone",
        held_on=hall.now.date(),
    )  # fmt: skip
    assert says(hall.work_of(asha)) == ["You meet Jordan"]


def test_planning_the_ending_appears_four_weeks_before(hall: Hall, asha: Any) -> None:
    person = hall.waiting("Jordan")
    hall.start(hall.agreed(person, asha), person, asha, days=60)
    hall.clock.advance(days=31)
    assert hall.work_of(asha) == []
    hall.clock.advance(days=2)
    (line,) = hall.work_of(asha)
    assert (line.says, line.hint) == ("Plan the ending together with Jordan", "Agreed for 1 May 2026")


@pytest.mark.parametrize(("wants_return", "expected"), [(False, []), (True, ["Find someone for Jordan"])])
def test_an_ended_support_leaves_nothing_or_a_person_who_waits_again(
    hall: Hall, asha: Any, wants_return: bool, expected: list[str]
) -> None:
    person = hall.waiting("Jordan")
    match = hall.agreed(person, asha)
    support_id = hall.start(match, person, asha)
    hall.end(support_id, match, person, asha, wants_return=wants_return)
    assert hall.work_of(asha) == []
    assert hall.work_of(person.own) == []
    assert says(hall.work_of(hall.coordinator)) == expected


def test_a_support_heard_of_before_its_match_leaves_nothing_to_begin(hall: Hall, asha: Any) -> None:
    person, match = hall.waiting(), hall.ids.new()
    hall.start(match, person, asha)
    hall.agree(match, person, asha)
    assert hall.work_of(asha) == []
    assert hall.work_of(hall.coordinator) == []


# ---- supervision ----


def test_supervision_is_planned_by_the_supervisor_and_confirmed_by_both(hall: Hall, asha: Any) -> None:
    meera, session = hall.an_account("Meera", "supervisor"), hall.ids.new()
    due_at = hall.now + timedelta(days=7)
    about = {"peer_id": asha.who.id, "kind": "line", "due_at": due_at}
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(
        partner_id=hall.partner_id, supervisor_id=meera.who.id, **about,
    ))  # fmt: skip
    assert [(line.says, line.href) for line in hall.work_of(meera)] == [("Plan supervision with Asha", "/supervision")]
    assert hall.work_of(asha) == []
    hall.tell("supervision", "session", session, supervision.SupervisionPlanned(
        session_id=session, supervisor_id=meera.who.id, starts_at=hall.now + timedelta(days=2), **about,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["Supervision with Asha"]
    assert [(line.says, line.href) for line in hall.work_of(asha)] == [
        ("Your supervision with Meera", "/supervision/mine")
    ]
    hall.clock.advance(days=3)
    assert says(hall.work_of(meera)) == ["Say whether supervision with Asha was held"]
    assert says(hall.work_of(asha)) == ["Say whether your supervision with Meera was held"]
    hall.tell("supervision", "session", session, supervision.SupervisionHeld(
        session_id=session, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line", held_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(meera) == hall.work_of(asha) == []


def test_a_peer_without_a_supervisor_is_the_network_leads_to_settle(hall: Hall, asha: Any) -> None:
    about = {"peer_id": asha.who.id, "partner_id": hall.partner_id, "kind": "line", "due_at": hall.now}
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(supervisor_id=None, **about))
    assert says(hall.work_of(hall.lead)) == ["Find a supervisor for Asha"]
    meera = hall.an_account("Meera", "supervisor")
    hall.tell("supervision", "peer", asha.who.id, supervision.SupervisionDue(supervisor_id=meera.who.id, **about))
    assert hall.work_of(hall.lead) == []
    assert says(hall.work_of(meera)) == ["Plan supervision with Asha"]


def owe(hall: Hall, peer: Any, supervisor: Any, days: int) -> None:
    hall.tell("supervision", "peer", peer.who.id, supervision.SupervisionDue(
        peer_id=peer.who.id, partner_id=hall.partner_id, supervisor_id=supervisor.who.id, kind="line",
        due_at=MORNING + timedelta(days=days),
    ))  # fmt: skip


def plan(hall: Hall, peer: Any, supervisor: Any, days: int, *, due: int) -> str:
    session_id = hall.ids.new()
    hall.tell("supervision", "session", session_id, supervision.SupervisionPlanned(
        session_id=session_id, peer_id=peer.who.id, supervisor_id=supervisor.who.id, kind="line",
        starts_at=MORNING + timedelta(days=days), due_at=MORNING + timedelta(days=due),
    ))  # fmt: skip
    return session_id


def test_a_session_missed_or_declined_is_planned_again(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    owe(hall, asha, meera, 7)
    session_id = plan(hall, asha, meera, 2, due=7)
    hall.tell("supervision", "session", session_id, supervision.SupervisionMissed(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, missed_by="other", missed_at=hall.now,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["Plan supervision with Asha"]
    assert hall.work_of(asha) == []


@pytest.mark.parametrize("next_one_first", [True, False])
def test_the_next_session_is_planned_once_this_one_was_held(hall: Hall, asha: Any, next_one_first: bool) -> None:
    meera = hall.an_account("Meera", "supervisor")
    owe(hall, asha, meera, 7)
    session_id = plan(hall, asha, meera, 2, due=7)
    held = supervision.SupervisionHeld(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line", held_at=hall.now
    )
    if next_one_first:
        owe(hall, asha, meera, 30)
        assert says(hall.work_of(meera)) == ["Supervision with Asha"]
        hall.tell("supervision", "session", session_id, held)
    else:
        hall.tell("supervision", "session", session_id, held)
        assert hall.work_of(meera) == []
        owe(hall, asha, meera, 30)
    (line,) = hall.work_of(meera)
    assert (line.says, line.hint) == ("Plan supervision with Asha", "By 11am on 1 April 2026")


def test_a_session_planned_before_its_due_is_heard_of_is_not_planned_twice(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    plan(hall, asha, meera, 2, due=7)
    owe(hall, asha, meera, 7)
    assert says(hall.work_of(meera)) == ["Supervision with Asha"]


def test_a_session_that_is_moved_shows_its_new_time(hall: Hall, asha: Any) -> None:
    meera = hall.an_account("Meera", "supervisor")
    session_id = plan(hall, asha, meera, 2, due=7)
    hall.tell("supervision", "session", session_id, supervision.SupervisionPlanned(
        session_id=session_id, peer_id=asha.who.id, supervisor_id=meera.who.id, kind="line",
        starts_at=MORNING + timedelta(days=3), due_at=MORNING + timedelta(days=7),
    ))  # fmt: skip
    for caller in (meera, asha):
        assert [line.hint for line in hall.work_of(caller)] == ["At 10am on 5 March 2026"]


# ---- worries ----


def a_worry(hall: Hall, owner: Any, raiser: Any) -> str:
    concern_id = hall.ids.new()
    hall.tell("supervision", "concern", concern_id, supervision.ConcernRaised(
        concern_id=concern_id, level=2, owner_id=owner.who.id if owner else None, raised_by_id=raiser.who.id,
        acknowledge_by=hall.now + timedelta(hours=4), raised_at=hall.now,
    ))  # fmt: skip
    return concern_id


def test_a_worry_is_on_its_owners_list_alone_and_in_hand_for_whoever_raised_it(hall: Hall, asha: Any) -> None:
    meera, other = hall.an_account("Meera", "supervisor"), hall.an_account("Nour", "supervisor")
    concern_id = a_worry(hall, meera, asha)
    (line,) = hall.work_of(meera)
    assert (line.says, line.href, line.hint) == (
        "A worry is on your list: read it", "/worries", "By 2pm on 2 March 2026",
    )  # fmt: skip
    (line,) = hall.work_of(asha)
    assert (line.says, line.href) == ("The worry you raised is in hand", None)
    for caller in (other, hall.coordinator, hall.lead, hall.as_("safeguarding_lead"), hall.as_("administrator")):
        assert hall.work_of(caller) == []
    hall.tell("supervision", "concern", concern_id, supervision.ConcernAcknowledged(
        concern_id=concern_id, owner_id=meera.who.id, acknowledged_at=hall.now,
    ))  # fmt: skip
    assert says(hall.work_of(meera)) == ["A worry is in your hands"]
    hall.tell("supervision", "concern", concern_id, supervision.ConcernClosed(
        concern_id=concern_id, owner_id=meera.who.id, code="plan_in_place", closed_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(meera) == hall.work_of(asha) == []


@pytest.mark.parametrize(
    ("kind", "moment"),
    [(supervision.ConcernHandedOn, "handed_on_at"), (supervision.ConcernEscalated, "escalated_at")],
)
def test_a_worry_with_a_new_owner_leaves_the_old_ones_list(hall: Hall, asha: Any, kind: type, moment: str) -> None:
    meera, other = hall.an_account("Meera", "supervisor"), hall.an_account("Nour", "safeguarding_lead")
    concern_id = a_worry(hall, meera, asha)
    hall.tell("supervision", "concern", concern_id, kind(
        concern_id=concern_id, from_id=meera.who.id, owner_id=other.who.id,
        acknowledge_by=hall.now + timedelta(hours=1), **{moment: hall.now},
    ))  # fmt: skip
    assert hall.work_of(meera) == []
    assert says(hall.work_of(other)) == ["A worry is on your list: read it"]


def test_a_worry_nobody_can_own_yet_is_the_network_leads_to_settle(hall: Hall, asha: Any) -> None:
    concern_id = a_worry(hall, None, asha)
    assert says(hall.work_of(hall.lead)) == ["A worry has nobody yet: see who can take it"]
    assert hall.work_of(hall.coordinator) == []
    meera = hall.an_account("Meera", "supervisor")
    hall.tell("supervision", "concern", concern_id, supervision.ConcernHandedOn(
        concern_id=concern_id, from_id=None, owner_id=meera.who.id, acknowledge_by=hall.now, handed_on_at=hall.now,
    ))  # fmt: skip
    assert hall.work_of(hall.lead) == []
    assert len(hall.work_of(meera)) == 1


# ---- partners, network, commissioners ----


def test_a_new_peer_is_welcomed_by_their_own_partner_and_then_says_what_they_take(hall: Hall) -> None:
    peer = hall.an_account("Asha", "peer")
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    theirs = hall.as_("partner_lead", partner_id=hall.a_partner("Harbour Lights"))
    assert [(line.says, line.href) for line in hall.work_of(ours)] == [("Welcome Asha as a peer", "/peers/joining")]
    assert hall.work_of(theirs) == []
    join(hall, peer)
    assert hall.work_of(ours) == []
    assert [line.href for line in hall.work_of(peer)] == ["/peers/me"]


def test_a_suspended_partner_sees_nothing(hall: Hall) -> None:
    hall.an_account("Asha", "peer")
    ours = hall.as_("partner_lead", partner_id=hall.partner_id)
    fact = partners.PartnerSuspended(partner_id=hall.partner_id, suspended_at=hall.now)
    hall.tell("partners", "partner", hall.partner_id, fact)
    assert hall.work_of(ours) == []
    lifted = partners.PartnerResumed(partner_id=hall.partner_id, resumed_at=hall.now)
    hall.tell("partners", "partner", hall.partner_id, lifted)
    assert len(hall.work_of(ours)) == 1


def test_an_agreement_is_renewed_before_it_ends(hall: Hall) -> None:
    def sign(days: int) -> None:
        hall.tell("partners", "partner", hall.partner_id, partners.AgreementSigned(
            partner_id=hall.partner_id, agreement_id=hall.ids.new(), starts_on=hall.now.date(),
            ends_on=hall.now.date() + timedelta(days=days),
        ))  # fmt: skip

    sign(100)
    assert hall.work_of(hall.lead) == []
    hall.clock.advance(days=50)
    (line,) = hall.work_of(hall.lead)
    assert (line.says, line.hint) == ("Renew the agreement with Kindred Voices", "Ends on 10 June 2026")
    sign(365)
    assert hall.work_of(hall.lead) == []


def test_commissioners_see_the_newest_report_once(hall: Hall) -> None:
    commissioner = hall.as_("commissioner")
    assert hall.work_of(commissioner) == []
    for day in (0, 1):
        hall.clock.advance(days=day)
        report_id = hall.ids.new()
        hall.tell("reporting", "report", report_id, reporting.ReportPublished(
            period_id=hall.ids.new(), report_id=report_id, covers_until=hall.now, published_at=hall.now,
        ))  # fmt: skip
    (line,) = hall.work_of(commissioner)
    assert (line.says, line.href, line.hint) == ("Read the newest report", "/reports", "Published on 3 March 2026")


# ---- the list ----


def test_late_ones_come_first_and_are_counted(hall: Hall) -> None:
    soon = [hall.a_person(called, due_in_days=days) for called, days in (("Soon", 1), ("Later", 9), ("Next", 4))]
    hall.accept(hall.a_person("Waiting", due_in_days=1))
    assert len(soon) == 3
    hall.clock.advance(days=2)
    lines = hall.work_of(hall.coordinator)
    assert [(line.says.split()[-1], line.is_late) for line in lines] == [
        ("Soon", True), ("Next", False), ("Later", False), ("Waiting", False),
    ]  # fmt: skip
    assert "4 things wait for you. One of them is past its time." in hall.coordinator.page("/work").text


def test_a_long_list_is_turned_over_in_pages(hall: Hall) -> None:
    people = [hall.a_person(f"Person{number}", due_in_days=number) for number in range(1, 28)]
    first, second = (hall.coordinator.page(f"/work?page={number}").text for number in (1, 2))
    assert [f"Person{number}\n" in first for number in (1, 25, 26)] == [True, True, False]
    assert [f"Person{number}\n" in second for number in (25, 26, 27)] == [False, True, True]
    assert len(people) == 27
    assert "Your work (page 2 of 2)" in second


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1e3", "٣"])
def test_a_page_that_is_not_there_shows_the_nearest(hall: Hall, page: str) -> None:
    hall.a_person("Jordan")
    assert "Open the referral of Jordan" in hall.coordinator.page(f"/work?page={page}").text


def test_nobody_sees_what_is_addressed_to_somebody_else(hall: Hall, asha: Any) -> None:
    ben, stranger = hall.an_account("Ben", "peer"), hall.as_person(hall.ids.new())
    person: Referred = hall.waiting()
    match = hall.propose(person, asha)
    hall.answer(match, person, asha, "peer", "could")
    for caller in (ben, stranger, hall.lead, hall.as_("referrer", partner_id=hall.partner_id)):
        assert hall.work_of(caller) == []


def test_hearing_everything_again_changes_no_list(hall: Hall, asha: Any) -> None:
    import sqlalchemy as sa

    from chassis import tables

    person, other = hall.waiting("Jordan"), hall.a_person("Robin")
    match = hall.propose(person, asha)
    hall.answer(match, person, asha, "peer", "could")
    callers = (hall.coordinator, asha, person.own, other.own)
    before = [hall.work_of(caller) for caller in callers]
    timeline = hall.coordinator.page(f"/timelines/{person.referral_id}").text.split("<main")[1]
    with hall["home"].database.writing() as connection:
        for table in (tables.inbox, tables.positions):
            connection.execute(sa.delete(table))
    hall["home"].listener.close()
    assert hall.quiet() > 0
    assert [hall.work_of(caller) for caller in callers] == before
    assert hall.coordinator.page(f"/timelines/{person.referral_id}").text.split("<main")[1] == timeline
