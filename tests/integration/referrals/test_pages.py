"""How the screens of the referrals room are made: one heading, plain forms, words and never codes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts import needs
from contracts.referrals import DECLINE_REASONS, DECLINED_BY
from services.referrals.domain import STAGES, gaps
from services.referrals.pages import wording
from tests.builders import a_referral
from tests.integration.referrals.conftest import words_of

PATHS = (
    "/referrals", "/referrals?state=received", "/referrals/{id}", "/referrals/{id}/consent-withdrawal",
)  # fmt: skip


def pages(room: Any) -> list[Any]:
    """Every screen, whole and with faults."""
    referral_id = room.received()
    late = room.acknowledged(person={"birth_date": None}, safety={"present_danger": True, "note": "Meet outside."})
    room.clock.advance(days=30)
    person = room.as_person(room.person_of(referral_id))
    at = f"/referrals/{late}"
    return [
        *(room.coordinator.page(path.format(id=one)) for path in PATHS for one in (referral_id, late)),
        *(room.referrer.page(path) for path in ("/referrals", at, f"{at}/sent", "/referrals/new")),
        room.submit(a_referral(person={"email": "jordan"}, needs={"themes": ["weather"]})),
        room.coordinator.form(f"{at}/decline", {}),
        room.coordinator.form(f"{at}/birth-date", {}),
        room.coordinator.form(f"{at}/acceptance", {}),
        person.page("/my/referral"),
        person.page("/my/referral/withdrawal"),
    ]


def test_every_screen_has_one_heading_labels_and_nothing_inline(room: Any) -> None:
    for page in pages(room):
        text = page.text
        assert len(re.findall(r"<h1\b", text)) == 1
        assert " style=" not in text
        assert not re.search(r"\son[a-z]+=", text)
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]
        for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' not in control:
                found = re.search(r'\sid="([^"]+)"', control)
                assert found, control
                assert f'for="{found[1]}"' in text, control
        for target in re.findall(r'aria-describedby="([^"]+)"', text):
            assert set(target.split()) <= set(ids), target


def test_every_line_of_the_error_summary_leads_to_its_field(room: Any) -> None:
    for page in pages(room):
        targets = re.findall(r'<a href="#([^"]+)">', page.text.partition('class="nhsuk-error-summary"')[2])
        for target in targets:
            assert f'id="{target}"' in page.text


def test_screens_speak_in_words_and_not_in_codes(room: Any) -> None:
    for page in pages(room):
        words = re.sub(r"BT-[A-Z2-9]{4}-[A-Z2-9]{4}", "", words_of(page))
        assert not re.search(r"[a-z]_[a-z]", words), words
        for cold in ("None None", "undefined", "REDACTED", "s1.", "True", "False", "patient", "client", "user"):
            assert cold not in words, cold


def test_what_is_missing_and_every_reason_has_words() -> None:
    blank: dict[str, Any] = {"person": {}, "needs": {}, "consent": {}}
    assert set(wording.NOT_YET_KNOWN) == set(gaps(blank))
    assert set(wording.REASONS) == set(DECLINE_REASONS)
    assert set(wording.DECIDED_BY) == set(DECLINED_BY)
    assert len(wording.PLACES) == needs.MOST_THEMES


def test_the_form_asks_nothing_as_if_it_were_known(room: Any) -> None:
    text = room.referrer.page("/referrals/new").text
    chosen = re.findall(r'<option value="([^"]*)" selected>', text)
    assert sorted(chosen) == ["en", "unknown", "unknown"]
    ticked = re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"[^>]*\schecked', text)
    assert sorted(ticked) == [("needs.mode", "any"), ("needs.peer_gender", ""), ("safety.present_danger", "no")]


def test_shared_experience_is_ranked_as_it_was_chosen(room: Any) -> None:
    sent = room.submit(a_referral(needs={"themes": ["racism", "", "grief"]}))
    row = room.kept(sent.location.split("/")[2])
    assert room.opened(row.needs)["themes"] == ["racism", "grief"]


def test_the_list_shows_stages_with_someone_in_them_and_marks_the_one_at_hand(room: Any) -> None:
    room.received()
    room.acknowledged()
    page = room.coordinator.page("/referrals")
    words = words_of(page)
    assert "Received (1)" in words
    assert "Being looked at (1)" in words
    assert f"{STAGES['closed']} (" not in words
    here = room.coordinator.page("/referrals?state=received").text
    assert "<strong>Received (1)</strong>" in here
    assert "Northmoor Trust" in here
    # To its own partner the column of partners says nothing new.
    assert "Northmoor Trust" not in words_of(room.referrer.page("/referrals"))


def test_an_empty_list_says_so(room: Any) -> None:
    assert "There are no referrals here." in words_of(room.others.page("/referrals"))


@pytest.mark.parametrize("path", ["/referrals", "/referrals/new", "/my/referral", "/my/referral/withdrawal"])
def test_whoever_is_not_signed_in_is_led_to_where_one_signs_in(room: Any, path: str) -> None:
    answer = room.as_nobody().page(path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?to={path}")


def test_no_referral_falls_off_the_end_of_the_list(room: Any) -> None:
    made = {room.received() for _one in range(53)}
    seen: set[str] = set()
    for number, expected in ((1, 50), (2, 3)):
        page = room.coordinator.page(f"/referrals?page={number}")
        assert f"Referrals (page {number} of 2)" in page.text
        found = set(re.findall(r'href="/referrals/([0-9a-f-]{36})"', page.text))
        assert len(found) == expected
        seen |= found
    assert seen == made
    assert "Referrals (page 2 of 2)" in room.coordinator.page("/referrals?page=99").text
    assert room.coordinator.page("/referrals?page=x").status_code == 200
    assert room.coordinator.api("GET", "/api/v1/referrals?page=2").get_json() == []
    assert room.coordinator.api("GET", "/api/v1/referrals?page=0").status_code == 422
