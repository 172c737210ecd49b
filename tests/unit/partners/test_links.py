"""What a private link gives, with the word and without, and when it rests."""

from __future__ import annotations

import itertools

import pytest

from contracts import referrals, roles
from services.partners.domain import links
from services.partners.domain.links import Opening


def test_only_the_right_word_of_somebody_who_is_not_held_back_gives_their_own_pages() -> None:
    every = itertools.product(referrals.LINK_PURPOSES, (True, False), (True, False))
    given = {one: links.gives(Opening(*one)) for one in every}
    assert len(given) == 8
    assert [one for one, purpose in given.items() if purpose == "own_pages"] == [("own_pages", True, False)]
    assert set(given.values()) == {"own_pages", "standing"}


def test_the_purposes_are_those_of_the_table_of_roles() -> None:
    assert {links.OWN_PAGES, links.STANDING} == {roles.OWN_PAGES, roles.STANDING} == set(referrals.LINK_PURPOSES)


def test_a_link_rests_after_so_many_wrong_words() -> None:
    links.check_tries(4, 5)
    with pytest.raises(links.LinkRests):
        links.check_tries(5, 5)


def test_a_link_takes_no_word_any_more_after_so_many_in_all() -> None:
    links.check_tries_in_all(19, 20)
    with pytest.raises(links.LinkWorn):
        links.check_tries_in_all(20, 20)
