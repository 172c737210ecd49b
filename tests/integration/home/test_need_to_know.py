"""Who may learn of whom: protected and withdrawn people, forgotten names, timelines, and the audit of each look."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import matching, referrals, support
from tests.integration.home.conftest import Hall, Referred


def main_of(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def an_offer(hall: Hall) -> tuple[Referred, Any]:
    person, peer = hall.waiting("Jordan"), hall.an_account("Asha", "peer")
    match = hall.propose(person, peer)
    hall.answer(match, person, peer, "peer", "could")
    hall.answer(match, person, peer, "person", "yes")
    return person, peer


# ---- protected, withdrawn, forgotten ----


@pytest.mark.parametrize("step", ["received", "acknowledged"])
def test_somebody_still_opens_and_decides_for_a_protected_person_without_a_name(hall: Hall, step: str) -> None:
    person = hall.a_person("Jordan")
    if step == "acknowledged":
        hall.acknowledge(person)
    hall.protect(person)
    (line,) = hall.work_of(hall.coordinator)
    assert line.says == ("Open a referral" if step == "received" else "Decide about a referral")
    assert line.hint.startswith("By")
    assert "Jordan" not in hall.coordinator.page("/work").text


def test_nothing_else_of_a_protected_person_is_on_any_list_nor_on_their_own(hall: Hall) -> None:
    person, peer = an_offer(hall)
    assert len(hall.work_of(peer)) == 1
    hall.protect(person)
    for caller in (hall.coordinator, peer, person.own):
        assert hall.work_of(caller) == []
        assert "Jordan" not in caller.page("/work").text


def test_a_protected_person_who_waits_is_not_on_the_list_and_is_again_when_it_is_lifted(hall: Hall) -> None:
    person = hall.waiting("Jordan")
    hall.protect(person)
    assert hall.work_of(hall.coordinator) == []
    lifted = referrals.PersonUnprotected(person_id=person.person_id, unprotected_at=hall.now)
    hall.tell("referrals", "person", person.person_id, lifted)
    assert [line.says for line in hall.work_of(hall.coordinator)] == ["Find someone for Jordan"]


def test_withdrawn_consent_takes_a_person_off_every_list_at_once(hall: Hall) -> None:
    person, peer = an_offer(hall)
    fresh = hall.a_person("Robin")
    for one in (person, fresh):
        hall.withdraw(one)
    for caller in (hall.coordinator, peer, person.own, fresh.own):
        assert hall.work_of(caller) == []


def test_a_forgotten_person_has_no_name_and_still_a_next_step(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    hall.forget_keys_of(person.person_id)
    (line,) = hall.work_of(hall.coordinator)
    assert line.says == "Open a referral"
    assert "Jordan" not in hall.coordinator.page("/demo").text


def test_each_person_named_to_somebody_else_is_one_audit_row(hall: Hall) -> None:
    person, peer = an_offer(hall)
    hall.work_of(peer)
    assert hall.audited("person.listed") == [(peer.who.id, person.person_id, hall.audited("person.listed")[0][2])]
    hall.work_of(person.own)
    hall.work_of(hall.lead)
    assert len(hall.audited("person.listed")) == 1


def test_a_name_that_is_not_shown_is_no_audit_row(hall: Hall) -> None:
    person = hall.a_person("Jordan")
    hall.protect(person)
    hall.work_of(hall.coordinator)
    assert hall.audited("person.listed") == []


# ---- timelines ----


def test_a_timeline_tells_a_referral_in_order_in_words_and_by_whom(hall: Hall) -> None:
    person, asha = hall.a_person("Jordan"), hall.an_account("Asha", "peer")
    hall.clock.advance(hours=1)
    hall.acknowledge(person)
    hall.clock.advance(days=1)
    hall.accept(person)
    match = hall.agreed(person, asha)
    support_id = hall.start(match, person, asha)
    hall.of_pair(
        support.ContactRecorded, support_id, person, asha, contact_id=hall.ids.new(), kind="made", mode="phone",
        held_on=hall.now.date(),
    )  # fmt: skip
    hall.end(support_id, match, person, asha, wants_return=False)
    hall.of_referral(person, referrals.ReferralClosed, closed_at=hall.now, outcome="support_ended")
    page = hall.coordinator.page(f"/timelines/{person.referral_id}")
    assert page.status_code == 200
    told = [
        "Consent was recorded.",
        "The referral came in by the web page.",
        "Somebody opened the referral and told the referrer so.",
        "The referral was accepted.",
        "Peers were asked whether they could.",
        "Said “I could”.",
        "Said yes.",
        "Person and peer met once",
        "Both said yes.",
        "Support began",
        "They were in touch, by phone.",
        "Support ended: as planned.",
        "The referral ended: support came to its end.",
    ]
    places = [page.text.index(words) for words in told]
    assert places == sorted(places)
    assert "11am on 2 March 2026" in page.text
    assert "Ended" in page.text
    for hidden in ("Jordan", "Asha", asha.who.id, person.person_id):
        assert hidden not in main_of(page.text)
    assert hall.audited("timeline.read") == [(hall.coordinator.who.id, person.person_id, person.referral_id)]


@pytest.mark.parametrize("code", ["peer_paused", "peer_held_back"])
def test_a_timeline_never_says_why_a_peer_is_not_available(hall: Hall, code: str) -> None:
    person, asha = hall.waiting(), hall.an_account("Asha", "peer")
    hall.release(hall.propose(person, asha), person, code, asha)
    text = main_of(hall.coordinator.page(f"/timelines/{person.referral_id}").text)
    assert "One option was let go: not available." in text
    assert "pause" not in text
    assert "held" not in text


def test_a_timeline_is_ordered_by_when_things_were_said_not_by_when_they_were_heard(hall: Hall) -> None:
    person = hall.waiting()
    match_id = hall.ids.new()
    with hall["matching"].writing() as unit:
        unit.state(f"matching/match/{match_id}", matching.MatchProposed(
            match_id=match_id, referral_id=person.referral_id, person_id=person.person_id,
            peer_ids=(hall.ids.new(),), proposed_at=hall.now, answer_by=hall.now,
        ))  # fmt: skip
    hall.clock.advance(days=1)
    fact = referrals.ReferralClosed(
        referral_id=person.referral_id, person_id=person.person_id, closed_at=hall.now, outcome="withdrawn"
    )
    with hall["referrals"].writing() as unit:
        unit.state(f"referrals/referral/{person.referral_id}", fact)
    hall["referrals"].pump()
    hall["home"].pump()
    hall.quiet()
    text = main_of(hall.coordinator.page(f"/timelines/{person.referral_id}").text)
    assert text.index("Peers were asked") < text.index("The referral ended")


def test_protected_withdrawn_and_unknown_answer_with_the_same_words(hall: Hall) -> None:
    protected, withdrawn = hall.waiting(), hall.waiting()
    hall.protect(protected)
    hall.withdraw(withdrawn)
    answers = [
        hall.coordinator.page(f"/timelines/{referral_id}")
        for referral_id in (hall.ids.new(), protected.referral_id, withdrawn.referral_id)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({main_of(answer.text).split("Reference for help")[0] for answer in answers}) == 1
    assert hall.audited("timeline.read") == []


@pytest.mark.parametrize(
    ("role", "status"),
    [("network_lead", 200), ("peer", 403), ("supervisor", 403), ("partner_lead", 403), ("commissioner", 403)],
)
def test_a_timeline_is_for_those_who_need_it(hall: Hall, role: str, status: int) -> None:
    person = hall.a_person()
    assert hall.as_(role, partner_id=hall.partner_id).page(f"/timelines/{person.referral_id}").status_code == status


def test_one_persons_facts_are_not_on_anothers_timeline(hall: Hall) -> None:
    first, second = hall.waiting(), hall.a_person()
    hall.clock.advance(days=1)
    hall.propose(first, hall.an_account("Asha", "peer"))
    text = main_of(hall.coordinator.page(f"/timelines/{second.referral_id}").text)
    assert "Peers were asked" not in text
    assert text.count("Consent was recorded.") == 1
