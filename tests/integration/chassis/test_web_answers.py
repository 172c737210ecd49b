"""What every answer says of itself, and what no door gives away: kinds, traces, listings, passes in addresses."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from chassis import logs
from tests.integration.chassis.web_room import API, PAGE, Letters


def test_every_answer_says_of_which_kind_it_is_and_in_which_letters(letters: Letters) -> None:
    kinds = {
        "text/html; charset=utf-8", "application/json", "application/problem+json",
        "text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; charset=utf-8",
    }  # fmt: skip
    for name, answer in letters.every_answer().items():
        assert answer.headers["Content-Type"] in kinds, (name, answer.headers["Content-Type"])
        is_json = answer.mimetype.endswith("json")
        assert is_json == answer.data[:1].startswith((b"{", b"[")), name
        answer.data.decode("utf-8")


def test_nothing_is_echoed_to_whoever_asks_for_a_trace(letters: Letters) -> None:
    client = Client(letters.house)
    for path in (PAGE, API, "/", "/static/app.css"):
        answer = client.open(path, method="TRACE", headers={"X-Secret": "Kanarienvogel"})
        assert answer.status_code in {404, 405}, path
        assert "Kanarienvogel" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/vendor", "/static/vendor/", "/static/vendor/assets/"])
def test_no_folder_is_listed(letters: Letters, path: str) -> None:
    answer = letters.nobody().page(path)
    assert answer.status_code == 404
    assert "manifest.json" not in answer.text


@pytest.mark.parametrize("name", ["access_token", "token", "pass", "__Host-pass", "Authorization"])
def test_a_pass_in_an_address_lets_nobody_in(letters: Letters, name: str) -> None:
    answer = Client(letters.house).get(API, query_string={name: letters.lead.token})
    assert answer.status_code == 401
    assert letters.lead.token not in answer.text


def test_an_environment_variable_switches_no_debugging_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    letters = Letters(tmp_path)
    app = letters["partners"].app
    assert (app.debug, app.testing) == (False, False)
    letters.close()


def test_over_https_a_browser_is_told_to_come_by_https_alone(tmp_path: Path) -> None:
    letters = Letters(tmp_path, demo=False, origin="https://network.example")
    for name, answer in letters.every_answer().items():
        found = answer.headers["Strict-Transport-Security"]
        assert int(re.findall(r"max-age=(\d+)", found)[0]) >= 365 * 24 * 3600, name
        assert "includeSubDomains" in found, name
    letters.close()


def test_a_log_line_is_one_line_of_json_with_its_moment_in_utc(told: io.StringIO) -> None:
    logs.logger("partners").info("answered", route='/a"\n{"event": "forged"}\r\n\x1b[31m', status=200)
    (line,) = told.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    assert found["event"] == "answered"
    assert found["route"].count("\n") == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)", found["timestamp"])
    assert "\x1b" not in line
