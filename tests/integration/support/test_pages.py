"""The screens of the support room: each answers, works without a script, and shows no more than it may."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.tables import answers, audit, facts
from contracts import matching, referrals
from services.support import store


def body_of(text: str) -> str:
    """A page without what is new on every request."""
    return re.sub(r'nonce="[^"]*"|name="key" value="[^"]*"', "", text)


class Forms(HTMLParser):
    """Reads the forms of a page: where each is sent, what it holds already, its buttons, and what it insists on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.forms.append({"action": found["action"], "holds": {}, "buttons": {}, "insists": []})
        if not self.forms or tag not in ("input", "button", "textarea", "select"):
            return
        form, name = self.forms[-1], found.get("name")
        if "required" in found:
            form["insists"].append(name)
        if tag == "input" and found.get("type") == "hidden":
            form["holds"][name] = found.get("value") or ""
        if tag == "button" and name:
            form["buttons"][found["value"]] = name

    def to(self, end: str) -> dict[str, Any]:
        """The one form sent to an address with this end."""
        (form,) = [one for one in self.forms if one["action"].endswith(end)]
        return form


# ---- the Paperwork test ----


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
    assert kept.startswith("s1.support_notes.")
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


# ---- the pair's screens ----


def test_support_begins_from_the_peers_screen_with_the_usual_end_filled_in(room: Any) -> None:
    pair = room.agreed()
    text = pair.peer.page(pair.page).text
    assert [f'value="{part}"' in text for part in ("2", "7", "2026")] == [True] * 3
    assert "You and Asha said yes" in pair.person.page("/my/support").text
    fields = {"agreed_end_on-day": "30", "agreed_end_on-month": "6", "agreed_end_on-year": "2026"}
    assert pair.peer.form(f"{pair.page}/start", fields).status_code == 303
    text = pair.peer.page(pair.page).text
    for words in ("Under way", "Midpoint review", "1 May 2026", "Agreed end", "30 June 2026"):
        assert words in text
    mine = pair.person.page("/my/support").text
    for words in ("Asha", "1 May 2026", "30 June 2026"):
        assert words in mine


def test_an_end_date_that_has_passed_is_refused_beside_its_field(room: Any) -> None:
    pair = room.agreed()
    fields = {"agreed_end_on-day": "1", "agreed_end_on-month": "3", "agreed_end_on-year": "2026"}
    again = pair.peer.form(f"{pair.page}/start", fields)
    assert again.status_code == 422
    assert "<title>Error: " in again.text.replace("\n", "")
    assert "Agree a day that is still to come." in again.text


def test_person_and_peer_both_plan_to_meet_and_keep_connections(room: Any) -> None:
    pair = room.begun()
    when = {"on-day": "9", "on-month": "4", "on-year": "2026", "at": "2:30pm", "mode": "phone", "key": "a key of mine"}
    planned = pair.person.form(f"{pair.page}/meetings", when)
    assert (planned.status_code, planned.headers["Location"]) == (303, "/my/support?done=planned")
    # In April London is an hour ahead.
    assert room.facts("meeting.planned")[0]["starts_at"].startswith("2026-04-09T13:30:00")
    for text in (pair.peer.page(pair.page).text, pair.person.page("/my/support").text):
        assert "2:30pm on 9 April 2026, by phone" in text
    kept = pair.person.form(f"{pair.page}/connections", {"kind": "role", "what": "Feeding the <b>hens</b>"})
    assert kept.headers["Location"] == "/my/support?done=kept"
    for text in (pair.peer.page(pair.page).text, pair.person.page("/my/support").text):
        assert "Feeding the &lt;b&gt;hens" in text
    moves = [form for form in Forms(pair.person.page("/my/support").text).forms if form["action"].endswith("/moves")]
    assert [form["holds"]["state"] for form in moves] == ["tried", "let_go"]
    for state in ("tried", "going"):
        assert pair.person.form(moves[0]["action"], {"state": state}).status_code == 303
    assert "Going on my own" in pair.person.page("/my/support").text
    assert "Going without me" in pair.peer.page(pair.page).text
    assert "1 connection is alive" in pair.peer.page(pair.page).text
    coordinator = room.coordinator.page(pair.page).text
    assert "hens" not in coordinator
    assert "9 April" not in coordinator
    assert "A role" in coordinator


def test_a_form_badly_filled_in_says_everything_at_once_on_whoevers_screen_it_was(room: Any) -> None:
    pair = room.begun()
    for caller, heading in ((pair.peer, "You and Jordan"), (pair.person, "Your support")):
        again = caller.form(f"{pair.page}/meetings", {"at": "soon"})
        assert again.status_code == 422
        assert heading in again.text
        assert "Enter a date." in again.text
        assert "Enter a time, such as 2:30pm or 14:30." in again.text
        assert "Choose one." in again.text
        past = {"on-day": "1", "on-month": "3", "on-year": "2026", "at": "9am", "mode": "phone"}
        assert "This time has passed." in caller.form(f"{pair.page}/meetings", past).text
        assert "Fill this in." in caller.form(f"{pair.page}/connections", {"kind": "role", "what": " "}).text


