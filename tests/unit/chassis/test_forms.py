"""Forms: the same schema reads page and API, and what it refuses stands in plain words beside each field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from chassis.errors import Conflict, Fault, Invalid, Malformed
from chassis.web.forms import FormMuddled, date_parts, faults_of, form_values, nest, read_form, summary
from chassis.web.plain_words import in_plain_words


class Person(Schema):
    birth_date = fields.Date(required=True)
    names = fields.List(fields.String(validate=validate.Length(max=5)))


class Referral(Schema):
    person = fields.Nested(Person, required=True)
    minutes = fields.Integer(strict=True, validate=validate.Range(min=5))
    agreed = fields.Boolean(required=True)
    note = fields.String(validate=validate.Length(max=20))


def a_form(*pairs: tuple[str, str], day: str = "14", month: str = "3", year: str = "1991") -> MultiDict[str, str]:
    when = [("person.birth_date-day", day), ("person.birth_date-month", month), ("person.birth_date-year", year)]
    return MultiDict([*when, ("agreed", "yes"), *pairs])


def test_a_form_is_read_as_json_would_be() -> None:
    read, faults = read_form(Referral(), a_form(("minutes", "30"), ("note", " two\r\nlines "), ("person.names", "Ada")))
    assert faults == {}
    person = {"birth_date": date(1991, 3, 14), "names": ["Ada"]}
    assert read == {"person": person, "minutes": 30, "agreed": True, "note": "two\nlines"}


def test_every_fault_comes_at_once_in_plain_words_by_its_field() -> None:
    form = a_form(("minutes", "ten"), ("person.names", "Ada"), ("person.names", "Wilhelmina"), day="31", month="2")
    form.setlist("agreed", [""])
    read, faults = read_form(Referral(), form)
    assert read == {}
    assert faults == {
        "person.birth_date": "Birth date must be a real date", "person.names": "Names must have 5 or fewer",
        "minutes": "Minutes must be a whole number", "agreed": "Agreed must be given",
    }  # fmt: skip


def test_a_field_nobody_asked_for_is_refused_but_what_belongs_to_the_form_is_not() -> None:
    form = a_form(("idempotency_key", "1"), ("admin", "yes"))
    assert read_form(Referral(), form, beside=("idempotency_key",))[1] == {
        "": "A name in here is not known. Take it out, or check its spelling."
    }


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        (("4", "3", "1991"), "1991-03-04"),
        (("45", "13", "1991"), "1991-13-45"),
        (("4", "", "1991"), "1991--4"),
        (("", "", ""), None),
    ],
)
def test_the_three_parts_of_a_date_become_one_and_no_date_is_no_answer(
    typed: tuple[str, str, str], joined: str | None
) -> None:
    form = a_form(day=typed[0], month=typed[1], year=typed[2])
    assert form_values(form).get("person.birth_date") == joined


def test_a_date_half_given_is_refused_and_none_at_all_is_missing() -> None:
    assert read_form(Referral(), a_form(month=""))[1] == {"person.birth_date": "Birth date must be a real date"}
    assert read_form(Referral(), a_form(day="", month="", year=""))[1] == {
        "person.birth_date": "Birth date must be given"
    }


def test_a_lone_field_whose_name_ends_like_a_date_part_stays_itself() -> None:
    assert form_values(MultiDict([("best-day", "Monday")])) == {"best-day": "Monday"}


def test_one_answer_to_a_list_is_a_list_only_when_the_schema_says_so() -> None:
    form = MultiDict([("person.names", "Ada")])
    assert form_values(form, Referral()) == {"person.names": ["Ada"]}
    assert form_values(form) == {"person.names": "Ada"}


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_the_databases_treat_differently_cannot_be_read(text: str) -> None:
    with pytest.raises(Malformed):
        form_values(MultiDict([("note", text)]))


def test_dotted_names_become_groups() -> None:
    assert nest({"person.name.given": "Ada", "person.age": 3, "a": 1}) == {
        "person": {"name": {"given": "Ada"}, "age": 3},
        "a": 1,
    }


@pytest.mark.parametrize("values", [{"person": "x", "person.name": "y"}, {"person.name": "y", "person": "x"}])
def test_a_name_that_is_both_a_value_and_a_group_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(FormMuddled):
        nest(values)


def test_messages_of_any_shape_become_one_line_for_each_field() -> None:
    messages = {
        "a": ["First.", "Second."],
        "b": {"c": ["Deep."]},
        "d": {0: {"e": ["In a list."]}, 3: ["Later."]},
        "_schema": ["Whole."],
    }
    expected = {"a": "First.", "b.c": "Deep.", "d": "In a list.", "": "Whole."}
    assert faults_of(messages) == expected
    assert faults_of(ValidationError(messages)) == expected
    assert faults_of(["Whole."]) == {"": "Whole."}


def test_a_refusal_of_the_domain_stands_beside_its_field_or_over_the_form() -> None:
    assert faults_of(Invalid(faults=(Fault("person.name", "Give a name"),))) == {"person.name": "Give a name"}
    assert faults_of(Conflict("The peer has no room.")) == {"": "The peer has no room."}


def test_the_summary_links_to_the_fields() -> None:
    assert summary({"person.birth_date": "No date", "": "Old form"}) == [
        {"text": "No date", "href": "#person-birth_date"},
        {"text": "Old form", "href": "#maincontent"},
    ]


def test_a_known_date_is_shown_in_parts_and_typed_parts_win() -> None:
    assert date_parts({"d": date(1991, 3, 4)}, "d") == {"day": "4", "month": "3", "year": "1991"}
    assert date_parts(MultiDict([("d-day", "45"), ("d-month", "x"), ("d-year", "")]), "d") == {
        "day": "45",
        "month": "x",
        "year": "",
    }
    assert date_parts({}, "d") == {"day": "", "month": "", "year": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Must be greater than or equal to 5.", "Hours a week must be 5 or more"),
        ("Must be one of: east, west.", "Hours a week must be one of: east, west"),
        ("Length must be between 2 and 9.", "Hours a week must have between 2 and 9"),
        ("Choose how many hours.", "Choose how many hours."),
    ],
)
def test_standard_messages_name_their_field_and_our_own_words_stay(text: str, words: str) -> None:
    assert in_plain_words("peer.hours_a_week", text) == words
    assert in_plain_words("peer.hours_a_week", words) == words


def test_what_was_sent_is_decoded_once_and_what_looks_encoded_stays_as_it_is() -> None:
    once = "%41 %2541 &lt;b&gt; \\u0041 +"
    assert form_values(MultiDict([("note", once)])) == {"note": once}
