"""The rules of the word a private link asks for: long enough, and not what others know of the person."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.errors import Invalid

# Letters and digits a word has at least.
LEAST = 5
# What people try first; after twenty wrong words a link takes none any more, so this list need not be long.
_TRIED_FIRST = frozenset(
    {
        "password", "secret", "welcome", "hello", "letmein", "qwerty", "abcdef", "monkey", "dragon", "sunshine",
        "football", "princess", "iloveyou", "nothing", "beenthere", "peersupport", "wellbeing", "recovery",
        "mentalhealth", "12345", "123456", "1234567", "12345678",
    }
)  # fmt: skip


class WordUnfit(Invalid):
    """The word is too short, or one that others try first."""

    where = "word"
    says = f"Choose a word with {LEAST} letters or more that others would not guess. Two words are fine."


class WordKnown(WordUnfit):
    """The word stands in what others know of the person, such as their name."""

    says = "Choose another word: this one is part of their name, their address or their birthday."


def check(word: str, about_them: Iterable[str]) -> None:
    """Refuses a word that is not fit to be asked for.

    Both come as `contracts.links.settled` gives them; `about_them` is what others may know of the person, in parts.
    """
    if len(word) < LEAST or len(set(word)) < 3 or word in _TRIED_FIRST:
        raise WordUnfit()
    if any(word in one or (len(one) >= LEAST and one in word) for one in about_them):
        raise WordKnown()
