"""What is wrong with a referral is said all at once, in plain words, and in the same words by every door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from demo.sending import form_of
from tests.builders import a_referral
from tests.integration.referrals.conftest import AT, faults_of, faults_on, words_of

LONG = {length: "x" * (length + 1) for length in (8, 10, 60, 120, 200, 400, 2000, 4000)}
CHOOSE = "Choose one of the answers."
UNKNOWN = "A name in here is not known. Take it out, or check its spelling."
NOT_TEXT = "This holds characters that are not text. Type it again."
PHONE = "Enter a phone number, such as 01632 960 001."
EMAIL = "Enter an email address, such as name@example.org."
DIGITS = "An NHS number has 10 digits, such as 485 777 3456."
REAL_DATE = "Enter a real date, such as 27 3 1985."
YEARS = "Enter a date with a year between 1900 and 2100."

# (field, what is sent there, what is said)
FAULTS: list[tuple[str, Any, str]] = [
    ("person.name", LONG[200], "Use 200 characters or fewer."),
    ("person.name", "Jor\x07dan", NOT_TEXT),
    ("person.name", "Jordan\nOkafor", NOT_TEXT),
    ("person.name", ["Jordan", "Okafor"], "Name must be text"),
    ("person.called", LONG[60], "Use 60 characters or fewer."),
    ("person.birth_date", "2026-03-03", "The date of birth is in the future. Check the year."),
    ("person.birth_date", "1985-02-31", REAL_DATE),
    ("person.birth_date", "27 March", REAL_DATE),
    ("person.birth_date", "1885-03-27", YEARS),
    ("person.birth_date", "2185-03-27", YEARS),
    ("person.nhs_number", "485777345", DIGITS),
    ("person.nhs_number", "485 777 345 67", DIGITS),
    ("person.nhs_number", "٤٨٥٧٧٧٣٤٥٦", DIGITS),
    ("person.nhs_number", "4857773456", "This is not an NHS number: its check digit does not fit. Check each digit."),
    ("person.nhs_number", "5000000005", "NHS numbers of this range are not issued. Check each digit."),
    ("person.address", LONG[400], "Use 400 characters or fewer."),
    ("person.postcode", LONG[10], "Use 10 characters or fewer."),
    ("person.phone", "ask at the desk", PHONE),
    ("person.phone", "123", PHONE),
    ("person.email", "jordan", EMAIL),
    ("person.gp_code", LONG[8], "Use 8 characters or fewer."),
    ("contact.channel", "pigeon", CHOOSE),
    ("contact.safe_to_leave_message", "perhaps", "Answer yes or no."),
    ("needs.area", "moon", CHOOSE),
    ("needs.language", "xx", CHOOSE),
    ("needs.times", ["weekend", "weekend"], "The same answer stands twice. Choose it once."),
    ("needs.times", ["sometime"], CHOOSE),
    ("needs.mode", "pigeon", CHOOSE),
    ("needs.peer_gender", "robot", CHOOSE),
    ("needs.themes", ["grief", "panic", "trauma", "eating", "caring", "racism"], "Choose 5 or fewer."),
    ("needs.themes", ["grief", "weather"], CHOOSE),
    ("safety.present_danger", "perhaps", "Answer yes or no."),
    ("safety.note", LONG[2000], "Use 2000 characters or fewer."),
    ("safety.must_not_be_told", ["somebody"], "Must not be told must be an id"),
    ("consent.given", "perhaps", "Answer yes or no."),
    ("consent.given", "no", "Ask the person first. A referral needs their consent."),
    ("consent.given_by", "neighbour", CHOOSE),
    ("consent.how", "by pigeon", CHOOSE),
    ("consent.given_on", "2026-03-03", "The day of consent is in the future. Check the date."),
    ("equity.ethnicity", "martian", CHOOSE),
    ("equity.gender", "martian", CHOOSE),
    ("referrer.name", LONG[200], "Use 200 characters or fewer."),
    ("referrer.role", LONG[120], "Use 120 characters or fewer."),
    ("referrer.phone", "bleep me", PHONE),
    ("referrer.email", "ruth", EMAIL),
    ("your_reference", LONG[60], "Use 60 characters or fewer."),
    ("strengths", LONG[2000], "Use 2000 characters or fewer."),
    ("hopes", LONG[2000], "Use 2000 characters or fewer."),
    ("why_peer_support", LONG[4000], "Use 4000 characters or fewer."),
]


def with_change(field: str, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An ordinary referral with one answer changed: as the API takes it, and as the form sends it."""
    body = a_referral()
    group, _, name = field.rpartition(".")
    (body.setdefault(group, {}) if group else body)[name] = value
    form = {key: text for key, text in form_of(a_referral()).items() if key.partition("-")[0] != field}
    return body, {**form, field: value}


