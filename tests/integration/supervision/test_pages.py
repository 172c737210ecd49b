"""The screens of the supervision room: each answers, works without a script, and shows no more than it may."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest


def words_of(answer: Any) -> str:
    return html.unescape(answer.text)


def test_the_team_shows_peers_standing_and_due_and_no_person_and_no_number(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    person = room.a_person("Jordan", peer=peer)
    room.clear(peer, supervisor)
    session = room.plan(peer, supervisor, 2)
    text = words_of(supervisor.page("/supervision"))
    for shown in ("Asha", "Kindred Voices", "Ready for new matches", "30 March 2026", "10am on 4 March 2026"):
        assert shown in text
    assert f"/supervision/peers/{peer.who.id}" in text
    for path in ("/supervision", f"/supervision/peers/{peer.who.id}"):
        text = supervisor.page(path).text
        assert "Jordan" not in text
        assert person not in text
    assert session["session_id"] in supervisor.page(f"/supervision/peers/{peer.who.id}").text


def test_a_supervisor_plans_by_form_in_london_time(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    room.go(datetime(2026, 7, 1, 9, tzinfo=UTC))
    at = f"/supervision/peers/{peer.who.id}/sessions"
    given = {"on-day": "14", "on-month": "7", "on-year": "2026", "at": "14.30", "kind": "line"}
    assert supervisor.form(at, given).status_code == 303
    assert room.mine(peer)["planned"][0]["starts_at"] == "2026-07-14T13:30:00+00:00"
    assert "2:30pm on 14 July 2026" in words_of(supervisor.page(f"/supervision/peers/{peer.who.id}"))
    wrong = supervisor.form(at, {"on-day": "31", "on-month": "2", "on-year": "2026", "at": "noon"})
    assert wrong.status_code == 422
    assert "Enter a real date" in words_of(wrong)
    assert "Enter a time of day, such as 14:30." in words_of(wrong)
    far = supervisor.form(at, {**given, "on-year": "2027"})
    assert far.status_code == 422
    assert "Choose a time in the next few months" in words_of(far)
    assert 'href="#on"' in far.text


def test_both_confirm_on_their_own_pages(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    session = room.plan(peer, supervisor, 1)
    at = f"/supervision/sessions/{session['session_id']}/confirmation"
    assert "This time is offered to you" in words_of(peer.page("/supervision/mine"))
    room.go(days=1, minutes=50)
    assert "Did you meet?" in words_of(supervisor.page(f"/supervision/peers/{peer.who.id}"))
    answer = supervisor.form(at)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/supervision/peers/{peer.who.id}")
    assert "You said that you met" in words_of(supervisor.page(answer.headers["Location"]))
    answer = peer.form(at)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/supervision/mine")
    text = words_of(peer.page("/supervision/mine"))
    assert "3 March 2026: line supervision" in text
    assert "31 March 2026" in text


def test_a_peer_says_it_is_not_possible_in_one_tap_and_what_came_between_needs_a_choice(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    session = room.plan(peer, supervisor, 1)
    at = f"/supervision/sessions/{session['session_id']}"
    assert peer.form(f"{at}/declining", {"because": "not_possible"}).status_code == 303
    assert "No time is planned yet" in words_of(peer.page("/supervision/mine"))
    session = room.plan(peer, supervisor, 1)
    at = f"/supervision/sessions/{session['session_id']}"
    assert supervisor.form(f"{at}/missed", {}).status_code == 422
    assert supervisor.form(f"{at}/missed", {"missed_by": "supervisor"}).status_code == 303


def test_standing_is_recorded_by_form_and_the_peer_reads_what_is_needed(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    assert "Your training needs renewing." in words_of(peer.page("/supervision/mine"))
    dates = {
        "conduct_accepted_on": (5, 1, 2026),
        "check_valid_until": (1, 1, 2027),
        "training_valid_until": (1, 9, 2026),
    }
    given = {
        f"{name}-{part}": str(number)
        for name, parts in dates.items()
        for part, number in zip(("day", "month", "year"), parts, strict=True)
    }
    assert supervisor.form(f"/supervision/peers/{peer.who.id}/standing", given).status_code == 303
    text = words_of(supervisor.page(f"/supervision/peers/{peer.who.id}"))
    assert "Ready for new matches" in text
    assert re.search(r'name="check_valid_until-year"[^>]*value="2027"', text)
    assert "Ready for new matches" in words_of(peer.page("/supervision/mine"))


def test_whoever_has_not_joined_reads_what_will_stand_here(room: Any) -> None:
    assert "Once you have joined" in words_of(room.an_account("New", "peer").page("/supervision/mine"))


def test_the_network_lead_sees_all_peers_but_plans_for_nobody(room: Any) -> None:
    room.an_account("Sam", "supervisor")
    lead, peer = room.an_account("Nia", "network_lead"), room.a_peer("Asha")
    text = words_of(lead.page("/supervision"))
    assert "Asha" in text
    assert "Sam" in text
    page = lead.page(f"/supervision/peers/{peer.who.id}")
    assert "Plan a time" not in page.text
    assert "When did they accept the conduct?" in words_of(page)


# ---- worries


def test_the_list_has_late_worries_first_and_opens_each_by_its_owner(room: Any) -> None:
    owner = room.an_account("Cora", "coordinator")
    late = room.a_worry(2)
    room.go(hours=3)
    taken, fresh = room.a_worry(2), room.a_worry(2)
    room.do(owner, taken.worry_id, "acknowledgement")
    room.go(hours=2)
    page = owner.page("/worries")
    places = [page.text.index(one.worry_id) for one in (late, fresh, taken)]
    assert places == sorted(places)
    assert len(re.findall(r">\s*Late\s*<", page.text)) == 1
    assert "hopeless" not in page.text


def test_a_worry_is_read_taken_up_and_closed_by_form(room: Any) -> None:
    owner = room.an_account("Cora", "coordinator")
    person = room.a_person("Jordan")
    fact = room.a_worry(2, about_id=person, words="<script>alert(1)</script> He sounded hopeless.")
    at = f"/worries/{fact.worry_id}"
    page = owner.page(at)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; He sounded hopeless." in page.text
    assert "A person: Jordan" in page.text
    assert "/referrals/" in page.text
    assert [row.subject for row in room.audited("person.seen", owner)] == [person]
    assert owner.form(f"{at}/closing", {"code": "talked_through"}).status_code == 409
    assert owner.form(f"{at}/acknowledgement").status_code == 303
    assert owner.form(f"{at}/acknowledgement").status_code == 409
    empty = owner.form(f"{at}/closing", {})
    assert empty.status_code == 422
    assert "Choose one." in empty.text
    assert owner.form(f"{at}/closing", {"code": "talked_through"}).headers["Location"] == "/worries"
    assert "No worry is with you just now." in words_of(owner.page("/worries"))


def test_a_worry_is_handed_on_to_somebody_of_the_list(room: Any) -> None:
    owner, then = room.an_account("Cora", "coordinator"), room.an_account("Sade", "safeguarding_lead")
    supervisor = room.an_account("Sam", "supervisor")
    fact = room.a_worry(2)
    at = f"/worries/{fact.worry_id}"
    text = words_of(owner.page(at))
    assert re.search(rf'<option value="{then.who.id}"[^>]*>Sade<', text)
    assert supervisor.who.id not in text
    assert owner.form(f"{at}/handing-on", {}).status_code == 422
    assert owner.form(f"{at}/handing-on", {"owner_id": then.who.id}).status_code == 303
    assert owner.page(at).status_code == 404
    assert then.page(at).status_code == 200


def test_level_4_shows_999_first_to_its_owner(room: Any) -> None:
    owner = room.an_account("Sade", "safeguarding_lead")
    fact = room.a_worry(4)
    text = owner.page(f"/worries/{fact.worry_id}").text
    main = text[text.index('id="maincontent"') :]
    assert main.index("Call 999 first") < main.index("In their words")
    other = room.a_worry(3)
    assert "Call 999 first" not in owner.page(f"/worries/{other.worry_id}").text


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("peer", "/supervision"), ("coordinator", "/supervision"), ("referrer", "/worries"), ("peer", "/worries"),
        ("supervisor", "/supervision/mine"), ("partner_lead", "/worries"), ("commissioner", "/supervision"),
    ],
)  # fmt: skip
def test_each_screen_is_for_those_it_is_for(room: Any, role: str, path: str) -> None:
    assert room.as_(role, partner_id=room.partner_id).page(path).status_code == 403


def test_every_page_has_one_heading_and_needs_no_script(room: Any) -> None:
    supervisor, peer = room.an_account("Sam", "supervisor"), room.a_peer("Asha")
    owner = room.an_account("Cora", "coordinator")
    fact = room.a_worry(2)
    room.plan(peer, supervisor, 1)
    seen = [
        supervisor.page("/supervision"), supervisor.page(f"/supervision/peers/{peer.who.id}"),
        peer.page("/supervision/mine"), owner.page("/worries"), owner.page(f"/worries/{fact.worry_id}"),
        peer.page("/worries/new"),
    ]  # fmt: skip
    for answer in seen:
        assert answer.status_code == 200
        assert answer.text.count("<h1") == 1
        main = answer.text[answer.text.index('id="maincontent"') : answer.text.index("</main>")]
        assert "<script" not in main
        assert "onclick" not in main


def test_metrics_ring_on_what_waits_and_say_neither_who_nor_how_many_worries_there_are(room: Any) -> None:
    def shown() -> dict[str, float]:
        lines = room.as_nobody().page("/metrics").text.splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("beenthere_supervision")}

    quiet = {
        "beenthere_supervision_worry_late_seconds": 0.0,
        "beenthere_supervision_worry_unowned_seconds": 0.0,
        "beenthere_supervision_overdue_sessions": 0.0,
    }
    room.an_account("Sam", "supervisor")
    room.a_peer()
    owner = room.an_account("Cora", "coordinator")
    assert shown() == quiet
    fact = room.a_worry(2)
    room.go(hours=4, seconds=30)
    assert shown() == {**quiet, "beenthere_supervision_worry_late_seconds": 30.0}
    room.do(owner, fact.worry_id, "acknowledgement")
    assert shown() == quiet
    room.a_worry(3)
    room.go(minutes=5)
    assert shown()["beenthere_supervision_worry_unowned_seconds"] == 300.0
    room.go(days=29)
    assert shown()["beenthere_supervision_overdue_sessions"] == 1.0


def test_the_openapi_document_is_valid(room: Any) -> None:
    from openapi_spec_validator import validate

    found = room.as_nobody().api("GET", "/openapi/supervision.json").get_json()
    validate(found)
    assert "/api/v1/concerns" in found["paths"]
