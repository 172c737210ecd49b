"""From a form to what a schema reads, and from what a schema refuses to words beside each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict

from chassis.errors import Invalid, Malformed, Refused
from chassis.web.api import faults_in
from chassis.web.strict_json import refuse_odd_text

_PARTS = ("-day", "-month", "-year")
_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False}
# More digits than any count or year has; longer text goes to the schema as it is and is refused there.
_MAX_DIGITS = 15

Faults = dict[str, str]


class FormMuddled(Malformed):
    """A form names one field both as a value and as a group of fields."""

    says = "This form could not be read. Go back and fill it in again."


def read_form(schema: Schema, form: MultiDict[str, str], *, beside: Iterable[str] = ()) -> tuple[Any, Faults]:
    """Gives what the form says by the schema's rules, and the first fault of each field; one of the two is empty.

    `beside` names fields that belong to the form and not to the schema, such as `idempotency_key`.
    """
    try:
        return schema.load(form_body(schema, form, beside=beside)), {}
    except ValidationError as error:
        return {}, faults_of(error)


def form_body(schema: Schema, form: MultiDict[str, str], *, beside: Iterable[str] = ()) -> dict[str, Any]:
    """Gives what a form says as JSON would carry it, for whoever reads it by the schema's rules and others besides."""
    values = form_values(form, schema)
    for name in beside:
        values.pop(name, None)
    return _with_groups(nest(values), schema, form)


def form_values(form: MultiDict[str, str], schema: Schema | None = None) -> dict[str, Any]:
    """Gives a form's answers by their dotted names, as JSON would carry them.

    What was left blank is left out. `x-day`, `x-month` and `x-year` become `x` as an ISO date; parts that make no date
    are joined all the same, so that the schema refuses them. With a schema, list fields are always lists, whole numbers
    are numbers and yes or no is a truth. Refuses NUL and lone surrogates (400).
    """
    for name, texts in form.lists():
        for text in (name, *texts):
            refuse_odd_text(text)
    dates = [name.removesuffix("-day") for name in form if name.endswith("-day")]
    dates = [name for name in dates if all(name + part in form for part in _PARTS)]
    parts = {name + part for name in dates for part in _PARTS}
    values: dict[str, Any] = {}
    for name, texts in form.lists():
        if name in parts:
            continue
        given = [text.strip().replace("\r\n", "\n") for text in texts if text.strip()]
        if given:
            values[name] = _shaped(given, _field_at(schema, name))
    for name in dates:
        d, m, y = (form[name + part].strip() for part in _PARTS)
        if d or m or y:
            values[name] = f"{y}-{m:0>2}-{d:0>2}" if d and m and y else f"{y}-{m}-{d}"
    return values


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turns `{"person.birth_date": x}` into `{"person": {"birth_date": x}}`."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        *groups, last = name.split(".")
        place = whole
        for group in groups:
            place = place.setdefault(group, {})
            if not isinstance(place, dict):
                raise FormMuddled()
        if last in place:
            raise FormMuddled()
        place[last] = value
    return whole


def faults_of(found: Any) -> Faults:
    """Gives the first fault of each field by its dotted name, from marshmallow's messages or from a refusal.

    What is wrong with one entry of a list stands at the list; what is wrong with the whole form stands at "".
    """
    if isinstance(found, Refused):
        told = [(fault.where, fault.says) for fault in found.faults] if isinstance(found, Invalid) else []
        told = told or [("", found.says)]
    else:
        messages = found.messages if isinstance(found, ValidationError) else found
        told = [(fault.where, fault.says) for fault in faults_in(messages)]
    first: Faults = {}
    for where, says in told:
        first.setdefault(_field_name(where), says)
    return first


def summary(faults: Mapping[str, str]) -> list[dict[str, str]]:
    """Gives the lines of the error summary, each a link to its field."""
    return [{"text": says, "href": f"#{field_id(name) or 'maincontent'}"} for name, says in faults.items()]


def field_id(name: str) -> str:
    """The id of a field in HTML: its dotted name with dashes for dots."""
    return name.replace(".", "-")


# ---- for templates: a form is what was sent, or a plain mapping of what is known


def answers(form: Any, name: str) -> list[str]:
    """Gives every answer a form holds for `name`, as text."""
    if isinstance(form, MultiDict):
        return list(form.getlist(name))
    found = form.get(name) if isinstance(form, Mapping) else None
    many = found if isinstance(found, list | tuple | set | frozenset) else [found]
    return [_text(one) for one in many if one is not None]


def answer(form: Any, name: str) -> str:
    """Gives the first answer a form holds for `name`, or nothing."""
    return next(iter(answers(form, name)), "")


def date_parts(form: Any, name: str) -> dict[str, str]:
    """Gives day, month and year of a date as they were typed, or from a known date."""
    typed = {part[1:]: answer(form, name + part) for part in _PARTS}
    known = answer(form, name).split("-")
    if any(typed.values()) or len(known) != 3:
        return typed
    return {"day": known[2].lstrip("0"), "month": known[1].lstrip("0"), "year": known[0]}


def choices(options: Any) -> list[dict[str, Any]]:
    """Gives the options of a field in one shape, from `{value: text}`, pairs, plain texts or mappings."""
    rows = options.items() if isinstance(options, Mapping) else options or ()
    return [_choice(row) for row in rows]


def _choice(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return {**row, "value": _text(row["value"])} if "value" in row else dict(row)
    value, text = (row, row) if isinstance(row, str) else row
    return {"value": _text(value), "text": str(text)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


# ---- reading


def _field_name(where: str) -> str:
    parts = where.split(".")
    number = next((index for index, part in enumerate(parts) if part.isdigit()), len(parts))
    return ".".join(parts[:number])


def _field_at(schema: Schema | None, name: str) -> fields.Field[Any] | None:
    found: fields.Field[Any] | None = None
    place: Any = schema
    for part in name.split("."):
        known = place.fields.items() if place is not None else ()
        found = next((field for key, field in known if (field.data_key or key) == part), None)
        place = found.schema if isinstance(found, fields.Nested) else None
    return found


def _with_groups(whole: dict[str, Any], schema: Schema, names: Iterable[str]) -> dict[str, Any]:
    # A group left blank throughout is there all the same, so that each of its fields says it is missing.
    for name in names:
        place: Any = whole
        path: list[str] = []
        for group in name.split(".")[:-1]:
            path.append(group)
            field = _field_at(schema, ".".join(path))
            if not (isinstance(field, fields.Nested) and field.required and isinstance(place, dict)):
                break
            place = place.setdefault(group, {})
    return whole


def _shaped(given: list[str], field: fields.Field[Any] | None) -> Any:
    if isinstance(field, fields.List):
        return [_typed(text, field.inner) for text in given]
    return _typed(given[0], field) if len(given) == 1 else given


def _typed(text: str, field: fields.Field[Any] | None) -> Any:
    if isinstance(field, fields.Boolean):
        return _YES.get(text.lower(), text)
    digits = text.removeprefix("-")
    if isinstance(field, fields.Integer) and digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS:
        return int(text)
    return text
