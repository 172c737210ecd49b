"""What a partner needs before it refers somebody new: an agreement in force, heard as a fact, at every door."""

from __future__ import annotations

import pytest

from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, Referrals


def test_under_a_lapsed_agreement_nobody_new_comes_in_by_page_api_or_fhir(room_on_each: Referrals) -> None:
    room = room_on_each
    assert room.post(a_referral(), key="sent before it lapsed").status_code == 201
    room.lapse(room.partner_id)
    answers = (room.submit(a_referral()), room.post(a_referral()), room.process(room.message()))
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert all("data-sharing agreement has ended" in answer.text for answer in answers)
    assert answers[1].get_json()["rule"] == "AgreementLapsed"
    assert room.count() == 1
    assert room.referrer.page("/referrals/new").status_code == 403


def test_what_is_under_way_goes_on_under_a_lapsed_agreement(room_on_each: Referrals) -> None:
    room = room_on_each
    sent = room.post(a_referral(), key="sent before it lapsed").get_json()
    room.lapse(room.partner_id)
    assert room.post(a_referral(), key="sent before it lapsed").get_json() == sent
    at = f"{AT}/{sent['referral_id']}"
    assert room.system.api("GET", at).status_code == 200
    assert room.referrer.page(f"/referrals/{sent['referral_id']}").status_code == 200
    assert room.coordinator.api("POST", f"{at}/acknowledgement").status_code == 200
    assert room.coordinator.api("POST", f"{at}/acceptance").status_code == 200


@pytest.mark.parametrize("who", ["another partner", "an agreement that began"])
def test_others_and_a_new_agreement_are_taken(room: Referrals, who: str) -> None:
    room.lapse(room.partner_id)
    if who == "another partner":
        assert room.post(a_referral(), by=room.as_system(room.other_id)).status_code == 201
    assert room.post(a_referral()).status_code == 403
    room.sign(room.partner_id)
    assert room.post(a_referral()).status_code == 201


def test_before_it_has_answered_the_questions_a_partner_refers_nobody_by_any_door(room_on_each: Referrals) -> None:
    room = room_on_each
    room.ask(room.partner_id)
    answers = (room.submit(a_referral()), room.post(a_referral()), room.process(room.message()))
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert answers[1].get_json()["rule"] == "QuestionsUnanswered"
    assert all("answers 10 questions first" in answer.text for answer in answers)
    assert all(f"/partners/{room.partner_id}/questions" in answer.text for answer in answers)
    assert room.post(a_referral(), by=room.as_system(room.other_id)).status_code == 201
    room.answer(room.partner_id)
    assert room.post(a_referral()).status_code == 201
    assert room.count() == 2
