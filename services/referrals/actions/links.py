"""A person's private link, for somebody without an account: made when something is sent, one at a time, and revoked."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from chassis.access import service_scope
from chassis.ids import new_token
from chassis.sealing import Ring
from chassis.service import Service
from chassis.unit import Unit
from contracts import marks
from contracts.links import AT, WORD_CLASS, hash_of, settled, word_mark
from contracts.referrals import LinkMinted, LinkRevoked, WordChosen
from contracts.roles import OWN_PAGES
from services.referrals import domain, store
from services.referrals.domain import words

# Why a link is revoked (contracts/referrals.py).
REPLACED, ASKED, PROTECTED, FORGOTTEN = "replaced", "asked", "protected", "forgotten"


def mint(unit: Unit, person_id: str, purpose: str = OWN_PAGES) -> str:
    """Makes a person's private link at the moment something is sent to them; the one before works no more.

    Gives the token, which is kept nowhere: it is put into what is sent (`address_of`) and never into a fact, a log line
    or a record. Refuses when the person took their consent back, and whom the one who asks must not know of.
    """
    person = store.person(unit.scope, unit, person_id)
    if person.consent_state != domain.GIVEN:
        raise domain.ConsentMissing()
    store.hold_person(unit.scope, unit, person_id)
    revoke_all(unit, person_id, REPLACED)
    token, link_id = new_token(), unit.ids.new()
    ends_at = unit.now + timedelta(days=unit.policy.link_days)
    store.add_link(
        unit, link_id=link_id, person_id=person_id, purpose=purpose, minted_at=unit.now, ends_at=ends_at
    )  # fmt: skip
    fact = LinkMinted(
        link_id=link_id, person_id=person_id, hash=hash_of(token), purpose=purpose, minted_at=unit.now,
        ends_at=ends_at,
    )  # fmt: skip
    unit.state(f"referrals/person/{person_id}", fact)
    unit.note("link.mint", subject=person_id, record=link_id)
    return token


def address_of(origin: str, token: str) -> str:
    """The address somebody opens; `origin` is where this network stands."""
    return f"{origin}{AT}{token}"


def revoke(unit: Unit, person_id: str) -> int:
    """Takes a person's private link back; gives how many there were. NotFound for somebody who is not there."""
    store.person(unit.scope, unit, person_id)
    return revoke_all(unit, person_id, ASKED)


def revoke_all(unit: Unit, person_id: str, why: str) -> int:
    """Revokes whatever links of a person work; gives how many. Whoever came in by one is out within seconds."""
    done = 0
    for row in store.links_living(service_scope(unit.service), unit, person_id):
        if store.revoke_link(unit, row.link_id):
            fact = LinkRevoked(link_id=row.link_id, person_id=person_id, why=why, revoked_at=unit.now)
            unit.state(f"referrals/person/{person_id}", fact)
            unit.note("link.revoke", subject=person_id, record=row.link_id)
            done += 1
    return done


# ---- the word


def word_ring(house: Service, person_id: str, contact: str) -> Ring:
    """The keys a word is chosen with: the person's own, that of marks, and what opens the contact card."""
    ring = house.vault.make(person_id, [WORD_CLASS]).joined(house.vault.make(marks.OWNER, [marks.CLASS]))
    return ring.joined(house.vault.ring([contact]))


def choose_word(unit: Unit, person_id: str, word: str) -> None:
    """Has a person's private link ask for this word from now on. The unit's ring is one of `word_ring`.

    Refuses (WordUnfit) what is short, tried first, or known of the person by others. The word itself is kept nowhere.
    """
    person = store.person(unit.scope, unit, person_id)
    if person.consent_state != domain.GIVEN:
        raise domain.ConsentMissing()
    words.check(settled(word), _known_of(unit.ring.open(person.contact, owner_id=person_id) or {}))
    mark = word_mark(partial(unit.ring.mark, marks.OWNER, marks.CLASS), person_id, word)
    store.change_person(unit, person_id, word_chosen_at=unit.now)
    fact = WordChosen(
        person_id=person_id, word=unit.ring.seal(person_id, WORD_CLASS, mark), chosen_at=unit.now
    )  # fmt: skip
    unit.state(f"referrals/person/{person_id}", fact)
    unit.note("word.choose", subject=person_id)


def _known_of(contact: Any) -> set[str]:
    """What others may know of a person, in parts: whole texts, the words in them, the birthday either way round."""
    names = ("name", "called", "address", "postcode", "phone", "email", "birth_date")
    texts = [str(contact.get(name) or "") for name in names]
    backwards = "".join(reversed(texts[-1].split("-")))
    parts = (part for text in (*texts, backwards) for part in (text, *text.replace("@", " ").split()))
    return {plain for part in parts if (plain := settled(part))}