def test_a_pause_needs_no_reason_and_both_screens_say_so(room: Any) -> None:
    pair = room.begun()
    assert pair.person.form(f"{pair.page}/pause").headers["Location"] == "/my/support?done=paused"
    assert "Paused since 2 March 2026. Jordan asked for it." in pair.peer.page(pair.page).text
    assert "Plan a meeting" not in pair.peer.page(pair.page).text
    assert pair.peer.form(f"{pair.page}/resumption").status_code == 303
    assert "Pause for a while" in pair.person.page("/my/support").text


def test_a_peers_break_is_said_to_the_person_and_is_only_unavailable_to_a_coordinator(room: Any) -> None:
    pair = room.begun()
    fact = matching.PeerPaused(peer_id=pair.peer_id, paused_at=room.clock.now())
    room.tell(f"matching/peer/{pair.peer_id}", fact)
    assert "Asha takes a break just now. Your support stays yours." in pair.person.page("/my/support").text
    assert "You are on a break" in pair.peer.page(pair.page).text
    text = room.coordinator.page(pair.page).text
    assert "Asha is unavailable just now." in text
    assert "break" not in text
    assert room.shown(pair)["state"] == "active"
    back = matching.PeerResumed(peer_id=pair.peer_id, resumed_at=room.clock.now())
    room.tell(f"matching/peer/{pair.peer_id}", back)
    assert "break" not in pair.person.page("/my/support").text


def test_overrun_and_a_late_start_are_flagged(room: Any) -> None:
    waiting, begun = room.agreed("Kofi", "Mei"), room.begun(agreed_end_on="2026-03-20")
    assert "Start is late" not in waiting.peer.page("/support").text
    assert "Past the agreed end" not in begun.peer.page("/support").text
    room.clock.advance(days=19)
    assert "Start is late" in waiting.peer.page("/support").text
    text = begun.peer.page("/support").text
    assert "Past the agreed end" in text
    assert "Past the agreed end" in begun.peer.page(begun.page).text
    assert "The end you agreed has passed." in begun.person.page("/my/support").text
    assert room.shown(begun)["is_overrun"] is True


def test_an_ending_shows_what_is_alive_before_it_is_said(room: Any) -> None:
    pair = room.begun()
    assert "None yet. That is said as it is" in pair.peer.page(f"{pair.page}/ending").text
    room.connection(pair, "The library on Fridays", "going_without_peer")
    assert "The library on Fridays: going without you" in pair.peer.page(f"{pair.page}/ending").text
    blank = pair.peer.form(f"{pair.page}/ending", {})
    assert blank.status_code == 422
    assert blank.text.count("Choose one.") == 4
    ended = pair.peer.form(f"{pair.page}/ending", {"ending": "planned", "agreed_by": "both", "wants_return": "no"})
    assert (ended.status_code, ended.headers["Location"]) == (303, "/support?done=ended")
    assert "Support has ended." in pair.peer.page(ended.headers["Location"]).text
    assert pair.page in pair.peer.page("/support?show=ended").text
    text = pair.peer.page(pair.page).text
    assert "2 March 2026. As we planned. Who agreed: Both together." in text
    assert "End this support" not in text
    assert "Your support with Asha ended on 2 March 2026." in pair.person.page("/my/support").text


def test_what_the_ending_refuses_stands_beside_its_field(room: Any) -> None:
    pair = room.begun()
    fields = {"ending": "swap", "agreed_by": "both", "wants_return": "no"}
    again = pair.peer.form(f"{pair.page}/ending", fields)
    assert again.status_code == 422
    assert 'href="#wants_return"' in again.text
    assert room.facts("support.ended") == []
    assert [row.rule for row in room.audited(outcome="refused")] == ["SwapKeepsThePlace"]


@pytest.mark.parametrize(
    ("want", "ending", "returns"), [("someone_else", "swap", True), ("stop", "early_by_choice", False)]
)
def test_the_person_stops_or_asks_for_someone_else_without_a_reason(
    room: Any, want: str, ending: str, returns: bool
) -> None:
    pair = room.begun()
    assert "/my/support/change" in pair.person.page("/my/support").text
    form = Forms(pair.person.page("/my/support/change").text).to("/ending")
    assert pair.person.form(form["action"], {}).status_code == 422
    assert pair.person.form(form["action"], {"want": want}).status_code == 303
    (fact,) = room.facts("support.ended")
    assert (fact["ending"], fact["agreed_by"], fact["wants_return"]) == (ending, "person", returns)
    text = pair.person.page("/my/support").text
    assert ("your place is kept" in text) is returns
    peers = pair.peer.page(pair.page).text
    assert "Ended" in peers
    assert "Someone else" not in peers
    assert "by choice" not in peers
    assert room.shown(pair)["ending"] is None
    assert room.coordinator.api("GET", pair.at).get_json()["ending"] == ending
    assert pair.person.page("/my/support/change").status_code == 303


# ---- who sees what ----


