"""The screens of the pair and of coordinators: each works without a script and speaks to whoever looks."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import matching
from tests.integration.support.forms import Forms


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


def test_a_button_sent_with_a_name_nobody_asked_for_is_refused_and_changes_nothing(room: Any) -> None:
    pair = room.begun()
    pair.person.form(f"{pair.page}/connections", {"kind": "role", "what": "Feeding the hens"})
    move = next(form for form in Forms(pair.person.page("/my/support").text).forms if form["action"].endswith("/moves"))
    for path, fields in ((f"{pair.page}/pause", {"paused_by": "peer"}), (move["action"], {"state": "tried"})):
        assert pair.peer.form(path, {**fields, "Jordan": "x"}).status_code == 422, path
    assert room.facts("support.paused") == []
    assert "Under way" in pair.peer.page(pair.page).text


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
