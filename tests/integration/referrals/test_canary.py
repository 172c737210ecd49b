"""What a referral says of a person is nowhere but where it is opened: not in a log, a metric, an address or an error.

A made-up word stands in every text of a referral, comes in by every door, is refused, decided, seen and broken upon;
then all that the service wrote and answered is scanned for it, and found only on the screens that open it.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from services.referrals.actions import deciding
from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, FHIR, Referrals, a_room

CANARY = "Kanarienvogel"
HIDDEN_IN = CANARY.encode()


def a_canary() -> dict[str, Any]:
    """A referral with the word in every text that is kept."""
    return a_referral(
        strengths=f"{CANARY} one", hopes=f"{CANARY} two", why_peer_support=f"{CANARY} three", your_reference=CANARY,
        person={
            "name": f"Jordan {CANARY}", "called": CANARY, "address": f"1 {CANARY} Row", "gp_code": CANARY[:8],
            "email": f"{CANARY}@example.org",
        },
        safety={"note": f"{CANARY} four", "present_danger": True}, referrer={"name": f"Dr {CANARY}", "role": CANARY},
    )  # fmt: skip


class Heard:
    """Every answer of the walk that must not hold the word."""

    def __init__(self) -> None:
        self.answers: list[Any] = []

    def __call__(self, answer: Any) -> Any:
        self.answers.append(answer)
        return answer

    def text(self) -> str:
        """Bodies, headers and addresses."""
        return "\n".join(f"{one.request.url} {one.headers} {one.text}" for one in self.answers)


def walked(room: Referrals, monkeypatch: pytest.MonkeyPatch) -> tuple[Heard, list[str]]:
    """Sends, refuses, decides, sees and breaks; gives the answers that may not hold the word, and pages that do."""
    quiet = Heard()
    sent = quiet(room.post(a_canary(), "one key only"))
    referral_id, at = sent.get_json()["referral_id"], f"/referrals/{sent.get_json()['referral_id']}"
    quiet(room.post({**a_canary(), "hopes": "Others"}, "one key only"))
    quiet(room.submit(a_canary()))
    message = room.message(person={"name": f"Jordan {CANARY}", "called": CANARY})
    quiet(room.process(message))
    for wrong in ({"resourceType": CANARY}, {**message, "type": CANARY}, {**message, "entry": [{"resource": CANARY}]}):
        quiet(room.process(wrong))
    quiet(room.knock(FHIR, f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(), "application/fhir+json"))
    quiet(room.knock(AT, f'{{"person": {{"name": "{CANARY}\\u0000"}}}}'.encode(), "application/json"))
    quiet(room.post({**a_canary(), "consent": {"given": False}, "person": {"name": CANARY, "email": CANARY}}))
    quiet(room.coordinator.api("POST", f"{AT}/{referral_id}/acknowledgement"))
    quiet(room.system.api("GET", AT))
    quiet(room.others.api("GET", f"{AT}/{referral_id}"))
    quiet(room.others.page(at))
    opened = [room.coordinator.page(at).text, room.coordinator.page("/referrals").text]

    def broken(*_given: Any, **_more: Any) -> None:
        raise ValueError(f"of {CANARY}")

    monkeypatch.setattr(deciding, "accept_referral", broken)
    for answer in (
        room.coordinator.api("POST", f"{AT}/{referral_id}/acceptance"),
        room.coordinator.form(f"{at}/acceptance"),
    ):
        assert quiet(answer).status_code == 500
    monkeypatch.undo()
    quiet(room.coordinator.api("POST", f"{AT}/{referral_id}/acceptance"))
    room.clock.advance(days=30)
    room["referrals"].tick()
    room.quiet()
    quiet(room.as_nobody().api("GET", "/ops/referrals/metrics"))
    quiet(room.as_nobody().api("GET", "/metrics"))
    return quiet, opened


def test_the_word_is_found_where_it_is_opened_and_nowhere_else(
    tmp_path: Path, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = a_room(tmp_path, log_level="debug")
    quiet, opened = walked(room, monkeypatch)
    # The positive control: the word is there, sealed, and the screens open it.
    for page in opened:
        assert CANARY in page
    assert opened[0].count(CANARY) >= 10
    assert len(quiet.answers) > 18
    assert CANARY not in quiet.text()
    assert len(told.getvalue().splitlines()) > 20
    assert CANARY not in told.getvalue()
    facts = "".join(row.stream + row.headers + row.body for row in room.stated())
    assert len(room.stated()) > 12
    assert CANARY not in facts
    for page in opened:
        assert not [path for path in re.findall(r'(?:href|action)="([^"]*)"', page) if CANARY in path]
    room.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"referrals.sqlite", "log.sqlite", "keys.sqlite"}
    assert [path.name for path in files if HIDDEN_IN in path.read_bytes()] == []
