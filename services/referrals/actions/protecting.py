"""What keeps a person safe and free to go: consent taken back, protection set and lifted."""

from __future__ import annotations

from chassis.access import service_scope
from chassis.unit import Unit
from contracts.referrals import ConsentWithdrawn, PersonProtected, PersonUnprotected
from services.referrals import domain, store
from services.referrals.actions import changing, links


def withdraw_consent(unit: Unit, person_id: str) -> None:
    """Takes the person's consent back: a brake in every room, and their open referrals end."""
    person = store.person(unit.scope, unit, person_id)
    if person.consent_state == domain.WITHDRAWN:
        return
    store.change_person(unit, person_id, consent_state=domain.WITHDRAWN)
    fact = ConsentWithdrawn(person_id=person_id, consent_id=person.consent_id, withdrawn_at=unit.now)
    unit.state(f"referrals/person/{person_id}", fact)
    for row in store.of_person(service_scope(unit.service), unit, person_id):
        if row.state not in domain.ENDED:
            changing.end(unit, row, "withdraw", "withdrawn")
    unit.note("consent.withdraw", subject=person_id)


def protect_person(unit: Unit, person_id: str) -> None:
    """Protects a person from being found: a brake in every room, and no private link made before works any more."""
    if not store.person(unit.scope, unit, person_id).is_protected:
        store.change_person(unit, person_id, is_protected=True)
        links.revoke_all(unit, person_id, links.PROTECTED)
        unit.state(f"referrals/person/{person_id}", PersonProtected(person_id=person_id, protected_at=unit.now))
        unit.note("person.protect", subject=person_id)


def lift_protection(unit: Unit, person_id: str) -> None:
    """Lifts a person's protection, which other rooms do only in its turn."""
    if store.person(unit.scope, unit, person_id).is_protected:
        store.change_person(unit, person_id, is_protected=False)
        unit.state(f"referrals/person/{person_id}", PersonUnprotected(person_id=person_id, unprotected_at=unit.now))
        unit.note("person.unprotect", subject=person_id)