def id_of(field: str) -> str:
    return field.replace(".", "-")


@pytest.mark.parametrize(("field", "value", "says"), FAULTS)
def test_a_fault_is_said_in_the_same_words_on_the_page_and_by_the_api(
    shared_room: Any, field: str, value: Any, says: str
) -> None:
    room = shared_room
    body, form = with_change(field, value)
    api = room.post(body)
    page = room.referrer.form("/referrals/new", {"key": room.ids.new(), **form})
    assert (api.status_code, page.status_code) == (422, 422)
    where = field if field in faults_of(api) else f"{field}.0" if f"{field}.0" in faults_of(api) else f"{field}.1"
    assert faults_of(api) == {where: says}
    assert faults_on(page) == {id_of(field): says}
    assert room.count() == 0


@pytest.mark.parametrize(
    ("field", "where"), [("shoe_size", ""), ("Jordan Okafor", ""), ("person.Okafor", "person"), ("consent.", "consent")]
)
def test_a_name_only_the_sender_knows_is_told_by_its_place_and_never_repeated(
    shared_room: Any, field: str, where: str
) -> None:
    room = shared_room
    body, form = with_change(field, "43")
    api = room.post(body)
    page = room.referrer.form("/referrals/new", {"key": room.ids.new(), **form})
    assert faults_of(api) == {where: UNKNOWN}
    assert faults_on(page) == {id_of(where) or "maincontent": UNKNOWN}
    name = field.rpartition(".")[2]
    assert not name or (name not in api.text and f"#{id_of(field)}" not in page.text)


NO_WAY = "Enter a phone number, an email, an address, or someone who can pass a message on."
CHOSEN = "This is the way they want to be contacted, so enter it."


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        (
            {"person": {"name": "", "nhs_number": ""}},
            "person.name",
            "Enter a name or an NHS number. One of them is needed.",
        ),
        (
            {"person": {"phone": "", "postcode": ""}, "contact": {"channel": ""}, "referrer": {"phone": ""}},
            "person.phone",
            NO_WAY,
        ),
        ({"contact": {"channel": "text"}, "person": {"phone": ""}}, "person.phone", CHOSEN),
        ({"contact": {"channel": "email"}}, "person.email", CHOSEN),
        ({"contact": {"channel": "post"}, "person": {"postcode": ""}}, "person.address", CHOSEN),
        ({"contact": {"channel": "through_referrer"}, "referrer": {"phone": ""}}, "referrer.phone", CHOSEN),
        ({"consent": {"given": False}}, "consent.given", "Ask the person first. A referral needs their consent."),
    ],
)
def test_a_rule_that_looks_at_several_answers_is_said_alike_too(
    shared_room: Any, changes: dict[str, Any], field: str, says: str
) -> None:
    room = shared_room
    body = a_referral(**changes)
    assert faults_of(room.post(body)) == {field: says}
    assert faults_on(room.submit(body)) == {id_of(field): says}


def test_every_fault_is_said_at_once_those_of_shape_and_those_of_rules(room: Any) -> None:
    body = a_referral(
        person={"name": "", "nhs_number": "4857773456", "birth_date": "2030-01-01", "email": "jordan"},
        consent={"given": False, "given_on": "2027-01-01"}, needs={"area": "moon"}, your_reference=LONG[60],
        shoe_size="43",
    )  # fmt: skip
    expected = {
        "person.nhs_number": "This is not an NHS number: its check digit does not fit. Check each digit.",
        "person.birth_date": "The date of birth is in the future. Check the year.",
        "person.email": EMAIL,
        "consent.given": "Ask the person first. A referral needs their consent.",
        "consent.given_on": "The day of consent is in the future. Check the date.",
        "needs.area": CHOOSE,
        "your_reference": "Use 60 characters or fewer.",
        "": UNKNOWN,
    }
    api = room.post(body)
    assert (api.status_code, api.get_json()["rule"]) == (422, "ReferralRefused")
    assert faults_of(api) == expected
    assert faults_on(room.submit(body)) == {id_of(field) or "maincontent": says for field, says in expected.items()}
    # In the order of the form, what it does not ask last.
    order = (
        "person.birth_date", "person.nhs_number", "person.email", "needs.area", "consent.given", "consent.given_on",
        "your_reference", "",
    )  # fmt: skip
    assert tuple(faults_of(api)) == order
    assert [row.rule for row in room.audited(outcome="refused")] == ["ReferralRefused"] * 2


