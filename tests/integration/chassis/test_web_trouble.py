"""Trouble at the web doors: a problem on the API, a page elsewhere, never a trace, and nothing half-done."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest
from werkzeug.test import Client

from chassis import logs
from chassis.database import DatabaseAway
from tests.integration.chassis.web_room import API, PAGE, Letters

CANARY = "Kanarienvogel"
ONE, TWO = "7d1f2c7e-0a53-4d2a-9a51-6b1f1f6f2a10", "11111111-2222-4333-8444-555555555555"
FRAMES = ("Traceback", 'File "', "ValueError", "werkzeug", "sqlalchemy", ".py")


# ---- trouble: a problem on the API, a page elsewhere, never a trace

TROUBLE = {
    "forbid": (403, "NotAllowed", "You are signed in, but your role does not allow this."),
    "miss": (404, "NotFound", "There is nothing here, or it is not yours to see."),
    "refuse": (409, "LetterRefused", "Letters are not taken on Mondays. Try tomorrow."),
    "type": (415, "WrongMediaType", "This door does not read that content type."),
    "faults": (422, "Invalid", "There is a problem with what you sent."),
    "break": (500, "Unexpected", "Something went wrong on our side. Nothing you sent was kept half-done."),
    "park": (500, "Unexpected", "Something went wrong on our side. Nothing you sent was kept half-done."),
    "away": (503, "Retry", "A part of the service is away. Nothing was lost. Try again in a moment."),
}


@pytest.mark.parametrize("do", TROUBLE)
def test_trouble_is_a_problem_on_the_api_and_a_page_elsewhere(letters: Letters, do: str) -> None:
    status, rule, says = TROUBLE[do]
    api, page = letters.both(do, CANARY)
    assert (api.status_code, api.mimetype) == (status, "application/problem+json")
    problem = api.get_json()
    assert (problem["type"], problem["status"], problem["rule"], problem["detail"]) == (
        "about:blank",
        status,
        rule,
        says,
    )
    assert problem["title"]
    assert problem["instance"] == f"urn:uuid:{api.headers['X-Request-ID']}"
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert says.split(".")[0] in page.text
    assert len(re.findall("<h1", page.text)) == 1
    for answer in (api, page):
        for frame in (*FRAMES, CANARY):
            assert frame not in answer.text, frame
    assert api.headers.get("Retry-After") == page.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_every_fault_is_named_with_its_place(letters: Letters) -> None:
    api, page = letters.both("faults")
    assert api.get_json()["errors"] == [
        {"pointer": "/a/b", "field": "a.b", "detail": "First."},
        {"pointer": "/c", "field": "c", "detail": "Second."},
    ]
    assert "First." in page.text
    assert "Second." in page.text


def test_what_cannot_be_read_is_said_in_plain_words_with_the_name_of_the_field(letters: Letters) -> None:
    answer = letters.lead.api("POST", API, {"count": "many", "name": "x" * 101, "colour": "blue"})
    assert answer.status_code == 422
    assert {one["field"]: one["detail"] for one in answer.get_json()["errors"]} == {
        "count": "Count must be a whole number",
        "name": "Use 100 characters or fewer.",
        "": "A name in here is not known. Take it out, or check its spelling.",
    }


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "BREW"])
def test_another_method_is_told_which_ones_there_are(letters: Letters, method: str) -> None:
    api = letters.lead.api(method, API)
    assert (api.status_code, api.mimetype) == (405, "application/problem+json")
    assert api.get_json()["rule"] == "MethodNotAllowed"
    assert set(api.headers["Allow"].split(", ")) >= {"GET", "POST"}
    client = Client(letters.house)
    page = client.open(PAGE, method=method, headers={"Authorization": f"Bearer {letters.lead.token}"})
    assert (page.status_code, page.mimetype) == (405, "text/html")
    assert "This cannot be done here" in page.text


def test_what_is_too_large_is_refused_before_it_is_read(letters: Letters) -> None:
    headers = {"Authorization": f"Bearer {letters.lead.token}"}
    large, client = b'{"name": "' + b"x" * 600_000 + b'"}', Client(letters.house)
    api = client.post(API, data=large, content_type="application/json", headers=headers)
    assert (api.status_code, api.mimetype) == (413, "application/problem+json")
    page = client.post(PAGE, data=b"name=" + large, content_type="application/x-www-form-urlencoded", headers=headers)
    assert (page.status_code, page.mimetype) == (413, "text/html")
    assert letters.stated() == []


def test_another_content_type_is_refused(letters: Letters) -> None:
    headers = {"Authorization": f"Bearer {letters.lead.token}"}
    answer = Client(letters.house).post(API, data=b"do=state", content_type="text/plain", headers=headers)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")


def test_whoever_asks_for_json_gets_a_problem_on_a_page_too(letters: Letters) -> None:
    answer = letters.lead.api("GET", "/partners/nothing", Accept="application/json")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert letters.lead.api("GET", "/partners/nothing", Accept=browser).mimetype == "text/html"
    assert letters.lead.api("GET", "/api/v1/partners/nothing", Accept=browser).mimetype == "application/problem+json"


# ---- what is left


@pytest.mark.parametrize("do", ["refuse", "forbid", "faults", "break", "park", "away"])
def test_what_was_not_done_leaves_nothing_half_done(letters: Letters, do: str) -> None:
    letters.both(do)
    assert letters.stated() == []
    assert [row for row in letters.audited() if row.action == "letter.kept"] == []
    for answer in letters.both("state"):
        assert answer.status_code < 300
    assert len(letters.stated()) == 2
    # The stream numbers of what was rolled back were never used.
    assert {row.number for row in letters.stated()} == {1}


@pytest.mark.parametrize(("do", "rule"), [("refuse", "LetterRefused"), ("forbid", "NotAllowed"), ("faults", "Invalid")])
def test_a_refusal_leaves_its_audit_row_after_the_roll_back(letters: Letters, do: str, rule: str) -> None:
    letters.both(do, X_Request_ID=ONE)
    rows = letters.audited()
    assert [(row.action, row.outcome, row.rule) for row in rows] == [("partner.join", "refused", rule)] * 2
    assert {(row.who_kind, row.who_id, row.request_id) for row in rows} == {("account", letters.lead.who.id, ONE)}


def test_whoever_may_not_enter_is_written_down_and_the_view_never_runs(letters: Letters) -> None:
    peer = letters.as_("peer")
    assert peer.api("POST", API, {}).status_code == 403
    assert peer.form(PAGE, {}).status_code == 403
    assert letters.nobody().api("POST", API, {}).status_code == 401
    assert letters.stated() == []
    assert [(row.who_kind, row.rule) for row in letters.audited()] == [
        ("account", "NotAllowed"), ("account", "NotAllowed"), ("nobody", "NotSignedIn"),
    ]  # fmt: skip


def test_what_is_missing_or_broken_leaves_no_row_of_refusal(letters: Letters) -> None:
    for do in ("miss", "break", "away"):
        letters.both(do)
    letters.lead.page("/partners/nothing")
    assert letters.audited() == []


def test_a_breakdown_is_logged_by_kind_and_place_and_never_by_its_words(log: Any, letters: Letters) -> None:
    letters.both("break", CANARY)
    letters.lead.page(f"{PAGE}/open?do=break&name={CANARY}")
    lines = log()
    broken = [line for line in lines if line["event"] == "unexpected"]
    assert len(broken) == 3
    for line in broken:
        assert line["error"] == "ValueError"
        assert re.fullmatch(r"web_room\.py:\d+", line["place"])
        assert line["level"] == "error"
        assert line["service"] == "partners"
    assert CANARY not in json.dumps(lines)


def test_log_lines_hold_allowed_fields_alone(log: Any, letters: Letters) -> None:
    letters.every_answer()
    letters["partners"].log.info("answered", status=200, name=CANARY, body={"name": CANARY}, nhs_number="9990000018")
    lines = log()
    assert len(lines) > 10
    for line in lines:
        assert set(line) <= logs.ALLOWED
    assert CANARY not in json.dumps(lines)
    answered = next(line for line in lines if line.get("route") == PAGE and line.get("method") == "GET")
    assert (answered["status"], answered["action"], answered["who_kind"]) == (200, "partner.list", "account")


def test_when_even_the_refusal_cannot_be_written_it_is_still_said(
    log: Any, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: Any) -> Any:
        raise DatabaseAway()

    monkeypatch.setattr(letters["partners"].database, "writing", away)
    answer = letters.as_("peer").api("POST", API, {})
    assert answer.status_code == 403
    assert [line["rule"] for line in log() if line["event"] == "refusal_not_noted"] == ["NotAllowed"]
    away_now = letters.lead.api("POST", API, {})
    assert (away_now.status_code, away_now.headers["Retry-After"]) == (503, "5")
    assert away_now.get_json()["rule"] == "DatabaseAway"


def test_when_even_the_answer_breaks_nothing_is_logged_by_its_words(
    log: Any, letters: Letters, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: Any) -> Any:
        raise ValueError(CANARY)

    monkeypatch.setattr(letters["partners"].metrics, "answered", broken)
    with contextlib.suppress(ValueError):
        letters.lead.api("GET", API)
    assert [line["error"] for line in log() if line["event"] == "unexpected"]
    assert CANARY not in json.dumps(log()) + caplog.text
