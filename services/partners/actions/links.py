"""Private links for people without an account: looked up, opened with a word or without, and ended."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts import links, marks
from contracts.roles import OWN_PAGES, PERSON, STANDING
from services.partners import store
from services.partners.actions import sessions
from services.partners.domain import links as rules
from services.partners.domain import sessions as of_sessions


@dataclass(frozen=True)
class Found:
    """A link that is good: whose it is, what it was made for, and the sealed word it asks for, if one was chosen."""

    link_id: str
    person_id: str
    purpose: str
    word: str | None

    @property
    def asks(self) -> bool:
        """Whether it asks for a word."""
        return self.purpose == OWN_PAGES and self.word is not None


def look(unit: Unit, token: str) -> Found | None:
    """The link of a token while it is good; None for one that is unknown, ran out, was revoked or whose person is gone.

    One question is asked whichever of these it is, so that nobody learns which.
    """
    row = store.link_living(sessions.whole(unit), unit, links.hash_of(token))
    return None if row is None else Found(row.link_id, row.person_id, row.purpose, row.word)


def is_word(house: Service, found: Found, given: str) -> bool:
    """Whether what was typed is the word; keys are fetched here, so it is done outside every transaction."""
    if not found.word or not links.settled(given):
        return False
    ring = house.vault.ring([found.word]).joined(house.vault.make(marks.OWNER, [marks.CLASS]))
    kept = ring.open(found.word, owner_id=found.person_id)
    said = links.word_mark(_mark(ring), found.person_id, given)
    return bool(kept) and hmac.compare_digest(str(kept), said)


def _mark(ring: Ring) -> Callable[[str], str]:
    return partial(ring.mark, marks.OWNER, marks.CLASS)


def open_without_word(unit: Unit, token: str, *, replaces: str) -> str | None:
    """Begins a session that is shown where things stand and no more; None when the link is good no longer."""
    found = look(unit, token)
    return None if found is None else _begin(unit, found, is_word_right=False, replaces=replaces)


def open_with_word(unit: Unit, token: str, address: str, *, replaces: str) -> str | None:
    """Begins a session by the right word; None when the link is good no longer. `address` is the hash of where from.

    Refuses with LinkRests after too many wrong ones, the right one too.
    """
    found = look(unit, token)
    if found is None:
        return None
    store.hold_link(sessions.whole(unit), unit, found.link_id)
    _check_tries(unit, found, address)
    store.forget_failed_tries(unit, _of(found))
    return _begin(unit, found, is_word_right=True, replaces=replaces)


def count_wrong_word(unit: Unit, token: str, address: str) -> None:
    """Counts a word that was wrong, for the link and for where it came from. Refuses when the link rests."""
    found = look(unit, token)
    if found is None:
        return
    store.hold_link(sessions.whole(unit), unit, found.link_id)
    _check_tries(unit, found, address)
    store.add_failed_tries(unit, [_of(found), address])
    unit.note("link.try", subject=found.person_id, record=found.link_id, outcome="refused", rule="WordRefused")


def _of(found: Found) -> str:
    return f"{store.TRIES_AT_LINKS}{found.link_id}"


def _check_tries(unit: Unit, found: Found, address: str) -> None:
    whole = sessions.whole(unit)
    in_all = store.failed_tries_since(whole, unit, _of(found), unit.now - timedelta(days=unit.policy.link_tries_days))
    rules.check_tries_in_all(in_all, unit.policy.link_tries_in_all)
    since = unit.now - timedelta(minutes=unit.policy.link_rests_minutes)
    for of, most in ((_of(found), unit.policy.link_tries), (address, unit.policy.link_tries_address)):
        rules.check_tries(store.failed_tries_since(whole, unit, of, since), most)


def _begin(unit: Unit, found: Found, *, is_word_right: bool, replaces: str) -> str:
    is_held_back = sessions.is_held_back(unit, found.person_id)
    only = rules.gives(rules.Opening(found.purpose, is_word_right, is_held_back))
    unit.note("link.open", subject=found.person_id, record=found.link_id)
    return sessions.begin(unit, PERSON, found.person_id, replaces=replaces, link_id=found.link_id, only=only)


# ---- ended


def revoke(unit: Unit, link_id: str) -> None:
    """A link is good no more, and whoever came in by it is out."""
    store.revoke_link(unit, link_id)
    store.end_sessions(unit, of_sessions.LINK, store.sessions_of_link(link_id))


def protect(unit: Unit, person_id: str) -> None:
    """Whoever came in by a word to the pages of somebody protected is out."""
    store.end_sessions(unit, of_sessions.LINK, store.sessions_with_word_of(person_id, STANDING))


def choose_word(unit: Unit, person_id: str, word: str) -> None:
    """Another word is asked for from now on, and whoever came in by the one before is out."""
    store.keep_word(unit, person_id, word)
    store.end_sessions(unit, of_sessions.LINK, store.sessions_by_links_of(person_id))


def forget(unit: Unit, person_id: str) -> None:
    """Nothing is kept of a person's links, and whoever came in by them is out."""
    store.end_sessions(unit, of_sessions.LINK, store.sessions_by_links_of(person_id))
    store.forget_links(unit, person_id)


def end_braked(unit: Unit) -> int:
    """Ends the sessions that a brake holds back before its fact has come to its turn; gives how many."""
    return store.end_sessions(unit, of_sessions.LINK, store.sessions_braked(STANDING))


def are_braked(unit: Unit) -> bool:
    """Whether there are such sessions."""
    return bool(store.living_sessions(sessions.whole(unit), unit, store.sessions_braked(STANDING)))