def test_what_could_not_be_read_is_not_called_missing_as_well(room: Any) -> None:
    body = a_referral(
        person={"phone": "ask at the desk", "postcode": ""}, contact={"channel": "phone"}, referrer={"phone": ""}
    )
    assert faults_of(room.post(body)) == {"person.phone": PHONE}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"person": "Say who the person is.", "consent": "Record the person's consent. A referral needs it."}),
        ([], {"": "What you sent must be a group of fields"}),
        ("Jordan", {"": "What you sent must be a group of fields"}),
        (None, {"": "What you sent must be a group of fields"}),
        (
            {"person": None, "consent": "yes"},
            {"person": "Person must be given", "consent": "Consent must be a group of fields"},
        ),
        (
            {"person": {"name": None, "phone": 1632960001}, "consent": {"given": True}},
            {"person.name": "Name must be given", "person.phone": "Phone must be text"},
        ),
    ],
)
def test_a_body_of_the_wrong_shape_is_told_so_in_plain_words(
    shared_room: Any, body: Any, expected: dict[str, str]
) -> None:
    answer = shared_room.knock(AT, json.dumps(body).encode(), "application/json")
    assert answer.status_code == 422
    assert faults_of(answer) == expected


def test_an_empty_form_says_what_a_referral_cannot_do_without(room: Any) -> None:
    blank = dict.fromkeys(form_of(a_referral()), "")
    page = room.referrer.form("/referrals/new", blank)
    assert page.status_code == 422
    assert faults_on(page) == {
        "person-name": "Enter a name or an NHS number. One of them is needed.",
        "person-phone": NO_WAY,
        "consent-given": "Ask the person first. A referral needs their consent.",
    }


def test_a_page_with_faults_keeps_every_answer_and_leads_to_each_fault(room: Any) -> None:
    page = room.submit(a_referral(person={"email": "jordan"}, needs={"themes": ["grief", "panic"]}))
    text = page.text
    assert "<title>Error: Refer someone" in text
    assert 'href="#person-email"' in text
    assert 'id="person-email"' in text
    for told in ('value="Jordan Okafor"', 'value="jordan"', "Keeps an allotment.", 'value="27"', 'value="1985"'):
        assert told in text
    assert '<option value="grief" selected>' in text
    assert '<option value="panic" selected>' in text
    assert "There is a problem" in words_of(page)


def test_a_fault_at_the_api_points_to_its_place(room: Any) -> None:
    (error,) = room.post(a_referral(person={"email": "jordan"})).get_json()["errors"]
    assert error == {"pointer": "/person/email", "field": "person.email", "detail": EMAIL}


@pytest.mark.parametrize(
    ("changes", "element", "says"),
    [
        (
            {"person": {"birth_date": "2030-01-01"}},
            "Patient.birthDate",
            "The date of birth is in the future. Check the year.",
        ),
        ({"person": {"birth_date": "1985-02-31"}}, "Patient.birthDate", REAL_DATE),
        ({"person": {"nhs_number": "485777345"}}, "Patient.identifier", DIGITS),
        (
            {"person": {"nhs_number": "4857773456"}},
            "Patient.identifier",
            "This is not an NHS number: its check digit does not fit. Check each digit.",
        ),
    ],
)
def test_a_message_is_told_the_same_words_at_its_own_element(
    shared_room: Any, changes: dict[str, Any], element: str, says: str
) -> None:
    room = shared_room
    answer = room.process(room.message(**changes))
    assert answer.status_code == 400
    assert [issue["diagnostics"] for issue in answer.get_json()["issue"]] == [f"{element}: {says}"]
