"""Who sees what of a support, on every screen: no more than they may, and never a count."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts import referrals


def body_of(text: str) -> str:
    """A page without what is new on every request."""
    return re.sub(r'nonce="[^"]*"|name="(?:key|form_token)" value="[^"]*"', "", text)


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
        return sum(len(room.audited(action=f"person.{how}", subject=pair.person_id)) for how in ("seen", "listed"))

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
