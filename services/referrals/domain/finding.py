"""The rules of finding a person: by exactly what is known of them, in one of three ways, and never by a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.errors import Fault, Invalid

from . import kind_of_number

NHS_NUMBER, PHONE, NAME_AND_PLACE = "nhs_number", "phone", "surname_and_postcode"
# What has to be given for each way, all of it.
WAYS: Mapping[str, tuple[str, ...]] = {
    NHS_NUMBER: ("nhs_number",),
    PHONE: ("phone",),
    NAME_AND_PLACE: ("surname", "postcode"),
}
# Nobody who is protected is found by where they live or how they are reached: they answer as if they were not there.
FINDS_PROTECTED = frozenset({NHS_NUMBER})
_LEAST_DIGITS = 7


class SearchRefused(Invalid):
    """Nobody can be looked for by this."""

    says = "There is a problem with what you look for."


def way(wanted: Mapping[str, Any]) -> str:
    """In which of the three ways somebody is looked for; refuses none, several, half of one, and a wrong number."""
    given = {name for name, text in wanted.items() if text}
    begun = [one for one, names in WAYS.items() if given & set(names)]
    if not begun:
        raise _refused("nhs_number", "Enter an NHS number, a phone number, or a surname and a postcode.")
    if len(begun) > 1:
        raise _refused(WAYS[begun[1]][0], "Look for one thing at a time: leave the others empty.")
    lacking = [name for name in WAYS[begun[0]] if name not in given]
    if lacking:
        raise _refused(lacking[0], f"Enter the {lacking[0]} too. A surname and a postcode are looked for together.")
    if begun[0] == NHS_NUMBER and kind_of_number(wanted["nhs_number"]) == "wrong":
        raise _refused("nhs_number", "This is not an NHS number: its check digit does not fit. Check each digit.")
    if begun[0] == PHONE and len(phone_in_one_form(wanted["phone"])) < _LEAST_DIGITS:
        raise _refused("phone", "Enter the whole phone number, with its area code.")
    return begun[0]


def nhs_number_in_one_form(text: str | None) -> str:
    """The ten digits of an NHS number, however it was spaced."""
    return _digits(text)


def phone_in_one_form(text: str | None) -> str:
    """The digits of a phone number as it is dialled at home: +44 1632 960001 is 01632960001."""
    digits = _digits(text)
    for abroad in ("0044", "44"):
        if digits.startswith(abroad) and (abroad == "0044" or "+" in (text or "")):
            return "0" + digits.removeprefix(abroad).removeprefix("0")
    return digits


def _digits(text: str | None) -> str:
    return "".join(one for one in text or "" if one.isascii() and one.isdigit())


def _refused(where: str, says: str) -> SearchRefused:
    return SearchRefused(faults=(Fault(where, says),))
