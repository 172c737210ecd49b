"""What no honest sender sends is refused, never kept and never a crash, the same on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, FHIR

CANARY = "Kanarienvogel"


@pytest.fixture
def room(room_on_each: Any) -> Any:
    """The room on each database in turn."""
    return room_on_each


def with_name(text: str) -> bytes:
    """An ordinary body in which the name stands as this piece of JSON."""
    return json.dumps(a_referral(person={"name": "@"})).replace('"@"', text).encode()


DEEP = 100_000
# Pieces of JSON for a name, each of which one reader or one database would take and another not.
ODD_VALUES = {
    "NUL": f'"{CANARY}\\u0000"',
    "half of a pair": f'"{CANARY}\\ud800"',
    "the other half": f'"\\udc00{CANARY}"',
    "pair the wrong way round": '"\\udc00\\ud800"',
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "an integer beyond 2^53": "9007199254740993",
    "an integer of 5000 digits": "9" * 5000,
    "a number too large for a float": "1e400",
    "a number of 5000 digits": "0." + "1" * 5000,
    "a name twice": f'"x", "name": "{CANARY}"',
    "deeper than any message": "[" * 40 + "]" * 40,
    "as deep as a stack": "[" * DEEP + "]" * DEEP,
    "never closed": "[" * DEEP,
    "text never closed": f'"{CANARY}',
    "a bare control character": f'"{CANARY}\x01"',
    "no value": "",
    "a comment": f'"{CANARY}" /* hello */',
    "single quotes": f"'{CANARY}'",
    "two values": f'"x" "{CANARY}"',
}
# Whole bodies.
ODD_BODIES = {
    "nothing": b"",
    "spaces": b"   ",
    "not JSON": CANARY.encode(),
    "not UTF-8": json.dumps(a_referral()).encode().replace(b"Jordan", b"J\xf6rdan"),
    "UTF-16": json.dumps(a_referral()).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(a_referral()).encode(),
    "surrogates as bytes": json.dumps(a_referral()).encode().replace(b"Jordan", b"\xed\xa0\x80"),
    "half": json.dumps(a_referral()).encode()[:200],
    "twice": json.dumps(a_referral()).encode() * 2,
}


def all_odd() -> dict[str, bytes]:
    return {**{name: with_name(text) for name, text in ODD_VALUES.items()}, **ODD_BODIES}


def test_odd_json_is_refused_at_the_api_in_plain_words(room: Any) -> None:
    for name, body in all_odd().items():
        answer = room.knock(AT, body, "application/json")
        assert answer.status_code == 400, (name, answer.status_code, answer.text[:300])
        assert answer.mimetype == "application/problem+json"
        problem = answer.get_json()
        assert problem["rule"] == "NotStrictJson", name
        assert len(problem["detail"]) > 20
        assert CANARY not in answer.text
        assert "Traceback" not in answer.text
    assert room.count() == 0
    assert room.stated() == []
    assert {row.rule for row in room.audited(outcome="refused")} == {"NotStrictJson"}


def test_odd_json_is_an_operation_outcome_that_never_repeats_it(room: Any) -> None:
    odd = {**ODD_BODIES, "a name of theirs twice": f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode()}
    message = json.dumps(room.message(person={"name": "Jordan @"}))
    odd |= {
        name: message.replace('"@"', text.replace('"name"', '"family"')).encode() for name, text in ODD_VALUES.items()
    }
    for name, body in odd.items():
        answer = room.knock(FHIR, body, "application/fhir+json")
        assert answer.status_code == 400, (name, answer.status_code, answer.text[:300])
        outcome = answer.get_json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert [(one["severity"], one["code"]) for one in outcome["issue"]] == [("error", "structure")], name
        assert CANARY not in answer.text
    assert room.count() == 0


def test_other_content_types_and_encodings_are_refused(room: Any) -> None:
    body = json.dumps(a_referral()).encode()
    for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "", "text/json"):
        assert room.knock(AT, body, content_type).status_code == 415, content_type
        assert room.knock(FHIR, body, content_type).status_code == 415, content_type
    for encoding in ("gzip", "br", "deflate", "x-unknown"):
        assert room.knock(AT, body, "application/json", Content_Encoding=encoding).status_code == 415
    assert room.knock(AT, body, "application/json; charset=utf-8", Content_Encoding="identity").status_code == 201
    assert room.count() == 1


def test_a_body_beyond_what_a_door_takes_is_refused_by_its_size(room: Any) -> None:
    large = json.dumps(a_referral(hopes="x" * 600_000)).encode()
    answer = room.knock(AT, large, "application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    outcome = room.knock(FHIR, large, "application/fhir+json")
    assert (outcome.status_code, outcome.get_json()["issue"][0]["code"]) == (413, "too-long")
    form = room.knock("/referrals/new", b"hopes=" + b"x" * 600_000, "application/x-www-form-urlencoded")
    assert (form.status_code, form.mimetype) == (413, "text/html")
    many = "&".join(f"f{n}=x" for n in range(5000)).encode()
    assert room.knock("/referrals/new", many, "application/x-www-form-urlencoded").status_code == 413
    assert room.count() == 0


def test_text_of_many_writings_is_kept_as_it_was_sent(room: Any) -> None:
    for name in (
        "Zoë Ångström",
        "محمد",
        "王小明",
        "Ọlábísí",
        "👩🏽‍🦱 Sam",
        "O'Brien-Łukasz",
        "Robert'); DROP TABLE people;--",
    ):
        referral_id = room.received(person={"name": name, "called": name})
        row = room.kept(referral_id)
        assert room.opened(row.contact)["name"] == name
        assert room.opened(row.called) == name
        sent = room.submit(a_referral(person={"name": name, "called": name}))
        assert room.opened(room.kept(sent.location.split("/")[2]).contact)["name"] == name


def test_a_page_never_takes_what_was_sent_for_its_own_marks(room: Any) -> None:
    name = '<script>alert("x")</script>{{ 7 * 7 }}'
    referral_id = room.received(person={"name": name, "called": name}, safety={"note": name}, strengths=name)
    for path in ("/referrals", f"/referrals/{referral_id}"):
        text = room.coordinator.page(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert "49" not in text.split("<main")[1].split("</main")[0].replace(referral_id, "")
    again = room.submit(a_referral(person={"name": name, "email": "x"})).text
    assert "<script>alert" not in again


ODD_FORMS = {
    "not a form": b"\xff{}[]",
    "a value and a group of one name": b"person=x&person.name=y",
    "a group and a value of one name": b"person.name=y&person.name.first=x",
    "nothing but dots": b".=x&..=y",
    "NUL": b"person.name=Jordan%00",
    "NUL in a name": b"person%00.name=Jordan",
}
FAULTY_FORMS = {
    "nothing": b"",
    "names without values": b"&&&=&==&person.name",
    "odd names": b".=x&person..name=z&__proto__.x=1&person.__class__=x",
    "half of a percent": b"person.name=%&person.phone=%zz",
    "not UTF-8": b"person.name=%ff%fe",
    "surrogate bytes": b"person.name=%ED%A0%80",
    "very many dots": b"a" + b".a" * 3000 + b"=x",
    "a day alone": b"person.birth_date-day=1",
    "a date of words": b"person.birth_date-day=one&person.birth_date-month=two&person.birth_date-year=three",
    "a date of huge numbers": b"person.birth_date-day=1&person.birth_date-month=1&person.birth_date-year=" + b"9" * 500,
    "the same field many times": b"person.name=x&" * 50,
}


def test_odd_forms_are_pages_that_say_so(room: Any) -> None:
    for forms, status in ((ODD_FORMS, 400), (FAULTY_FORMS, 422)):
        for name, body in forms.items():
            answer = room.knock("/referrals/new", body, "application/x-www-form-urlencoded")
            assert (answer.status_code, answer.mimetype) == (status, "text/html"), (name, answer.status_code)
            assert "There is a problem" in answer.text, name
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        answer = room.knock("/referrals/new", b'{"person": {"name": "x"}}', content_type)
        assert answer.status_code == 415, content_type
        assert answer.mimetype == "text/html"
    assert room.count() == 0


def test_a_form_with_a_file_in_place_of_words_is_refused(room: Any) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="person.name"; filename="name.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nJordan\r\n--x--\r\n"
    )
    answer = room.knock("/referrals/new", body, "multipart/form-data; boundary=x")
    assert answer.status_code == 415
    assert room.count() == 0


def test_odd_questions_are_refused(room: Any) -> None:
    for query, status in (
        ("state=somewhere", 422), ("colour=blue", 422), ("state=received%00", 400), ("state=received&page=two", 422),
        ("state=%ED%A0%80", 422), ("state=" + "x" * 5000, 422),
    ):  # fmt: skip
        assert room.system.api("GET", f"{AT}?{query}").status_code == status, query
    for one in ("x", "1", "%00", "%2e%2e%2f", "00000000-0000-0000-0000-00000000000g", "' or 1=1--"):
        assert room.system.api("GET", f"{AT}/{one}").status_code == 404, one
    assert room.coordinator.page("/referrals?state=somewhere&colour=blue").status_code == 200


def test_odd_bodies_of_small_doors_are_refused(room: Any) -> None:
    at = f"{AT}/{room.received()}/decline"
    for body in (
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"declined_by": ["person"], "reason": {}}',
        b'{"declined_by": 1e400}',
    ):
        assert room.knock(at, body, "application/json", by=room.coordinator).status_code in {400, 422}, body
    assert room.facts("referral.declined") == []
