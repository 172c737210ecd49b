"""The Paperwork test: after a meeting the required part is two taps; all else sits behind "add more"."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import answers, audit, facts
from services.support import store
from tests.integration.support.forms import Forms


@pytest.mark.parametrize(("words", "kind"), [("We were in touch", "made"), ("I tried", "attempted")])
def test_the_required_part_after_a_meeting_is_two_taps(room: Any, words: str, kind: str) -> None:
    pair = room.begun()
    home = pair.peer.page(pair.page).text
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*role="button"[^>]*>\s*' + words, home)
    assert len(links) == 1, "the first tap is one link on the support's own page"
    form = Forms(pair.peer.page(links[0].replace("&amp;", "&")).text).to("/contacts")
    assert form["insists"] == []
    assert set(form["buttons"]) == {"in_person", "phone", "video", "message", "group"}
    assert set(form["buttons"].values()) == {"mode"}
    second = pair.peer.form(form["action"], {**form["holds"], "mode": "video"})
    assert second.status_code == 303
    (fact,) = room.facts("contact.recorded")
    assert (fact["kind"], fact["mode"], fact["held_on"]) == (kind, "video", "2026-03-02")
    assert "Nothing more is needed" in pair.peer.page(second.headers["Location"]).text


def test_a_planned_meeting_that_has_passed_is_offered_for_its_two_taps_and_after_a_week_nobody_asks(room: Any) -> None:
    pair = room.begun()
    pair.peer.api("POST", f"{pair.at}/meetings", {"starts_at": "2026-03-04T14:00:00Z", "mode": "in_person"})
    assert "You planned to meet" not in pair.peer.page(pair.page).text
    room.clock.advance(days=3)
    home = pair.peer.page(pair.page).text
    assert "You planned to meet at 2pm on 4 March 2026." in home
    link = re.search(r'href="([^"]+kind=made[^"]*)"', home)
    assert link
    form = Forms(pair.peer.page(link[1].replace("&amp;", "&")).text).to("/contacts")
    assert pair.peer.form(form["action"], {**form["holds"], "mode": "in_person"}).status_code == 303
    assert room.facts("contact.recorded")[0]["held_on"] == "2026-03-04"
    assert "You planned to meet" not in pair.peer.page(pair.page).text
    body = {"starts_at": "2026-03-06T14:00:00Z", "mode": "phone"}
    assert pair.peer.api("POST", f"{pair.at}/meetings", body).status_code == 201
    room.clock.advance(days=9)
    assert "You planned to meet" not in pair.peer.page(pair.page).text


def test_the_same_form_sent_twice_records_one_contact(room: Any) -> None:
    pair = room.begun()
    form = Forms(pair.peer.page(f"{pair.page}/contact?kind=made").text).to("/contacts")
    for _ in range(2):
        assert pair.peer.form(form["action"], {**form["holds"], "mode": "phone"}).status_code == 303
    assert len(room.facts("contact.recorded")) == 1


def test_a_note_is_for_its_writer_alone_and_leaves_no_trace_elsewhere(room: Any) -> None:
    pair = room.begun()
    secret = "The heron by the canal"
    form = Forms(pair.peer.page(f"{pair.page}/contact?kind=made").text).to("/contacts")
    noted = {**form["holds"], "mode": "in_person", "note": secret}
    assert pair.peer.form(form["action"], noted).status_code == 303
    assert secret in pair.peer.page(pair.page).text
    assert secret not in pair.person.page("/my/support").text
    assert secret not in room.coordinator.page(pair.page).text
    with room["support"].reading() as unit:
        kept = unit.connection.execute(sa.select(store.contacts.c.note)).scalar_one()
        tables = (store.contacts, facts, answers, audit)
        everything = " ".join(str(row) for table in tables for row in unit.connection.execute(sa.select(table)))
    assert kept.startswith("s1.support_notes~note.")
    assert secret not in everything


def test_a_note_that_is_too_long_keeps_its_words_and_the_same_answer_as_the_api(room: Any) -> None:
    pair = room.begun()
    form = Forms(pair.peer.page(f"{pair.page}/contact?kind=made").text).to("/contacts")
    long = "word " * 1000
    again = pair.peer.form(form["action"], {**form["holds"], "mode": "phone", "note": long})
    assert again.status_code == 422
    assert "Use 4000 characters or fewer." in again.text
    assert "word word word" in again.text
    api = room.contact(pair, note=long)
    assert (api.status_code, "Use 4000 characters or fewer." in api.text) == (422, True)
    assert room.facts("contact.recorded") == []
