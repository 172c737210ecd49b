"""The screens of the partners room: each answers, says in plain words what is wrong, and shows no more than it may."""

from __future__ import annotations

import re
from typing import Any

FORM = {
    "code": "harbour",
    "name": "Harbour Lights <b>",
    "kind": "voluntary",
    "area": "coast",
    "ods_code": "",
    "agreement.starts_on-day": "1",
    "agreement.starts_on-month": "3",
    "agreement.starts_on-year": "2026",
    "agreement.ends_on-day": "28",
    "agreement.ends_on-month": "2",
    "agreement.ends_on-year": "2027",
}


def hidden_key(text: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', text)
    assert found
    return found.group(1)


def test_a_partner_is_added_by_form_once_however_often_it_is_sent(room: Any) -> None:
    form = {**FORM, "key": hidden_key(room.network.page("/partners/new").text)}
    first, again = room.network.form("/partners/new", form), room.network.form("/partners/new", form)
    assert first.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    text = room.network.page("/partners").text
    assert "1 partner" in text
    assert "Harbour Lights &lt;b&gt;" in text
    shown = room.network.page(first.headers["Location"]).text
    assert "1 March 2026 to 28 February 2027" in shown


def test_a_form_says_every_fault_in_the_words_of_the_api_and_keeps_what_was_typed(room: Any) -> None:
    bad = {**FORM, "code": "Harbour!", "kind": "nhs_body", "agreement.ends_on-year": "2025", "key": "a key of the form"}
    answer = room.network.form("/partners/new", bad)
    assert answer.status_code == 422
    assert "Error: Add a partner" in answer.text
    api = room.join(code="Harbour!", ods_code=None, agreement={"starts_on": "2026-03-01", "ends_on": "2025-02-28"})
    told = {error["detail"] for error in api.get_json()["errors"]}
    assert len(told) == 3
    assert all(words in answer.text for words in told)
    assert 'value="Harbour!"' in answer.text


def test_a_code_that_is_taken_is_said_beside_the_field(room: Any) -> None:
    room.joined()
    answer = room.network.form("/partners/new", {**FORM, "code": "north-trust", "key": "a key of the form"})
    assert answer.status_code == 422
    assert "Another partner has this code." in answer.text


def test_a_partners_page_shows_its_people_and_opens_accounts(room: Any) -> None:
    partner_id = room.joined()
    lead = room.lead_of(partner_id)
    text = lead.page(f"/partners/{partner_id}").text
    assert "Nobody has an account yet." in text
    assert 'value="referrer"' in text
    assert 'value="coordinator"' not in text
    assert 'value="coordinator"' in room.network.page(f"/partners/{partner_id}").text
    form = {"called": "Asha", "roles": ["partner_lead", "peer"], "key": hidden_key(text)}
    for _ in range(2):
        assert lead.form(f"/partners/{partner_id}/accounts", form).status_code == 303
    asked = lead.page(f"/partners/{partner_id}").text
    assert "Waiting for a second person" in asked
    assert "Nobody has an account yet." in asked
    (asking,) = set(re.findall(r"/partners/[\w-]+/askings/[\w-]+", asked))
    assert "Another person confirms or refuses this." in lead.page(asking).text
    assert "Asha" in room.second.page(asking).text
    assert room.second.form(f"{asking}/confirmation").status_code == 303
    shown = lead.page(f"/partners/{partner_id}").text
    assert shown.count("Asha") == 1
    assert "Partner lead, peer" in shown


def test_an_account_without_a_role_is_asked_for_one(room: Any) -> None:
    partner_id = room.joined()
    answer = room.network.form(f"/partners/{partner_id}/accounts", {"called": "Asha", "key": "a key of the form"})
    assert answer.status_code == 422
    assert "Choose one role or more." in answer.text
    assert 'value="Asha"' in answer.text


def test_a_partner_is_suspended_and_resumed_by_button(room: Any) -> None:
    partner_id = room.joined()
    at = f"/partners/{partner_id}"
    assert room.network.form(f"{at}/suspension", {"suspend": "yes"}).status_code == 303
    text = room.network.page(at).text
    assert "It sends and sees nothing until it is resumed." in text
    assert "Ask for this account" not in text
    assert room.lead_of(partner_id).page(at).status_code == 403
    room.network.form(f"{at}/suspension", {"suspend": "no"})
    assert "Suspend this partner" in room.network.page(at).text


def test_a_lead_sees_no_button_that_is_not_theirs(room: Any) -> None:
    partner_id = room.joined()
    text = room.lead_of(partner_id).page(f"/partners/{partner_id}").text
    assert "Suspend" not in text
    assert "Ask for this account" in text


def test_in_a_demo_signing_in_leads_to_the_people_one_can_be(room: Any) -> None:
    answer = room.house.as_nobody().page("/sign-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/demo")
