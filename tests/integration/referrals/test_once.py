"""The same referral sent twice is one referral, by each door."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_referral
from tests.integration.referrals.conftest import words_of

OTHER = {"person": {"name": "Somebody Else"}}


def test_the_same_key_and_body_at_the_api_give_the_first_answer_again(room: Any) -> None:
    first = room.post(a_referral(), "one key only")
    room.clock.advance(days=3)
    room.done(first.get_json()["referral_id"], "acknowledgement")
    again = room.post(a_referral(), "one key only")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.location == first.location
    assert room.count() == 1
    assert len(room.facts("referral.received")) == 1


def test_the_same_key_with_another_body_is_refused_at_the_api(room: Any) -> None:
    room.post(a_referral(), "one key only")
    refused = room.post(a_referral(**OTHER), "one key only")
    assert (refused.status_code, refused.get_json()["rule"]) == (422, "KeyReused")
    assert room.count() == 1
    assert [row.rule for row in room.audited(outcome="refused")] == ["KeyReused"]


def test_another_partner_may_use_the_same_key(room: Any) -> None:
    room.post(a_referral(), "one key only")
    assert room.post(a_referral(**OTHER), "one key only", by=room.as_system(room.other_id)).status_code == 201
    assert room.count() == 2


def test_two_people_of_one_partner_share_its_keys(room: Any) -> None:
    first = room.post(a_referral(), "one key only", by=room.referrer)
    colleague = room.as_("referrer", partner_id=room.partner_id)
    assert room.post(a_referral(), "one key only", by=colleague).get_json() == first.get_json()
    assert room.count() == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 101, "sieben ä nicht"])
def test_the_api_asks_for_a_key_that_can_be_kept(room: Any, key: str) -> None:
    answer = room.system.api("POST", "/api/v1/referrals", a_referral(), Idempotency_Key=key)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"
    assert room.count() == 0


def test_what_was_refused_leaves_its_key_free(room: Any) -> None:
    assert room.post(a_referral(consent={"given": False}), "one key only").status_code == 422
    assert room.post(a_referral(), "one key only").status_code == 201


def test_a_form_sent_twice_is_one_referral(room: Any) -> None:
    first, second = (room.submit(a_referral(), "the key of this form") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert room.count() == 1


def test_a_form_sent_again_with_other_answers_is_asked_about_and_then_taken(room: Any) -> None:
    room.submit(a_referral(), "the key of this form")
    asked = room.submit(a_referral(**OTHER), "the key of this form")
    assert asked.status_code == 422
    assert "You sent this form before, with other answers." in words_of(asked)
    assert "Somebody Else" in asked.get_data(as_text=True)
    assert room.count() == 1
    text = asked.get_data(as_text=True)
    new_key = text.split('name="key" value="')[1].split('"')[0]
    assert new_key != "the key of this form"
    assert room.submit(a_referral(**OTHER), new_key).status_code == 303
    assert room.count() == 2


def test_each_form_brings_a_key_of_its_own(room: Any) -> None:
    keys = {room.referrer.page("/referrals/new").text.split('name="key" value="')[1].split('"')[0] for _ in range(2)}
    assert len(keys) == 2


def test_a_message_sent_again_is_a_duplicate_whatever_its_body(room: Any) -> None:
    key, message = room.ids.new(), room.message()
    assert room.process(message, key).status_code == 200
    for body in (message, room.message(**OTHER)):
        again = room.process(body, key)
        assert again.status_code == 409
        (issue,) = again.get_json()["issue"]
        assert (issue["code"], issue["details"]["coding"][0]["code"]) == ("duplicate", "REC_CONFLICT")
    assert room.process(message, key.upper()).status_code == 409
    assert room.count() == 1


def test_a_message_that_failed_may_be_sent_again_under_its_id(room: Any) -> None:
    key = room.ids.new()
    wrong = room.message()
    wrong["entry"] = [one for one in wrong["entry"] if one["resource"]["resourceType"] != "Consent"]
    assert room.process(wrong, key).status_code == 400
    assert room.process(room.message(), key).status_code == 200


def test_the_doors_keep_their_keys_apart(room: Any) -> None:
    key = room.ids.new()
    assert room.post(a_referral(), key).status_code == 201
    assert room.submit(a_referral(), key).status_code == 303
    assert room.process(room.message(), key).status_code == 200
    assert room.count() == 3
