"""The rules of a password: long enough, and not one that somebody would guess; nothing else is asked of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from chassis.errors import Fault, Invalid

LEAST, MOST = 12, 128
# Words of this place, which whoever guesses tries first.
OUR_WORDS = ("beenthere", "been there", "peersupport", "peer support")


class PasswordRefused(Invalid):
    """The password is too short, too long, or one that many people have."""

    says = "Choose another password."


def settled(password: str) -> str:
    """One text for a password however it was typed: composed the same way on every keyboard (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, is_common: bool, about_them: Iterable[str] = ()) -> None:
    """Refuses a password that is not fit to be one; it may hold any characters, spaces too.

    `is_common` says that it stands on the list of passwords many people have, or is one with a little around it;
    `about_them` are words somebody who knows them would try.
    """
    if len(password) < LEAST:
        _refuse(f"Use {LEAST} characters or more. Three or four words together are easy to keep in mind.")
    if len(password) > MOST:
        _refuse(f"Use {MOST} characters or fewer.")
    if is_common:
        _refuse("Many people have this password, so it is tried first. Choose another one.")
    lowered = password.casefold()
    if any(len(word) >= 4 and word.casefold() in lowered for word in (*OUR_WORDS, *about_them)):
        _refuse("Leave out your own name, your e-mail address and the name of this service.")


def _refuse(says: str) -> None:
    raise PasswordRefused(faults=(Fault("password", says),))