def test_nothing_and_nothing_shown_are_the_same_page(room: Any) -> None:
    pair = room.begun()
    nobody = body_of(room.as_person(room.ids.new()).page("/my/support").text)
    assert "Nothing is shown here just now." in nobody
    assert "I am worried" in nobody
    fact = referrals.PersonProtected(person_id=pair.person_id, protected_at=room.clock.now())
    room.tell(f"referrals/person/{pair.person_id}", fact)
    assert body_of(pair.person.page("/my/support").text) == nobody
    assert "Jordan" in pair.peer.page("/support").text
    assert "Jordan" not in room.coordinator.page("/support").text
    missing = room.coordinator.page(f"/support/{room.ids.new()}")
    hidden = room.coordinator.page(pair.page)
    assert hidden.status_code == missing.status_code == 404


def test_a_person_who_took_their_consent_back_is_on_no_screen(room: Any) -> None:
    pair = room.begun()
    fact = referrals.ConsentWithdrawn(
        person_id=pair.person_id, consent_id=room.ids.new(), withdrawn_at=room.clock.now()
    )
    room.tell(f"referrals/person/{pair.person_id}", fact)
    for caller in (pair.peer, room.coordinator):
        assert "Jordan" not in caller.page("/support").text
        assert caller.page(pair.page).status_code == 404
        assert caller.page(f"{pair.page}/ending").status_code == 404
    assert pair.peer.page(f"{pair.page}/contact?kind=made").status_code == 404
    assert "Asha" not in pair.person.page("/my/support").text


def test_a_peer_sees_their_own_people_and_a_coordinator_all_without_any_count(room: Any) -> None:
    mine, others = room.begun("Jordan", "Asha"), room.begun("Kofi", "Mei")
    room.contact(mine)
    text = mine.peer.page("/support").text
    assert "Jordan" in text
    assert "Kofi" not in text
    everything = room.coordinator.page("/support").text
    for name in ("Jordan", "Asha", "Kofi", "Mei"):
        assert name in everything
    assert others.page in everything
    for page in (text, everything, room.coordinator.page(mine.page).text):
        assert not re.search(r"\d+ (contact|meeting|people|person|support)", page)


def test_every_person_shown_is_one_audit_row(room: Any) -> None:
    pair = room.begun()

    def seen() -> int:
        return len(room.audited(action="person.seen", subject=pair.person_id))

    for caller, path in (
        (pair.peer, "/support"), (room.coordinator, "/support"), (pair.peer, pair.page), (room.coordinator, pair.page),
        (pair.peer, f"{pair.page}/contact?kind=made"), (pair.peer, f"{pair.page}/ending"),
    ):  # fmt: skip
        before = seen()
        assert caller.page(path).status_code == 200
        assert seen() == before + 1, path
    before = seen()
    pair.person.page("/my/support")
    assert seen() == before


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("referrer", "/support"), ("commissioner", "/support"), ("supervisor", "/support"),
        ("network_lead", "/support"),
        ("peer", "/my/support"), ("coordinator", "/my/support"),
    ],
)  # fmt: skip
def test_each_screen_is_for_those_it_is_for(room: Any, role: str, path: str) -> None:
    assert room.as_(role).page(path).status_code == 403


def test_a_coordinator_starts_and_ends_but_records_no_contact(room: Any) -> None:
    pair = room.agreed()
    fields = {"agreed_end_on-day": "30", "agreed_end_on-month": "6", "agreed_end_on-year": "2026"}
    assert room.coordinator.form(f"{pair.page}/start", fields).status_code == 303
    text = room.coordinator.page(pair.page).text
    assert "After a meeting" not in text
    assert room.coordinator.form(f"{pair.page}/contacts", {"kind": "made", "mode": "phone"}).status_code == 403
    assert room.coordinator.form(f"{pair.page}/pause", {"paused_by": "network"}).status_code == 303
    room.clock.advance(days=1)
    fields = {"ending": "lost_touch", "agreed_by": "network", "wants_return": "yes"}
    assert room.coordinator.form(f"{pair.page}/ending", fields).status_code == 303
    assert room.facts("support.ended")[0]["ended_on"] == "2026-03-03"


def test_every_screen_has_one_heading_and_nothing_inline(room: Any) -> None:
    pair, waiting = room.begun(), room.agreed("Kofi", "Mei")
    room.connection(pair, "Choir", "tried")
    for caller, path in (
        (pair.peer, "/support"), (pair.peer, pair.page), (pair.peer, f"{pair.page}/contact?kind=made"),
        (pair.peer, f"{pair.page}/ending"), (pair.peer, f"{pair.page}/worry"), (pair.person, "/my/support"),
        (pair.person, "/my/support/change"), (pair.person, "/my/support/worry"), (waiting.peer, waiting.page),
        (waiting.person, "/my/support"), (room.coordinator, "/support"), (room.coordinator, pair.page),
        (room.as_person(room.ids.new()), "/my/support"),
    ):  # fmt: skip
        text = caller.page(path).text
        assert len(re.findall(r"<h1[ >]", text)) == 1, path
        assert not re.search(r'\sstyle="|\son[a-z]+="|url\(http', text), path
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), path
