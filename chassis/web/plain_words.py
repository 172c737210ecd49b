"""The standard messages of marshmallow said in plain words with the field's name, so that page and API say the same."""

from __future__ import annotations

import re

_WORDS = {
    "Missing data for required field.": "{name} must be given",
    "Field may not be null.": "{name} must be given",
    "Invalid value.": "{name} is not a value that can be used",
    "Not a valid string.": "{name} must be text",
    "Not a valid integer.": "{name} must be a whole number",
    "Not a valid number.": "{name} must be a number",
    "Number too large.": "{name} is too large a number",
    "Not a valid boolean.": "{name} must be yes or no",
    "Not a valid date.": "{name} must be a real date",
    "Not a valid time.": "{name} must be a time of day",
    "Not a valid datetime.": "{name} must be a date and time with its zone",
    "Not a valid aware datetime.": "{name} must be a date and time with its zone",
    "Not a valid UUID.": "{name} must be an id",
    "Not a valid email address.": "{name} must be an email address, like name@example.com",
    "Not a valid list.": "{name} must be a list",
    "Not a valid mapping type.": "{name} must be a group of fields",
    "Invalid type.": "{name} must be a group of fields",
    "Invalid input type.": "{name} must be a group of fields",
    "Unknown field.": "{name} is not a field that is read here; take it out",
    "String does not match expected pattern.": "{name} is not in the form that is needed",
}
_MEASURED = (
    (re.compile(r"Shorter than minimum length 1\."), "{name} must be given"),
    (re.compile(r"Shorter than minimum length (\d+)\."), r"{name} must have \1 or more"),
    (re.compile(r"Longer than maximum length (\d+)\."), r"{name} must have \1 or fewer"),
    (re.compile(r"Length must be between (\d+) and (\d+)\."), r"{name} must have between \1 and \2"),
    (re.compile(r"Length must be (\d+)\."), r"{name} must have exactly \1"),
    (re.compile(r"Must be greater than or equal to (\S+)\."), r"{name} must be \1 or more"),
    (re.compile(r"Must be less than or equal to (\S+)\."), r"{name} must be \1 or less"),
    (re.compile(r"Must be (.+)\."), r"{name} must be \1"),
)


def in_plain_words(where: str, text: str) -> str:
    """Gives a standard message with the name of its field (`where`, a dotted path); words of our own stay."""
    if text in _WORDS:
        return _WORDS[text].replace("{name}", field_words(where))
    for pattern, words in _MEASURED:
        if found := pattern.fullmatch(text):
            return found.expand(words).replace("{name}", field_words(where), 1)
    return text


def field_words(where: str) -> str:
    """The name of a field as a sentence begins with it: `person.birth_date` is `Birth date`."""
    names = [part for part in where.split(".") if part and not part.isdigit()]
    words = names[-1].replace("_", " ").replace("-", " ").strip() if names else ""
    return words[:1].upper() + words[1:] if words else "What you sent"
