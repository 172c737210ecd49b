"""The rules of opening a private link: what it gives with the word and without, and when it rests."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.errors import NotSignedIn, Refused

# What passes of a link are for (contracts/roles.py): a person's own pages, or where things stand alone.
OWN_PAGES, STANDING = "own_pages", "standing"


class WordRefused(NotSignedIn):
    """The word is not the one the person chose."""

    says = "That is not the word. Try again, or go on without it."


class LinkRests(Refused):
    """Too many wrong words were tried; the link takes no word for an hour, and still opens without."""

    status = 429
    says = "There were too many tries. Wait an hour before you try a word again. You can go on without it."


class LinkWorn(LinkRests):
    """So many wrong words were tried in all that the link takes no word any more; a new one has to be made."""

    says = "There were too many wrong tries. Ask whoever gave you this link for a new one. You can go on without it."


@dataclass(frozen=True)
class Opening:
    """What is known as a link is opened: what it was made for, and what stands in the way of the person."""

    purpose: str
    is_word_right: bool
    is_held_back: bool


def gives(opening: Opening) -> str:
    """The purpose its passes are for: a person's own pages by the right word, else where things stand alone.

    Of somebody protected, and of somebody of whom not all was heard, no link gives more, whatever word is said.
    """
    may_have_all = opening.purpose == OWN_PAGES and opening.is_word_right and not opening.is_held_back
    return OWN_PAGES if may_have_all else STANDING


def check_tries(failed: int, most: int) -> None:
    """Refuses one more word after so many wrong ones in the span that counts."""
    if failed >= most:
        raise LinkRests()


def check_tries_in_all(failed: int, most: int) -> None:
    """Refuses every word after so many wrong ones since the last right one: patience must not find it."""
    if failed >= most:
        raise LinkWorn()
