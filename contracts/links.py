"""Private links, as the room that makes them and the room that opens them both know them: address, hash, and the word.

A link is for somebody without an account. Its token stands in the address and nowhere else; what travels is its hash.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable

# Where a link is opened; the token follows.
AT = "/l/"
# The class the mark of a person's word is sealed in, with the person's own key.
WORD_CLASS = "link_word"
# Characters somebody may type as a word.
MOST_LETTERS = 60


def hash_of(token: str) -> str:
    """What is kept and told of a token of 256 random bits: nobody who reads it can open the link."""
    return hashlib.sha256(token.encode()).hexdigest()


def settled(word: str) -> str:
    """One text for a word however it was typed: capitals, accents, spaces and hyphens do not count."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(one for one in plain if one.isalnum())


def word_mark(mark: Callable[[str], str], person_id: str, word: str) -> str:
    """The keyed hash of a person's word; `mark` is that of `contracts.marks`. The same word of two people differs."""
    return mark(f"{WORD_CLASS}|{person_id}|{settled(word)}")
