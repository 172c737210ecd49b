"""Keyed marks of a surname and a postcode: two are equal when the words are, and neither tells what they are.

They are made with one key of the key store, for one question: is somebody too near to a record they open? The word a
private link asks for is marked with the same key (contracts/links.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

# The key's owner and class in the key store: it belongs to the network and to nobody in it.
OWNER, CLASS = "network", "marks"
# The class of another key of the same owner: what a person is found by (NHS number, phone) can be tried out number by
# number by whoever has the key, so referrals alone may use it.
SEARCH = "search"


class Marks(NamedTuple):
    """The marks of one human being; None where the word is not known. `whole_mark` is of name and postcode together."""

    surname_mark: str | None = None
    postcode_mark: str | None = None
    whole_mark: str | None = None


def marks_of(mark: Callable[[str], str], name: str | None, postcode: str | None) -> Marks:
    """The marks of a full name and a postcode, both as somebody wrote them; `mark` is the keyed hash of a text."""
    words, code = _words(name), _letters(postcode)
    surname = words[-1] if len(words) > 1 else ""
    whole = f"{' '.join(words)}|{code}" if surname and code else ""
    return Marks(*(mark(f"{what}|{text}") if text else None for what, text in _said(surname, code, whole)))


def of_surname_and_postcode(mark: Callable[[str], str], surname: str, postcode: str) -> Marks:
    """The marks of a surname alone and a postcode, as somebody looks for them: equal to those of whoever has both."""
    words, code = _words(surname), _letters(postcode)
    said = _said(words[-1] if words else "", code, "")
    return Marks(*(mark(f"{what}|{text}") if text else None for what, text in said))


def _said(surname: str, postcode: str, whole: str) -> tuple[tuple[str, str], ...]:
    return ("surname", surname), ("postcode", postcode), ("whole", whole)


def _words(text: str | None) -> list[str]:
    """The words of a name without accents, capitals, hyphens and apostrophes: O'Brien is Obrien."""
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    kept = "".join(one for one in plain if one.isalpha() or one.isspace())
    return kept.split()


def _letters(text: str | None) -> str:
    return "".join(one for one in (text or "").casefold() if one.isalnum())
