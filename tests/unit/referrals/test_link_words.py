"""The word a private link asks for: what is refused, and that it is one word however it is typed."""

from __future__ import annotations

import pytest

from contracts import links
from services.referrals.domain import words

KNOWN = frozenset({"jordanokafor", "jordan", "okafor", "zz11aa", "19850327", "01632960001", "7somestreet", "street"})


@pytest.mark.parametrize("word", ["kingfisher", "tworivers", "ёжиквтумане", "apple42"])
def test_a_word_that_others_would_not_guess_is_taken(word: str) -> None:
    words.check(links.settled(word), KNOWN)


@pytest.mark.parametrize("word", ["", "tea", "abcd", "aaaaaa", "ababab", "Pass Word", "12345", "-----", "Sunshine"])
def test_a_word_that_is_short_or_tried_first_is_refused(word: str) -> None:
    with pytest.raises(words.WordUnfit):
        words.check(links.settled(word), KNOWN)


@pytest.mark.parametrize(
    "word", ["Jordan", "okafor", "Jordan-Okafor", "okafors house", "19850327", "1985-03", "zz1 1aa"]
)
def test_a_word_that_others_know_of_the_person_is_refused(word: str) -> None:
    with pytest.raises(words.WordKnown):
        words.check(links.settled(word), KNOWN)


@pytest.mark.parametrize("typed", ["King fisher", "KINGFISHER", " king-fisher ", "kíngfisher", "ｋｉｎｇｆｉｓｈｅｒ"])
def test_capitals_accents_and_spaces_do_not_count(typed: str) -> None:
    assert links.settled(typed) == "kingfisher"


def test_the_same_word_of_two_people_is_not_told_to_be_the_same() -> None:
    assert links.word_mark(str, "one", "kingfisher") != links.word_mark(str, "two", "kingfisher")
    assert links.word_mark(str, "one", "kingfisher") == links.word_mark(str, "one", "King Fisher")


def test_what_is_kept_of_a_token_does_not_hold_it() -> None:
    token = "a token of a test"
    assert len(links.hash_of(token)) == 64
    assert token not in links.hash_of(token)
