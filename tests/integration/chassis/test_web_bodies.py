"""What is asked of a body before any view: its encoding, its kind, its size, and that a form is one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from chassis.web.bodies import MOST_FIELDS
from chassis.web.problems import MOST_FAULTS
from tests.integration.chassis.web_room import API, PAGE, Letters

FORM = "application/x-www-form-urlencoded"
KINDS = (
    "application/xml", "text/xml", "application/fhir+xml", "image/svg+xml", "text/plain", "",
    "multipart/form-data; boundary=x",
)  # fmt: skip
GOOD = {API: (b'{"do": "state"}', "application/json"), PAGE: (b"do=state", FORM)}


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Letters]:
    made = Letters(tmp_path)
    yield made
    made.close()


def knock(letters: Letters, path: str, body: bytes, kind: str, **headers: str) -> Any:
    """Sends bytes as they are."""
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    sent |= {"Authorization": f"Bearer {letters.lead.token}", "Content-Type": kind}
    return Client(letters.house).post(path, data=body, headers=sent)


def test_a_good_body_is_taken_by_page_and_api(letters: Letters) -> None:
    for path, (body, kind) in GOOD.items():
        assert knock(letters, path, body, kind).status_code in {200, 201}, path
    assert len(letters.stated()) == 2


@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "x-unknown", "gzip, gzip", "identity, gzip"]
)
def test_an_encoded_body_is_refused_at_every_door_and_never_unpacked(letters: Letters, encoding: str) -> None:
    for path, (body, kind) in GOOD.items():
        for sent in (body, gzip.compress(body), b""):
            assert knock(letters, path, sent, kind, Content_Encoding=encoding).status_code == 415, path
    assert letters.stated() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_of_a_kind_that_no_door_reads_is_refused_also_where_no_body_is_read(letters: Letters, kind: str) -> None:
    xml = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
    for path in GOOD:
        assert knock(letters, path, xml, kind).status_code == 415, path
    assert letters.stated() == []


def test_a_form_is_not_taken_for_json_nor_json_for_a_form(letters: Letters) -> None:
    assert knock(letters, API, *GOOD[PAGE]).status_code == 415
    assert knock(letters, PAGE, *GOOD[API]).status_code == 415
    assert letters.stated() == []


def test_bytes_that_are_no_form_are_refused_and_not_taken_for_a_blank_one(letters: Letters) -> None:
    answer = knock(letters, PAGE, b"\xff\xfe\x8b=", FORM)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "This form could not be read." in answer.text
    assert letters.stated() == []


def test_more_answers_than_any_form_asks_for_are_refused(letters: Letters) -> None:
    assert knock(letters, PAGE, b"&".join([b"do=state"] * MOST_FIELDS), FORM).status_code == 200
    assert knock(letters, PAGE, b"&".join([b"do=state"] * (MOST_FIELDS + 1)), FORM).status_code == 413
    assert len(letters.stated()) == 1


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(letters: Letters) -> None:
    for path, (_, kind) in GOOD.items():
        assert knock(letters, path, b"x" * 600_000, kind).status_code == 413, path


def test_a_name_that_was_sent_is_repeated_in_no_answer(letters: Letters) -> None:
    body = json.dumps({"Jordan Okafor": 1, "999 000 0018": {"Okafor": 2}}).encode()
    answer = knock(letters, API, body, "application/json")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json()["errors"]] == [""]
    doubled = knock(letters, API, b'{"Jordan Okafor": 1, "Jordan Okafor": 2}', "application/json")
    assert (doubled.status_code, doubled.get_json()["rule"]) == (400, "NotStrictJson")
    for text in (answer.text, doubled.text):
        assert "Okafor" not in text


def test_an_answer_names_the_first_faults_and_not_thousands(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.web.problems.MOST_FAULTS", 1)
    errors = letters.lead.api("POST", API, {"do": "faults"}).get_json()["errors"]
    assert [one["detail"] for one in errors] == ["First.", "There is more to mend. These are the first 1."]
    assert MOST_FAULTS >= 50
