"""A person is forgotten for good: stated and hidden at once, then their keys are destroyed, outside any transaction."""

from __future__ import annotations

from chassis import clocks, once, told
from chassis.access import service_scope
from chassis.service import Service
from chassis.unit import Unit
from contracts.referrals import PersonForgotten
from services.referrals import domain, store
from services.referrals.actions import changing, links

# The clock of keys that are to be destroyed; it is due at once.
DESTROY_KEYS = "destroy_keys"


def forget_person(unit: Unit, person_id: str) -> None:
    """Forgets a person: what is open ends, every room hears of it, and codes and days are all that stays here.

    Two people want it first (actions/two_people.py). Forgetting again changes nothing.
    """
    whole = service_scope(unit.service)
    if store.person(whole, unit, person_id).consent_state == domain.FORGOTTEN:
        return
    store.person(unit.scope, unit, person_id)
    for row in store.of_person(whole, unit, person_id):
        if row.state not in domain.ENDED:
            changing.end(unit, row, "withdraw", "withdrawn")
    links.revoke_all(unit, person_id, links.FORGOTTEN)
    unit.state(f"referrals/person/{person_id}", PersonForgotten(person_id=person_id, forgotten_at=unit.now))
    _empty(unit, person_id)
    unit.note("person.forget", subject=person_id)


def forget_again(unit: Unit) -> int:
    """Empties what stands here of people who were forgotten, as when an older copy was put back; gives how many.

    With everything put back together nobody but the erasure ledger knows of it: then every room is told once more.
    """
    found = store.forgotten_and_still_here(unit.scope, unit)
    for person_id, is_stated in found:
        if is_stated:
            _empty(unit, person_id)
            unit.note("person.forget", subject=person_id)
        else:
            forget_person(unit, person_id)
    return len(found)


def _empty(unit: Unit, person_id: str) -> None:
    whole = service_scope(unit.service)
    theirs = store.of_person(whole, unit, person_id)
    once.forget_bodies(unit, [row.referral_id for row in theirs])
    for row in theirs:
        store.forget_told_ids(whole, unit, row.partner_id, row.referral_id)
    store.empty_person(unit, person_id)
    told.forget(unit, person_id)
    clocks.start(unit, DESTROY_KEYS, person_id, unit.now)


def destroy_keys(house: Service) -> int:
    """Destroys the keys of whoever was forgotten and still has them, and clears the files; gives of how many people."""
    with house.reading() as unit:
        due = clocks.due(service_scope(house.name), unit, DESTROY_KEYS)
    for clock in due:
        house.keys.forget(clock.subject)
        with house.writing() as unit:
            clocks.fire(unit, clock)
    if due:
        house.let_go_of([clock.subject for clock in due])
    return len(due)


def rotate_keys(house: Service) -> int:
    """Begins a new epoch of keys when the newest is old enough; gives how many keys moved."""
    return house.keys.rotate_when_older(house.policy.key_epoch_days)
